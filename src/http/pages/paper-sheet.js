import { run } from './account.js';
import { actionButton, ask, problemBox, sendForm } from './api.js';
import { choices, field, h, speak } from './dom.js';
import { tones } from './paper.js';
import { dateTime, day, t } from './texts.js';

/** What the sheet before has to say when the next one is shown. */
let said = null;

/** One sheet: the pictures of its pages, and beside them what is to be done with it. */
export function paperSheetView({ person }, id) {
  const box = problemBox();
  const host = h('div', {});
  const load = async () => {
    const page = await ask('GET', `/api/scan-pages/${id}`);
    const { sheet } = page;
    const items = sheet === null ? [page] : (await ask('GET', `/api/scan-pages?sheetId=${sheet.id}&limit=200`)).items;
    const pages = items
      .filter((one) => one.id === id || one.state !== 'rejected')
      .toSorted((a, b) => (a.sheet?.page ?? 0) - (b.sheet?.page ?? 0));
    host.replaceChildren(
      ...[
        h('h1', {}, sheet ? sheet.subject : t('paperUnknown')),
        sheetFacts(page),
        said && h('p', { class: 'notice good' }, said),
        h('div', { class: 'reading' }, pictures(pages), h('div', {}, partFor(page, pages, { person, load }))),
      ].filter(Boolean),
    );
    said = null;
  };
  run(box, load, host);
  return h('div', {}, h('p', {}, h('a', { href: '#/paper' }, '← ', t('paper'))), box.host, host);
}

function sheetFacts({ sheet, foundText, state, stateText, receivedOn }) {
  const facts = sheet
    ? [sheet.className, sheet.courseTitle, t('paperFrom', { name: sheet.signer })]
    : [foundText, t('paperCame', { day: day(receivedOn) })];
  return h(
    'p',
    { class: 'row' },
    h('span', { class: `badge ${tones[state]}` }, stateText),
    h('span', { class: 'quiet' }, facts.filter(Boolean).join(' · ')),
  );
}

function pictures(pages) {
  const host = h(
    'div',
    { class: 'pictures', role: 'group', tabIndex: 0, 'aria-label': t('paperPictures') },
    pages.map(({ id, sheet, place }) =>
      h('img', {
        src: `/api/scan-pages/${id}/picture`,
        alt: sheet
          ? t('paperPictureOf', { page: sheet.page, name: sheet.subject })
          : t('paperPictureAlone', { n: place }),
      }),
    ),
  );
  const larger = h(
    'button',
    {
      type: 'button',
      class: 'small',
      'aria-pressed': 'false',
      on: {
        click: () => larger.setAttribute('aria-pressed', String(host.classList.toggle('larger'))),
      },
    },
    t('paperLarger'),
  );
  return h(
    'section',
    { class: 'card' },
    h('div', { class: 'row spread' }, h('span', { class: 'quiet' }, t('paperShownLogged')), larger),
    host,
  );
}

/** What this person can do with it now. */
function partFor(page, pages, { person, load }) {
  const { state, sheet, readById, note, permissionId } = page;
  if (state === 'confirmed')
    return [h('p', { class: 'notice good' }, t(permissionId ? 'paperIsAnswer' : 'paperBelongs')), answerCard(page)];
  if (state === 'rejected') return [h('p', { class: 'notice bad' }, t('paperIsRejected', { note }))];
  if (sheet === null) return [assignCard(page, load), rejectCard([page], load)];
  const typed = pages.find((one) => one.state === 'read');
  if (typed && typed.id !== page.id)
    return [
      h(
        'p',
        { class: 'notice' },
        t('paperReadElsewhere'),
        ' ',
        h('a', { href: `#/paper/${typed.id}` }, t('paperToIt')),
      ),
    ];
  if (state === 'seen')
    return [
      h('section', { class: 'card' }, h('h2', {}, t('paperReadTitle')), readForm(page, pages)),
      rejectCard(pages, load),
    ];
  const isOwn = readById === person.id;
  const again = h('details', { class: 'card' }, h('summary', {}, t('paperReadAgain')), readForm(page, [page]));
  return [
    isOwn && h('p', { class: 'notice' }, h('strong', {}, t('paperOwn')), ' ', t('paperOwnWhy')),
    answerCard(page, !isOwn && confirmPart(page, load)),
    again,
    !isOwn && rejectCard([page], load),
  ];
}

/** Whose page it is, by the letters below the code. */
function assignCard({ id }, load) {
  const box = problemBox();
  const code = h('input', { type: 'text', required: true, maxLength: 60, autocomplete: 'off', spellcheck: false });
  const number = h('input', { type: 'number', min: 1, value: '1', required: true });
  const send = async () => {
    await ask('PUT', `/api/scan-pages/${id}/sheet`, { code: code.value, page: Number(number.value) });
    speak(t('paperAssigned'));
    await load();
  };
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('paperAssign')),
    h('p', { class: 'quiet' }, t('paperAssignLead')),
    sendForm(
      box,
      send,
      {},
      field(t('paperCode'), code, t('paperCodeHint')),
      field(t('paperPageNumber'), number),
      box.host,
      h('button', { type: 'submit', class: 'primary' }, t('paperAssign')),
    ),
  );
}

/** What is ticked and written, typed by the page with the signature. */
function readForm(page, pages) {
  const box = problemBox();
  const { sheet, questions, reading: before } = page;
  const signed = pageChoice(pages);
  const asked = questions.map(({ text }, at) => answerField(text, sheet.language, before?.answers[at]));
  const tick = (label, isTicked) => {
    const control = h('input', { type: 'checkbox', checked: isTicked === true });
    return { control, host: h('label', { class: 'tick' }, control, ' ', label) };
  };
  const noted = tick(t('paperNoted'), before?.isNoted);
  const consented = tick(t('paperConsented'), before?.isConsented);
  const isSigned = tick(t('paperSigned'), before?.isSigned);
  const same = tick(t('paperSameName', { name: sheet.signer }), before?.acceptsName);
  same.host.hidden = before?.acceptsName !== true;
  const early = tick(t('paperBeforeLesson'), before?.wasBeforeLesson);
  const name = h('input', { type: 'text', maxLength: 200, autocomplete: 'off', value: before?.name ?? '' });
  const written = h('input', { type: 'date', value: before?.writtenDate ?? '' });
  const received = h('input', { type: 'date', required: true, value: before?.receivedOn ?? page.receivedOn });
  const send = async () => {
    try {
      const { id } = await ask('PUT', `/api/scan-pages/${signed.value}/reading`, {
        answers: asked.map(({ value }) => value()),
        isNoted: noted.control.checked,
        isConsented: consented.control.checked,
        isSigned: isSigned.control.checked,
        name: name.value,
        acceptsName: !same.host.hidden && same.control.checked,
        writtenDate: written.value || null,
        receivedOn: received.value,
        wasBeforeLesson: early.control.checked,
      });
      said = t('paperReadSaved');
      speak(said);
      await goOn(id);
    } catch (error) {
      if (error.reasons?.some(({ code }) => code === 'PAPER_NAME_DIFFERS')) same.host.hidden = false;
      throw error;
    }
  };
  return sendForm(
    box,
    send,
    {},
    h('p', { class: 'quiet' }, t('paperReadLead')),
    pages.length > 1 && field(t('paperSignedPage'), signed),
    noted.host,
    consented.host,
    asked.map(({ host }) => host),
    isSigned.host,
    field(t('paperName'), name, t('paperNameHint', { name: sheet.signer })),
    same.host,
    field(t('paperWritten'), written),
    field(t('paperReceived'), received),
    early.host,
    box.host,
    h('button', { type: 'submit', class: 'primary' }, t('paperSaveReading')),
  );
}

/** One of the pages; the last one, which bears the signature, unless another is chosen. */
const pageChoice = (pages) =>
  h(
    'select',
    {},
    choices(
      pages.map(({ id, sheet }) => [id, sheet === null ? '' : t('paperPageOf', { n: sheet.page, of: sheet.pages })]),
      pages.at(-1).id,
    ),
  );

const answers = ['yes', 'no', 'none'];

function answerField(text, language, before) {
  const name = `answer-${crypto.randomUUID()}`;
  const controls = answers.map((value) =>
    h('input', { type: 'radio', name, value, required: true, checked: value === before }),
  );
  const host = h(
    'fieldset',
    { class: 'field' },
    h('legend', { lang: language }, h('strong', {}, text)),
    h(
      'div',
      { class: 'row' },
      controls.map((control) => h('label', { class: 'one' }, control, t(`paperAnswer_${control.value}`))),
    ),
  );
  return { host, value: () => controls.find(({ checked }) => checked)?.value };
}

/** The next sheet that this person can read; or this one again, as it is now. */
async function goOn(id) {
  const { items } = await ask('GET', '/api/scan-pages?state=seen&limit=200');
  const { items: read } = await ask('GET', '/api/scan-pages?state=read&limit=200');
  const isTyped = new Set(read.map(({ sheet }) => sheet.id));
  const next = items.find(({ sheet }) => sheet !== null && !isTyped.has(sheet.id));
  const to = `#/paper/${next?.id ?? id}`;
  if (location.hash === to) dispatchEvent(new HashChangeEvent('hashchange'));
  else location.hash = to;
}

/** What somebody typed, to be compared with the picture. */
function answerCard({ questions, reading, readByName, readAt, sheet }, more) {
  if (reading === null) return null;
  const yesNo = (is) => t(is ? 'paperAnswer_yes' : 'paperAnswer_no');
  const facts = [
    [t('paperNoted'), yesNo(reading.isNoted)],
    [t('paperConsented'), yesNo(reading.isConsented)],
    ...questions.map(({ text }, at) => [
      h('span', { lang: sheet.language }, text),
      t(`paperAnswer_${reading.answers[at]}`),
    ]),
    [t('paperSigned'), yesNo(reading.isSigned)],
    [t('paperName'), reading.name || '–'],
    reading.acceptsName && [t('paperSameName', { name: sheet.signer }), yesNo(true)],
    [t('paperWritten'), reading.writtenDate === null ? '–' : day(reading.writtenDate)],
    [t('paperReceived'), day(reading.receivedOn)],
    [t('paperBeforeLesson'), yesNo(reading.wasBeforeLesson)],
  ].filter(Boolean);
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('paperTyped')),
    h('p', { class: 'quiet' }, `${readByName ?? ''}, ${dateTime(readAt)}`),
    h(
      'dl',
      { class: 'answers' },
      facts.map(([name, value]) => [h('dt', {}, name), h('dd', {}, h('strong', {}, value))]),
    ),
    more,
  );
}

function confirmPart({ id, readAt }, load) {
  const box = problemBox();
  const confirm = async () => {
    await ask('POST', `/api/scan-pages/${id}/confirm`, { readAt });
    speak(t('paperIsAnswer'));
    await load();
  };
  return [
    h('p', {}, t('paperConfirmLead')),
    box.host,
    actionButton(t('paperConfirm'), box, confirm, { class: 'primary' }),
  ];
}

/** Puts one page aside; of several, the one that is chosen. */
function rejectCard(pages, load) {
  const box = problemBox();
  const chosen = pageChoice(pages);
  const note = h('input', { type: 'text', required: true, maxLength: 1000 });
  const send = async () => {
    await ask('POST', `/api/scan-pages/${chosen.value}/reject`, { note: note.value });
    await load();
  };
  return h(
    'details',
    { class: 'card' },
    h('summary', {}, t('paperReject')),
    h('p', { class: 'quiet' }, t('paperRejectLead')),
    sendForm(
      box,
      send,
      {},
      pages.length > 1 && field(t('paperPageNumber'), chosen),
      field(t('why'), note),
      box.host,
      h('button', { type: 'submit', class: 'danger' }, t('paperReject')),
    ),
  );
}
