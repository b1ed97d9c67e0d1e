import { actionButton, ask, problemBox, sendForm } from './api.js';
import { choices, field, h, speak } from './dom.js';
import { t } from './texts.js';

export const audiences = ['class', 'school', 'sites', 'families'];
const purposes = ['take_part', 'record', 'keep', 'release'];

/** Boxes to tick, and which of their values are ticked. */
export function ticks(values, labelOf, isTicked) {
  const all = values.map((value) => {
    const control = h('input', { type: 'checkbox', value, checked: isTicked(value) });
    return { control, label: h('label', { class: 'tick' }, control, ' ', labelOf(value)) };
  });
  return {
    labels: all.map(({ label }) => label),
    chosen: () => all.filter(({ control }) => control.checked).map(({ control }) => control.value),
  };
}

export const group = (label, { labels }, empty) =>
  h(
    'fieldset',
    { class: 'field' },
    h('legend', {}, h('strong', {}, label)),
    labels.length > 0 ? labels : h('p', { class: 'quiet' }, empty),
  );

/** Changes what is asked for. Where that makes answers void, it shows whose first. */
export function changePart(course, load) {
  const box = problemBox();
  const preview = h('div', { 'aria-live': 'polite' });
  const text = (value, maxLength) => h('input', { type: 'text', value, maxLength, required: true });
  const controls = {
    title: text(course.title, 200),
    reason: h('textarea', { rows: 2, maxLength: 2000, required: true, value: course.reason }),
    supervisorName: text(course.supervisorName, 200),
    from: h('input', { type: 'date', required: true, value: course.from }),
    until: h('input', { type: 'date', required: true, value: course.until }),
  };
  const keptUntil = h('input', { type: 'date', value: course.keptUntil ?? '' });
  const channel = h('select', { required: true }, choices([[course.channelId, course.channelName]], course.channelId));
  const asked = ticks(
    purposes,
    (one) => t(`purpose_${one}`),
    (one) => course.purposes.includes(one),
  );
  const shown = ticks(
    audiences,
    (one) => t(`audience_${one}`),
    (one) => course.audiences.includes(one),
  );
  const [siteName, siteContact] = [200, 300].map((maxLength) => h('input', { type: 'text', maxLength }));
  const texts = ticks(
    ['take'],
    () => t('changeTakeTexts'),
    () => false,
  );
  /** Only what differs: nothing else is anybody's wish. */
  const read = () => {
    const changed = Object.entries(controls).flatMap(([name, { value }]) =>
      value === course[name] ? [] : [[name, value]],
    );
    const isSame = (a, b) => a.toSorted().join() === b.toSorted().join();
    return {
      ...Object.fromEntries(changed),
      ...(channel.value === course.channelId ? {} : { channelId: channel.value }),
      ...(keptUntil.value === (course.keptUntil ?? '') ? {} : { keptUntil: keptUntil.value || null }),
      ...(isSame(asked.chosen(), course.purposes) ? {} : { purposes: asked.chosen() }),
      ...(isSame(shown.chosen(), course.audiences) ? {} : { audiences: shown.chosen() }),
      ...(siteName.value.trim() === '' ? {} : { addSites: [{ name: siteName.value, contact: siteContact.value }] }),
      ...(texts.chosen().length > 0 ? { takeTexts: true } : {}),
    };
  };
  const send = async (change) => {
    preview.replaceChildren();
    const outcome = await ask('PATCH', `/api/courses/${course.id}`, change);
    if (outcome.saved) {
      speak(t('saved'));
      return load();
    }
    preview.replaceChildren(voidsNotice(outcome, box, () => send({ ...change, confirm: outcome.terms })));
    preview.querySelector('button').focus();
  };
  const form = sendForm(
    box,
    () => send(read()),
    { class: 'fields' },
    field(t('courseTitle'), controls.title),
    field(t('reason'), controls.reason, t('reasonHint')),
    field(t('supervisor'), controls.supervisorName),
    field(t('channel'), channel),
    field(t('firstDay'), controls.from),
    field(t('lastDay'), controls.until),
    field(t('keptUntil'), keptUntil, t('changeKeptHint')),
    group(t('askedFor'), asked),
    group(t('shownTo'), shown),
    field(t('changeNewSite'), siteName),
    field(t('siteContact'), siteContact, t('siteContactHint')),
    h('div', {}, texts.labels),
    h('button', { type: 'submit' }, t('changeSave')),
  );
  // What was typed since is not what the preview is about.
  form.addEventListener('input', () => preview.replaceChildren());
  const host = h(
    'details',
    {},
    h('summary', {}, t('changeCourse')),
    h('p', { class: 'quiet' }, t('changeLead')),
    form,
    box.host,
    preview,
  );
  host.addEventListener(
    'toggle',
    () => {
      const approved = async () => {
        const { items } = await ask('GET', '/api/channels');
        const others = items.filter(({ id, approved: is }) => is && id !== course.channelId);
        channel.append(...choices(others.map(({ id, name }) => [id, name])));
      };
      approved().catch(box.show);
    },
    { once: true },
  );
  return host;
}

function voidsNotice({ changes, voids }, box, save) {
  return h(
    'div',
    { class: 'notice bad' },
    h('p', {}, h('strong', {}, t('changeVoids', { n: voids.length }))),
    h('p', {}, t('changeReads', { what: changes.map((one) => t(`terms_${one}`)).join(', ') })),
    h(
      'ul',
      {},
      voids.map(({ subject, signer }) => h('li', {}, subject === signer ? subject : `${subject} – ${signer}`)),
    ),
    actionButton(t('changeSaveAll'), box, save, { class: 'danger' }),
  );
}

/** Whole classes, people whom the school knows, and guests who are typed in. */
export function addPeoplePart(course, load) {
  const box = problemBox();
  const path = `/api/courses/${course.id}/people`;
  const classes = h('div', {});
  const add = async (body) => {
    const { added } = await ask('POST', path, body);
    speak(t('peopleAdded', { n: added }));
    await load();
  };
  const showClasses = async () => {
    const { items } = await ask('GET', '/api/classes');
    const others = items.filter(({ id }) => !course.classes.some((one) => one.id === id));
    const names = new Map(others.map((one) => [one.id, `${one.name} (${one.schoolYear}–${one.schoolYear + 1})`]));
    const chosen = ticks(
      [...names.keys()],
      (id) => names.get(id),
      () => false,
    );
    classes.replaceChildren(
      sendForm(
        box,
        () => add({ classIds: chosen.chosen() }),
        {},
        group(t('classes'), chosen, t('addNoClasses')),
        names.size > 0 && h('button', { type: 'submit' }, t('addClasses')),
      ),
    );
  };
  const host = h(
    'details',
    {},
    h('summary', {}, t('addPeople')),
    h('p', { class: 'quiet' }, t('addPeopleLead')),
    box.host,
    classes,
    knownPart(box, add),
    guestForm(box, add),
  );
  host.addEventListener('toggle', () => showClasses().catch(box.show), { once: true });
  return host;
}

function knownPart(box, add) {
  const search = h('input', { type: 'search', maxLength: 200, required: true, autocomplete: 'off' });
  const found = h('ul', { class: 'plain people' });
  const show = async () => {
    const { items } = await ask('GET', `/api/persons?limit=20&search=${encodeURIComponent(search.value.trim())}`);
    found.replaceChildren(
      ...(items.length === 0
        ? [h('li', { class: 'quiet' }, t('addNobody'))]
        : items.map((one) =>
            h(
              'li',
              { class: 'row' },
              h('span', {}, one.name, ' ', h('small', {}, one.classes.map(({ name }) => name).join(', '))),
              actionButton(t('add'), box, () => add({ personIds: [one.id] }), {
                class: 'small',
                'aria-label': t('addNamed', { name: one.name }),
              }),
            ),
          )),
    );
  };
  return h(
    'div',
    {},
    sendForm(box, show, { class: 'row' }, field(t('addKnown'), search), h('button', { type: 'submit' }, t('search'))),
    found,
  );
}

function guestForm(box, add) {
  const name = h('input', { type: 'text', maxLength: 200, required: true });
  const kind = h(
    'select',
    {},
    choices(
      [
        ['guest', t('role_guest')],
        ['teacher', t('teacher')],
      ],
      'guest',
    ),
  );
  const contact = h('input', { type: 'text', maxLength: 300 });
  return sendForm(
    box,
    () =>
      add({
        people: [
          {
            name: name.value,
            kind: kind.value,
            isMinor: false,
            ...(contact.value.trim() ? { contact: contact.value } : {}),
          },
        ],
      }),
    { class: 'fields' },
    field(t('addGuest'), name),
    field(t('role'), kind),
    field(t('addContact'), contact, t('siteContactHint')),
    h('button', { type: 'submit' }, t('add')),
  );
}
