import { run } from './account.js';
import { actionButton, ask, problemBox, sendForm, toProblem } from './api.js';
import { choices, field, h, speak } from './dom.js';
import { addGuardianForm, addPersonCard, classesCard, endGuardianshipForm, rightsCard } from './one-person.js';
import { dateTime, language, t } from './texts.js';

const relations = ['mother', 'father', 'carer', 'other'];
const authorities = ['may_sign', 'contact_only', 'none'];

/** People, classes, what waits to be decided, and rosters. */
export function peopleView() {
  const box = problemBox();
  const tasks = h('section', {});
  const people = h('section', { class: 'card' });
  const load = async () => {
    await Promise.all([loadTasks(tasks, box, load), listOf(people, box)]);
  };
  const page = h('div', {}, h('h1', {}, t('people')), box.host, tasks, people, addPersonCard(load), importCard(load));
  run(box, load, people);
  return page;
}

async function loadTasks(host, box, load) {
  const { items } = await ask('GET', '/api/tasks');
  host.className = items.length > 0 ? 'card' : '';
  host.replaceChildren(
    ...(items.length === 0
      ? []
      : [
          h('h2', {}, t('peopleTasks', { n: items.length })),
          h(
            'ul',
            { class: 'plain' },
            items.map((task) =>
              h(
                'li',
                { class: 'row' },
                h(
                  'span',
                  {},
                  t(`task_${task.kind}`),
                  ': ',
                  personLink(task.person),
                  task.other && [' – ', personLink(task.other)],
                  ' ',
                  h('small', {}, dateTime(task.createdAt)),
                ),
                actionButton(
                  t('taskDone'),
                  box,
                  async () => {
                    await ask('POST', `/api/tasks/${task.id}/done`);
                    await load();
                  },
                  { class: 'small' },
                ),
              ),
            ),
          ),
        ]),
  );
}

const personLink = ({ id, name }) => h('a', { href: `#/people/${id}` }, name);

async function listOf(host, box) {
  const { items: classes } = await ask('GET', '/api/classes');
  const search = h('input', { type: 'search', maxLength: 200, autocomplete: 'off' });
  const chosen = h(
    'select',
    {},
    choices([['', t('everyClass')], ...classes.map((one) => [one.id, classText(one)])], ''),
  );
  const list = h('div', {});
  const show = async (cursor) => {
    const query = new URLSearchParams({ limit: '50' });
    if (search.value.trim()) query.set('search', search.value.trim());
    if (chosen.value) query.set('classId', chosen.value);
    if (cursor) query.set('cursor', cursor);
    const { items, next } = await ask('GET', `/api/persons?${query}`);
    const rows = items.map(personRow);
    if (!cursor)
      list.replaceChildren(
        items.length > 0 ? h('ul', { class: 'plain people' }, rows) : h('p', { class: 'quiet' }, t('noPeople')),
      );
    else list.querySelector('ul').append(...rows);
    list.querySelector('.more')?.remove();
    if (next) list.append(actionButton(t('showMore'), box, () => show(next), { class: 'more' }));
    speak(t('peopleShown', { n: list.querySelectorAll('li').length }));
  };
  host.replaceChildren(
    sendForm(
      box,
      () => show(),
      { class: 'row' },
      field(t('searchName'), search),
      field(t('class'), chosen),
      h('button', { type: 'submit' }, t('search')),
    ),
    list,
  );
  await show();
}

const classText = ({ name, schoolYear, pupils }) =>
  `${name} (${schoolYear}–${schoolYear + 1}, ${t('pupils', { n: pupils })})`;

function personRow(one) {
  const facts = [
    one.roles.map((role) => t(`role_${role}`)).join(', '),
    one.schoolNumber,
    one.classes.map(({ name }) => name).join(', '),
  ].filter(Boolean);
  return h('li', { class: 'row' }, personLink(one), h('small', {}, facts.join(' · ')));
}

/** One person with addresses, and what guardians may do. */
export function personView(me, id) {
  const box = problemBox();
  const host = h('div', {});
  const told = h('div', {});
  const revoked = (link) => {
    told.replaceChildren(revokedLinks(link));
    speak(t(link.mailed ? 'personLinkRevoked' : 'linkRevokedOnly', { links: link.links }));
  };
  const load = async () => {
    const one = await ask('GET', `/api/persons/${id}`);
    host.replaceChildren(
      h('h1', {}, one.name),
      h('p', {}, h('a', { href: '#/people' }, t('back'))),
      h(
        'section',
        { class: 'card' },
        h('p', { class: 'quiet' }, t('addressesLogged')),
        h(
          'dl',
          {},
          fact(t('role'), one.roles.map((role) => t(`role_${role}`)).join(', ')),
          one.schoolNumber && fact(t('schoolNumber'), one.schoolNumber),
          one.classes.map(({ name, schoolYear, until }) =>
            fact(t('class'), `${name} (${schoolYear}–${schoolYear + 1})${until ? `, ${t('ended')}` : ''}`),
          ),
          one.contacts.map(({ id, kind, value, from, undeliverable }) =>
            fact(
              t(`contact_${kind}`),
              [from ? `${value} (${from.file}, ${from.line})` : value, undeliverable !== null && t('comesBack')]
                .filter(Boolean)
                .join(' – '),
              me.roles.includes('administrator') &&
                removeButton(
                  { name: value, title: t('removeAddress'), text: t('removeAddressText') },
                  box,
                  async () => {
                    const { link } = await ask('PATCH', `/api/persons/${one.id}`, { removeContactId: id });
                    await load();
                    if (link) revoked(link);
                  },
                ),
            ),
          ),
        ),
        me.roles.includes('administrator') && [addressForm(one, box, load), linkButton(one, box, revoked)],
      ),
      classesCard(one, box, load),
      h(
        'section',
        { class: 'card' },
        h('h2', {}, t('guardianships')),
        one.guardianships.map((each) => guardianshipRow(each, me, box, load)),
        one.roles.includes('pupil') && addGuardianForm(one, box, load),
      ),
      me.roles.includes('administrator') && rightsCard(one),
    );
  };
  run(box, load, host);
  return h('div', {}, box.host, told, host);
}

/** Asks first, and then does what cannot be undone. */
function removeButton({ name, title, text }, box, act) {
  return actionButton(
    title,
    box,
    async () => {
      if (await confirmed({ title: `${title}: ${name}`, text, yes: title, no: t('cancel') })) await act();
    },
    { class: 'small', 'aria-label': `${title}: ${name}` },
  );
}

/** The link of somebody is in the wrong hands. */
function linkButton(one, box, revoked) {
  return removeButton({ name: one.name, title: t('revokeLink'), text: t('revokeLinkText') }, box, async () => {
    revoked(await ask('POST', `/api/persons/${one.id}/revoke-link`));
  });
}

/** What became of the links, and which answers somebody should ask about. */
function revokedLinks({ links, mailed, answers }) {
  return h(
    'section',
    { class: 'card', role: 'status' },
    h('p', {}, t(mailed ? 'personLinkRevoked' : 'linkRevokedOnly', { links })),
    answers.length > 0 && [
      h('p', {}, t('answersByLink')),
      h(
        'ul',
        {},
        answers.map(({ subject, course, status, at }) =>
          h('li', {}, `${subject}, ${course}: ${t(`answered_${status}`)}, ${dateTime(at)}`),
        ),
      ),
    ],
  );
}

/** A new address: mail that comes back has somewhere to go again. */
function addressForm(one, box, load) {
  const address = h('input', { required: true, maxlength: '300', autocomplete: 'off' });
  return sendForm(
    box,
    async () => {
      await ask('PATCH', `/api/persons/${one.id}`, { addContact: address.value });
      speak(t('saved'));
      await load();
    },
    { class: 'row' },
    field(t('newAddress'), address),
    h('button', { type: 'submit' }, t('save')),
  );
}

const fact = (name, ...value) => [h('dt', {}, name), h('dd', {}, ...value)];

function guardianshipRow(one, me, box, load) {
  const title = `${one.guardian.name} – ${one.pupil.name}`;
  if (one.until || !me.roles.includes('administrator'))
    return h(
      'p',
      {},
      title,
      ': ',
      one.until ? t('ended') : `${t(`relation_${one.relation}`)}, ${t(`authority_${one.authority}`)}`,
    );
  const relation = h(
    'select',
    {},
    choices(
      relations.map((each) => [each, t(`relation_${each}`)]),
      one.relation,
    ),
  );
  const authority = h(
    'select',
    {},
    choices(
      authorities.map((each) => [each, t(`authority_${each}`)]),
      one.authority,
    ),
  );
  const path = `/api/guardianships/${one.id}`;
  return h(
    'div',
    {},
    h('h3', {}, title),
    sendForm(
      box,
      async () => {
        await ask('PATCH', path, { relation: relation.value, authority: authority.value });
        speak(t('saved'));
        await load();
      },
      { class: 'row' },
      field(t('relation'), relation),
      field(t('authority'), authority),
      h('button', { type: 'submit' }, t('save')),
    ),
    endGuardianshipForm(path, title, box, load),
  );
}

function importCard(load) {
  const box = problemBox();
  const result = h('div', { role: 'status' });
  const file = h('input', { type: 'file', required: true, accept: '.zip,.csv,.txt,.tsv,.xls,.xlsx,.pdf' });
  const send = async (more) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(more)) form.append(name, value);
    form.append('file', file.files[0]);
    const response = await fetch('/api/rosters', {
      method: 'POST',
      headers: { 'Accept-Language': language() },
      body: form,
      cache: 'no-store',
    });
    const text = await response.text();
    if (!response.ok) throw toProblem(response.status, text);
    return JSON.parse(text);
  };
  /** Shows what the server makes of the file, until it is taken in or given up. */
  const show = async (more) => {
    result.replaceChildren(h('p', { class: 'quiet' }, t('reading')));
    try {
      const outcome = await send(more);
      if (outcome.outcome === 'mapping')
        result.replaceChildren(
          mappingForm(box, outcome.table, (mapping) => show({ mapping: JSON.stringify(mapping) })),
        );
      else
        result.replaceChildren(
          reviewPart(box, outcome.review, {
            takeIn: async (accepted) => {
              const { review } = await send({
                ...more,
                confirm: outcome.review.digest,
                accepted: JSON.stringify(accepted),
              });
              result.replaceChildren(h('p', { class: 'notice good' }, t('rosterImported', { n: review.added.length })));
              await load();
            },
            giveUp: () => result.replaceChildren(),
          }),
        );
    } catch (error) {
      result.replaceChildren();
      throw error;
    }
  };
  file.addEventListener('change', () => {
    result.replaceChildren();
    box.clear();
  });
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('importRoster')),
    h('p', { class: 'quiet' }, t('importLead')),
    box.host,
    sendForm(
      box,
      () => show({}),
      { class: 'row' },
      field(t('rosterFile'), file, t('rosterHint')),
      h('button', { type: 'submit', class: 'primary' }, t('lookAtRoster')),
    ),
    result,
  );
}

function mappingForm(box, { headings, suggested, sample, meanings }, choose) {
  const selects = headings.map((heading) =>
    h(
      'select',
      {},
      choices([['', t('notRead')], ...meanings.map(({ meaning, text }) => [meaning, text])], suggested[heading] ?? ''),
    ),
  );
  return sendForm(
    box,
    () => choose(Object.fromEntries(headings.map((heading, at) => [heading, selects[at].value || null]))),
    {},
    h('h3', {}, t('columnsTitle')),
    h('p', { class: 'quiet' }, t('columnsLead')),
    headings.map((heading, at) =>
      field(
        heading,
        selects[at],
        sample
          .map((row) => row[at])
          .filter(Boolean)
          .join(' · '),
      ),
    ),
    h('button', { type: 'submit', class: 'primary' }, t('columnsDone')),
  );
}

function reviewPart(box, review, { takeIn, giveUp }) {
  const answers = review.questions.map(({ code, text }) => {
    const tick = h('input', { type: 'checkbox', required: true });
    return { code, row: h('label', { class: 'tick' }, tick, ' ', text) };
  });
  const part = (title, lines) =>
    lines.length > 0 && [
      h(
        'details',
        { open: lines.length <= 10 },
        h('summary', {}, t(title, { n: lines.length })),
        h(
          'ul',
          {},
          lines.map((line) => h('li', {}, line)),
        ),
      ),
    ];
  const isNothing = review.added.length + review.changes.length + review.ended.length + review.guardianships === 0;
  return sendForm(
    box,
    () => takeIn([...new Set(answers.map(({ code }) => code))]),
    { class: 'review' },
    h('h3', {}, t('reviewTitle', { n: review.persons })),
    isNothing && h('p', {}, t('nothingChanges')),
    part(
      'reviewAdded',
      review.added.map(({ name, classes }) => [name, ...classes].join(' · ')),
    ),
    part(
      'reviewChanged',
      review.changes.map(({ name, field: what, before, after }) =>
        [`${name}: ${t(`field_${what}`)}`, before, after].filter(Boolean).join(' → '),
      ),
    ),
    part(
      'reviewEnded',
      review.ended.map(({ name, className }) => `${name} · ${className}`),
    ),
    part(
      'reviewUndecided',
      review.undecided.map(({ pupil, other }) => `${other} – ${pupil}`),
    ),
    part(
      'reviewUnlisted',
      review.unlisted.map(({ pupil, guardian }) => `${guardian} – ${pupil}`),
    ),
    part(
      'reviewNotices',
      review.notices.map(({ text, from }) => `${from.file}, ${from.line}: ${text}`),
    ),
    review.dropped.length > 0 && h('p', { class: 'quiet' }, t('reviewDropped', { names: review.dropped.join(', ') })),
    answers.length > 0 &&
      h(
        'fieldset',
        {},
        h('legend', {}, t('reviewQuestions')),
        answers.map(({ row }) => row),
      ),
    h(
      'div',
      { class: 'row end' },
      h('button', { type: 'button', on: { click: giveUp } }, t('cancel')),
      h('button', { type: 'submit', class: 'primary' }, t('takeIn')),
    ),
  );
}
