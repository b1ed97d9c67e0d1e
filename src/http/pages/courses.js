import { run } from './account.js';
import { actionButton, ask, askFile, problemBox, reasonList, sendForm } from './api.js';
import { addPeoplePart, audiences, changePart, group, ticks } from './course-changes.js';
import { choices, confirmed, field, h, speak } from './dom.js';
import { dateTime, day, hasText, language, t, tn } from './texts.js';

const tones = {
  given: 'good',
  pupil_refused: 'bad',
  withdrawn: 'bad',
  conflict: 'bad',
  refused: 'bad',
  invalid: 'bad',
  undeliverable: 'bad',
};
const mayKeep = ({ roles }) => roles.includes('teacher') || roles.includes('administrator');

/** Courses that one may see, and a form to open one. */
export function coursesView({ person }) {
  const box = problemBox();
  const list = h('ul', { class: 'plain' });
  const more = h('div', {});
  const show = async (cursor) => {
    const { items, next } = await ask('GET', `/api/courses?limit=50${cursor ? `&cursor=${cursor}` : ''}`);
    if (!cursor) list.replaceChildren();
    if (!cursor && items.length === 0) list.append(h('li', { class: 'card empty' }, t('noCourses')));
    list.append(...items.map(courseItem));
    more.replaceChildren(...(next ? [actionButton(t('showMore'), box, () => show(next))] : []));
  };
  const form = h('div', {});
  run(
    box,
    async () => {
      await show();
      if (mayKeep(person)) form.replaceChildren(await openForm(person, list.querySelector('h2') === null));
    },
    list,
  );
  return h(
    'div',
    {},
    h('h1', {}, t('courses')),
    h('p', { class: 'lead' }, t('coursesLead')),
    box.host,
    list,
    more,
    form,
  );
}

function courseItem(course) {
  const facts = [course.classes.join(', '), tn('peopleCount', course.participants), tn('lessonsCount', course.lessons)];
  return h(
    'li',
    { class: 'card' },
    h('h2', {}, h('a', { href: `#/courses/${course.id}` }, course.title)),
    h('p', { class: 'quiet' }, facts.filter(Boolean).join(' · ')),
  );
}

async function openForm(person, isFirst) {
  const box = problemBox();
  const [{ items: channels }, { items: classes }, school] = await Promise.all([
    ask('GET', '/api/channels'),
    ask('GET', '/api/classes'),
    ask('GET', '/api/school'),
  ]);
  const text = (value, maxLength, required = true) => h('input', { type: 'text', value, maxLength, required });
  const title = text('', 200);
  const reason = h('textarea', { rows: 2, maxLength: 2000, required: true });
  const supervisor = text(person.name, 200);
  const isThere = ticks(
    ['there'],
    () => t('supervisorThere'),
    () => true,
  );
  const supervisorContact = text('', 300, false);
  const [from, until] = ['', ''].map(() => h('input', { type: 'date', required: true }));
  const channel = h(
    'select',
    { required: true },
    choices(
      channels.filter(({ approved }) => approved).map(({ id, name }) => [id, name]),
      '',
    ),
  );
  const [siteName, siteContact] = [text(school.name, 200), text('', 300)];
  const ofClass = new Map(classes.map((one) => [one.id, `${one.name} (${one.schoolYear}–${one.schoolYear + 1})`]));
  const chosenClasses = ticks(
    classes.map(({ id }) => id),
    (id) => ofClass.get(id),
    () => false,
  );
  const chosenAudiences = ticks(
    audiences,
    (one) => t(`audience_${one}`),
    (one) => one === 'class',
  );
  const send = async () => {
    const made = await ask('POST', '/api/courses', {
      title: title.value,
      reason: reason.value,
      channelId: channel.value,
      supervisorName: supervisor.value,
      from: from.value,
      until: until.value,
      audiences: chosenAudiences.chosen(),
      classIds: chosenClasses.chosen(),
      sites: [{ name: siteName.value, contact: siteContact.value }],
      people: isThere.chosen().map(() => ({
        name: supervisor.value,
        kind: 'teacher',
        isMinor: false,
        ...(supervisorContact.value.trim() ? { contact: supervisorContact.value } : {}),
      })),
    });
    location.hash = `#/courses/${made.id}`;
  };
  return h(
    'details',
    { class: 'card', open: isFirst },
    h('summary', {}, t('openCourse')),
    sendForm(
      box,
      send,
      { class: 'fields' },
      field(t('courseTitle'), title),
      field(t('reason'), reason, t('reasonHint')),
      field(t('supervisor'), supervisor),
      h('div', {}, isThere.labels, field(t('supervisorContact'), supervisorContact, t('supervisorContactHint'))),
      field(t('channel'), channel),
      field(t('firstDay'), from),
      field(t('lastDay'), until),
      group(t('classes'), chosenClasses, t('noClasses')),
      group(t('shownTo'), chosenAudiences),
      field(t('siteName'), siteName),
      field(t('siteContact'), siteContact, t('siteContactHint')),
      box.host,
      h('button', { type: 'submit', class: 'primary' }, t('openCourse')),
    ),
  );
}

/** One course: who is missing and why, what can be done next, and its lessons. */
export function courseView({ person }, id) {
  const box = problemBox();
  const host = h('div', {});
  const load = async () => {
    const course = await ask('GET', `/api/courses/${id}`);
    const people = peoplePart(course, person, load);
    const lessons = lessonsPart(course, person);
    host.replaceChildren(
      h('h1', {}, course.title),
      h('p', { class: 'quiet' }, `${day(course.from)} – ${day(course.until)}`),
      people.host,
      lessons.host,
      h(
        'section',
        { class: 'card no-print' },
        h('h2', {}, t('courseFacts')),
        courseFacts(course),
        mayKeep(person) && changePart(course, load),
      ),
    );
    await Promise.all([people.show(), lessons.show()]);
  };
  run(box, load, host);
  return h('div', {}, h('p', { class: 'no-print' }, h('a', { href: '#/courses' }, '← ', t('courses'))), box.host, host);
}

function courseFacts(course) {
  const facts = [
    [t('reason'), course.reason],
    [t('channel'), course.channelName],
    [t('supervisor'), course.supervisorName],
    [t('askedFor'), course.purposes.map((one) => t(`purpose_${one}`)).join(', ')],
    [t('shownTo'), course.audiences.map((one) => t(`audience_${one}`)).join(', ') || '–'],
    [t('keptUntil'), course.keptUntil === null ? t('byRules') : day(course.keptUntil)],
    [t('classes'), course.classes.map(({ name }) => name).join(', ') || '–'],
    [t('sites'), course.sites.map(({ name }) => name).join(', ') || '–'],
  ];
  return h(
    'dl',
    {},
    facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

function peoplePart(course, person, load) {
  const box = problemBox();
  const path = `/api/courses/${course.id}`;
  const said = h('div', { role: 'status' });
  const counts = h('p', { class: 'row', role: 'group', 'aria-label': t('whoIsMissing') });
  const rows = h('div', {});
  const csv = h('a', { class: 'button small', download: true }, t('downloadCsv'));
  const chosenClass = classChoice(course);
  const chosenState = h('select', {});
  const show = async () => {
    const query = new URLSearchParams();
    if (chosenClass.value) query.set('classId', chosenClass.value);
    if (chosenState.value) query.set('state', chosenState.value);
    csv.href = `${path}/people.csv?${query}`;
    const view = await ask('GET', `${path}/people?${query}`);
    const all = Object.entries(view.counts).filter(([state, n]) => n > 0 || state === chosenState.value);
    counts.replaceChildren(
      ...(all.length > 0
        ? all.map(([state, n]) =>
            h('span', { class: `badge ${tones[state] ?? 'waits'}` }, t(`coursestate_${state}`), ': ', n),
          )
        : [t('nobodyTakesPart')]),
    );
    const selected = chosenState.value;
    chosenState.replaceChildren(
      ...choices(
        [['', t('everyState')], ...all.map(([state, n]) => [state, `${t(`coursestate_${state}`)} (${n})`])],
        selected,
      ),
    );
    rows.replaceChildren(
      h(
        'ul',
        { class: 'plain people' },
        view.rows.map((row) =>
          personRow(row, mayKeep(person) && { remind: remindButton(row), leave: leaveButton(row) }),
        ),
      ),
    );
    speak(t('peopleShown', { n: view.rows.length }));
  };
  const remindButton = (row) =>
    row.next === 'remind' &&
    row.kind === 'participant' &&
    actionButton(
      t('remind'),
      box,
      async () => {
        const { mailed } = await ask('POST', `${path}/reminders`, { participantId: row.id });
        said.replaceChildren(h('p', { class: 'notice' }, t('reminded', { n: mailed })));
        await show();
      },
      { class: 'small', 'aria-label': t('remindAbout', { name: row.name }) },
    );
  const leaveButton = (row) =>
    row.kind === 'participant' &&
    actionButton(
      t('leave'),
      box,
      async () => {
        const sure = { title: t('leaveTitle', { name: row.name }), text: t('leaveText') };
        if (!(await confirmed({ ...sure, yes: t('leave'), no: t('cancel') }))) return;
        await ask('DELETE', `${path}/people/${row.id}`);
        await show();
      },
      { class: 'small', 'aria-label': t('leaveTitle', { name: row.name }) },
    );
  for (const chosen of [chosenClass, chosenState])
    chosen.addEventListener('change', () => {
      box.clear();
      show().catch(box.show);
    });
  const tools = mayKeep(person) && [
    actionButton(
      t('askEverybody'),
      box,
      async () => {
        const asked = await ask('POST', `${path}/requests`, {});
        said.replaceChildren(askedNotice(asked));
        await show();
      },
      { class: 'primary' },
    ),
    actionButton(t('remindEverybody'), box, async () => {
      const { mailed } = await ask('POST', `${path}/reminders`, {});
      said.replaceChildren(h('p', { class: 'notice' }, t('reminded', { n: mailed })));
      await show();
    }),
    csv,
  ];
  const host = h(
    'section',
    { class: 'card' },
    h('h2', {}, t('whoIsMissing')),
    counts,
    h(
      'div',
      { class: 'row no-print' },
      tools,
      h('button', { type: 'button', class: 'small', on: { click: () => print() } }, t('print')),
    ),
    h('div', { class: 'fields no-print' }, field(t('class'), chosenClass), field(t('permission'), chosenState)),
    h('div', { class: 'no-print' }, box.host, said),
    mayKeep(person) && [printPart(course, show), addPeoplePart(course, load)],
    rows,
  );
  return { host, show };
}

/** Sheets to be signed, as one PDF to print. */
function printPart(course, afterwards) {
  const box = problemBox();
  const said = h('div', { role: 'status' });
  const office = h('input', { type: 'text', required: true, maxLength: 200 });
  const chosenClass = classChoice(course);
  const [everybody, again, twoSided] = ['printEverybody', 'printAgain', 'printTwoSided'].map((text) => {
    const control = h('input', { type: 'checkbox' });
    return { control, host: h('label', { class: 'tick' }, control, ' ', t(text)) };
  });
  const send = async () => {
    said.replaceChildren();
    const pdf = await askFile('POST', `/api/courses/${course.id}/sheets`, {
      office: office.value,
      ...(chosenClass.value ? { classId: chosenClass.value } : {}),
      everybody: everybody.control.checked,
      again: again.control.checked,
      twoSided: twoSided.control.checked,
    });
    const href = URL.createObjectURL(pdf);
    h('a', { href, download: 'emanet-sheets.pdf' }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    said.replaceChildren(h('p', { class: 'notice good' }, t('printed')));
    await afterwards();
  };
  return h(
    'details',
    { class: 'no-print' },
    h('summary', {}, t('printSheets')),
    h('p', { class: 'quiet' }, t('printSheetsLead'), ' ', h('a', { href: '#/paper' }, t('paperHandIn'))),
    sendForm(
      box,
      send,
      { class: 'fields' },
      field(t('printOffice'), office, t('printOfficeHint')),
      field(t('printClass'), chosenClass),
      h('div', {}, everybody.host, again.host, twoSided.host),
      box.host,
      h('button', { type: 'submit' }, t('printSheets')),
    ),
    said,
  );
}

const classChoice = ({ classes }) =>
  h('select', {}, choices([['', t('everyClass')], ...classes.map(({ id, name }) => [id, name])], ''));

function askedNotice({ requests, mailed, unreachable }) {
  return h(
    'div',
    { class: 'notice' },
    h('p', {}, t('asked', { requests, mailed })),
    unreachable.length > 0 && [
      h('p', {}, t('unreachable')),
      h(
        'ul',
        {},
        unreachable.map(({ signer, subject }) => h('li', {}, `${signer} – ${subject}`)),
      ),
    ],
  );
}

function personRow(row, tools) {
  const signers = row.signers.map(({ name, hasAddress, reminders, delivery }) =>
    [
      name,
      !hasAddress && t('noAddress'),
      delivery && hasText(`delivery_${delivery}`) && t(`delivery_${delivery}`),
      reminders > 0 && tn('remindersCount', reminders),
    ]
      .filter(Boolean)
      .join(', '),
  );
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'row spread' },
      h('span', {}, h('strong', {}, row.name), row.className && h('span', { class: 'quiet' }, ` ${row.className}`)),
      h('span', { class: `badge ${tones[row.state] ?? 'waits'}` }, row.stateText),
    ),
    h(
      'div',
      { class: 'no-print' },
      signers.length > 0 && h('p', { class: 'quiet' }, t('whoSigns'), ': ', signers.join(' · ')),
      row.reasons.length > 0 && h('details', {}, h('summary', { class: 'quiet' }, t('why')), reasonList(row.reasons)),
      (row.nextText || tools.leave) &&
        h(
          'div',
          { class: 'row spread' },
          h('span', { class: 'row' }, row.nextText && [t('nextStep'), ': ', tools.remind || row.nextText]),
          tools.leave,
        ),
    ),
  );
}

function lessonsPart(course, person) {
  const box = problemBox();
  const list = h('ul', { class: 'plain' });
  const path = `/api/courses/${course.id}/lessons`;
  const show = async () => {
    const { items } = await ask('GET', path);
    list.replaceChildren(
      ...(items.length === 0
        ? [h('li', { class: 'quiet' }, t('noCourseLessons'))]
        : items.map((lesson) =>
            h(
              'li',
              {},
              h('a', { href: `#/lessons/${lesson.id}` }, lesson.title),
              h(
                'span',
                { class: 'quiet' },
                ` ${dateTime(lesson.plannedStart)} · ${tn('recordingsCount', lesson.recordings)}`,
              ),
            ),
          )),
    );
  };
  const start = h('input', { type: 'datetime-local', required: true, lang: language() });
  const minutes = h('input', { type: 'number', min: 1, max: 1440, value: '40', required: true });
  const title = h('input', { type: 'text', maxLength: 200, placeholder: course.title });
  const form = sendForm(
    box,
    async () => {
      const begin = new Date(start.value);
      const end = new Date(begin.getTime() + Number(minutes.value) * 60_000);
      await ask('POST', path, {
        plannedStart: begin.toISOString(),
        plannedEnd: end.toISOString(),
        ...(title.value.trim() ? { title: title.value } : {}),
      });
      form.reset();
      speak(t('lessonAdded'));
      await show();
    },
    { class: 'fields' },
    field(t('lessonStart'), start),
    field(t('lessonMinutes'), minutes),
    field(t('lessonTitle'), title),
    box.host,
    h('button', { type: 'submit' }, t('addLesson')),
  );
  const host = h(
    'section',
    { class: 'card no-print' },
    h('h2', {}, t('courseLessons')),
    list,
    mayKeep(person) &&
      h('details', {}, h('summary', {}, t('addLesson')), h('p', { class: 'quiet' }, t('addLessonHint')), form),
  );
  return { host, show };
}
