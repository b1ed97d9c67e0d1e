import { actionButton, ask, problemBox, sendForm } from './api.js';
import { choices, confirmed, field, h, speak } from './dom.js';
import { t } from './texts.js';

const roles = ['pupil', 'staff', 'guest', 'guardian', 'contact'];
const relations = ['mother', 'father', 'carer', 'other'];
const authorities = ['may_sign', 'contact_only', 'none'];
const whys = ['request', 'left', 'mistake'];

const classOptions = async () => {
  const { items } = await ask('GET', '/api/classes');
  return [['', '–'], ...items.map(({ id, name, schoolYear }) => [id, `${name} (${schoolYear}–${schoolYear + 1})`])];
};

/** Adds one person by hand; who has the same name is told. */
export function addPersonCard(load) {
  const box = problemBox();
  const told = h('div', { role: 'status' });
  const name = h('input', { required: true, maxLength: 200, autocomplete: 'off' });
  const role = h(
    'select',
    {},
    choices(
      roles.map((one) => [one, t(`role_${one}`)]),
      'pupil',
    ),
  );
  const number = h('input', { maxLength: 40, autocomplete: 'off' });
  const contact = h('input', { maxLength: 300, autocomplete: 'off' });
  const classes = h('select', {});
  return h(
    'details',
    {
      class: 'card',
      on: {
        async toggle(event) {
          if (event.target.open && classes.options.length === 0)
            classes.replaceChildren(...choices(await classOptions(), ''));
        },
      },
    },
    h('summary', {}, t('addPerson')),
    box.host,
    sendForm(
      box,
      async (form) => {
        const added = await ask('POST', '/api/persons', {
          name: name.value,
          roles: [role.value],
          ...(number.value.trim() ? { schoolNumber: number.value } : {}),
          contacts: contact.value.trim() ? [contact.value] : [],
          classIds: classes.value ? [classes.value] : [],
        });
        form.reset();
        told.replaceChildren(
          h('p', { class: 'notice good' }, h('a', { href: `#/people/${added.id}` }, added.name), ': ', t('saved')),
          added.namesakes.length > 0 &&
            h(
              'p',
              { class: 'notice' },
              t('namesakes'),
              ' ',
              added.namesakes.map((one, at) => [
                at > 0 && ', ',
                h('a', { href: `#/people/${one.id}` }, [one.name, ...one.classes].join(' ')),
              ]),
            ),
        );
        await load();
      },
      { class: 'fields' },
      field(t('nameAndFamily'), name),
      field(t('role'), role),
      field(t('class'), classes),
      field(t('schoolNumber'), number),
      field(t('newAddress'), contact),
      h('button', { type: 'submit', class: 'primary' }, t('addPerson')),
    ),
    told,
  );
}

/** Joins and leaves classes. */
export function classesCard(one, box, load) {
  const select = h('select', { required: true });
  classOptions().then(
    (options) => select.replaceChildren(...choices(options, '')),
    (error) => box.show(error),
  );
  const path = (classId) => `/api/persons/${one.id}/classes/${classId}`;
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('memberOf')),
    one.classes
      .filter(({ until }) => !until)
      .map(({ id, name, schoolYear }) =>
        h(
          'p',
          { class: 'row' },
          `${name} (${schoolYear}–${schoolYear + 1})`,
          actionButton(
            t('leaveClass'),
            box,
            async () => {
              await ask('DELETE', path(id));
              await load();
            },
            { class: 'small' },
          ),
        ),
      ),
    sendForm(
      box,
      async () => {
        await ask('PUT', path(select.value));
        await load();
      },
      { class: 'row' },
      field(t('class'), select),
      h('button', { type: 'submit' }, t('joinClass')),
    ),
  );
}

/** Says who stands for a pupil: somebody who is found by name. */
export function addGuardianForm(one, box, load) {
  const search = h('input', { type: 'search', required: true, maxLength: 200, autocomplete: 'off' });
  const found = h('select', { required: true });
  const relation = h(
    'select',
    {},
    choices(
      relations.map((each) => [each, t(`relation_${each}`)]),
      'mother',
    ),
  );
  const authority = h(
    'select',
    {},
    choices(
      authorities.map((each) => [each, t(`authority_${each}`)]),
      'may_sign',
    ),
  );
  return h(
    'details',
    {},
    h('summary', {}, t('addGuardian')),
    h('p', { class: 'quiet' }, t('addGuardianHint')),
    sendForm(
      box,
      async () => {
        const { items } = await ask('GET', `/api/persons?limit=20&search=${encodeURIComponent(search.value)}`);
        const others = items.filter(({ id }) => id !== one.id);
        found.replaceChildren(
          ...choices(
            others.map(({ id, name, classes }) => [id, [name, ...classes.map((each) => each.name)].join(' ')]),
            '',
          ),
        );
        speak(t('peopleShown', { n: others.length }));
      },
      { class: 'row' },
      field(t('searchName'), search),
      h('button', { type: 'submit' }, t('search')),
    ),
    sendForm(
      box,
      async () => {
        await ask('POST', `/api/persons/${one.id}/guardianships`, {
          guardianId: found.value,
          relation: relation.value,
          authority: authority.value,
        });
        speak(t('saved'));
        await load();
      },
      { class: 'row' },
      field(t('guardian'), found),
      field(t('relation'), relation),
      field(t('authority'), authority),
      h('button', { type: 'submit' }, t('save')),
    ),
  );
}

/** Ends a guardianship with what that rests on. */
export function endGuardianshipForm(path, title, box, load) {
  const why = h('input', { required: true, maxLength: 500, autocomplete: 'off' });
  return sendForm(
    box,
    async () => {
      const sure = { title: t('endGuardianship'), text: t('endGuardianshipText', { title }) };
      if (!(await confirmed({ ...sure, yes: t('endGuardianship'), no: t('cancel') }))) return;
      await ask('PATCH', path, { end: true, why: why.value });
      await load();
    },
    { class: 'row' },
    field(t('endWhy'), why),
    h('button', { type: 'submit', class: 'danger' }, t('endGuardianship')),
  );
}

/** The file about a person, and their erasure: for administrators. */
export function rightsCard(one) {
  const box = problemBox();
  const host = h('div', { role: 'status' });
  const path = `/api/persons/${one.id}`;
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('rightsOfPerson')),
    box.host,
    h(
      'div',
      { class: 'row' },
      actionButton(t('exportPerson'), box, async () => {
        const file = await ask('GET', `${path}/export`);
        const name = `emanet-person-${one.id}.json`;
        const blob = new Blob([`${JSON.stringify(file, null, 2)}\n`], { type: 'application/json' });
        host.replaceChildren(
          h('p', {}, h('a', { class: 'button', download: name, href: URL.createObjectURL(blob) }, name)),
          file.gaps.length > 0 && h('p', { class: 'notice' }, t('exportGaps', { n: file.gaps.length })),
          h('p', { class: 'quiet' }, t('notInFile')),
          h(
            'ul',
            {},
            file.notIncluded.map(({ text }) => h('li', {}, text)),
          ),
        );
        host.querySelector('a').focus();
      }),
      actionButton(
        t('erasePerson'),
        box,
        async () => {
          host.replaceChildren(erasurePart(one, await ask('GET', `${path}/erasure`), box));
        },
        { class: 'danger' },
      ),
    ),
    host,
  );
}

function erasurePart(one, plan, box) {
  const part = (title, lines) =>
    lines.length > 0 && [
      h('h3', {}, t(title)),
      h(
        'ul',
        {},
        lines.map((line) => h('li', {}, line)),
      ),
    ];
  const why = h(
    'select',
    {},
    choices(
      whys.map((each) => [each, t(`eraseWhy_${each}`)]),
      'request',
    ),
  );
  const shown = [
    part(
      'eraseAgainst',
      plan.blockers.map(({ text }) => text),
    ),
    part(
      'eraseGoes',
      plan.goes.filter(({ count }) => count > 0).map(({ count, text }) => `${text}: ${count}`),
    ),
    part(
      'eraseStays',
      plan.stays.filter(({ count }) => count !== 0).map(({ text }) => text),
    ),
    part(
      'eraseLeft',
      plan.left.map(({ id, name }) => h('a', { href: `#/people/${id}` }, name)),
    ),
  ];
  if (plan.blockers.length > 0) return h('div', {}, shown);
  return sendForm(
    box,
    async () => {
      const sure = { title: t('erasePerson'), text: t('eraseText', { name: one.name }) };
      if (!(await confirmed({ ...sure, yes: t('erasePerson'), no: t('cancel') }))) return;
      await ask('POST', `/api/persons/${one.id}/erasure`, { why: why.value, confirm: plan.digest });
      speak(t('personErased'));
      location.hash = '#/people';
    },
    {},
    shown,
    field(t('erasePersonWhy'), why),
    h('button', { type: 'submit', class: 'danger' }, t('erasePerson')),
  );
}
