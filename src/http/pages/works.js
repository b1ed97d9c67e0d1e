import { ask, Problem, problemBox, reasonList, toProblem } from './api.js';
import { choices, field, h, progressBar, speak } from './dom.js';
import { date, language, t, tn } from './texts.js';
import { lengthText } from './uploads.js';

/** The statements of RightsStatements.org that fit what a school registers, and the licences that say more. */
const terms = [
  ['http://rightsstatements.org/vocab/InC/1.0/', 'In Copyright'],
  ['http://rightsstatements.org/vocab/InC-EDU/1.0/', 'In Copyright – Educational Use Permitted'],
  ['http://rightsstatements.org/vocab/InC-NC/1.0/', 'In Copyright – Non-Commercial Use Permitted'],
  ['http://rightsstatements.org/vocab/NoC-OKLR/1.0/', 'No Copyright – Other Known Legal Restrictions'],
  ['http://rightsstatements.org/vocab/CNE/1.0/', 'Copyright Not Evaluated'],
  ['https://creativecommons.org/licenses/by/4.0/', 'CC BY 4.0'],
  ['https://creativecommons.org/licenses/by-sa/4.0/', 'CC BY-SA 4.0'],
  ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0 1.0'],
];
const accepts = 'audio/*,video/*,image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff,.mkv,.ogg,.opus';

/** The registry: whose works are searched for in recordings. */
export function worksView() {
  const box = problemBox();
  const list = h('div', {});
  const load = () =>
    ask('GET', '/api/works').then(({ items }) => {
      box.clear();
      list.replaceChildren(workTable(items));
    }, box.show);
  load();
  return h(
    'div',
    {},
    h('h1', {}, t('works')),
    h('p', { class: 'quiet' }, t('worksAbout')),
    registerForm(load),
    box.host,
    list,
  );
}

function workTable(items) {
  if (items.length === 0) return h('p', { class: 'card empty' }, t('noWorks'));
  return h(
    'ul',
    { class: 'plain' },
    items.map((work) =>
      h(
        'li',
        { class: 'card' },
        h(
          'div',
          { class: 'row spread' },
          h('h3', {}, work.title),
          h('span', { class: 'badge' }, t(`work_${work.kind}`)),
        ),
        h('p', {}, t('holder', { who: work.rightsHolder })),
        h('p', { class: 'quiet' }, factsOf(work).join(' · ')),
      ),
    ),
  );
}

function factsOf(work) {
  const { validFrom, validUntil } = work;
  return [
    work.pages !== null ? tn('pageCount', work.pages) : work.kind !== 'picture' && lengthText(work.durationMs),
    ...Object.entries(work.identifiers).map(([name, value]) => `${name.toUpperCase()} ${value}`),
    work.licence,
    terms.find(([uri]) => uri === work.terms)?.[1] ?? work.terms,
    validFrom && t('validFrom', { date: date(validFrom) }),
    validUntil && t('validUntil', { date: date(validUntil) }),
  ].filter(Boolean);
}

/** One file, several, or a folder: each becomes a work, named as its file when there are several. */
function registerForm(registered) {
  const box = problemBox();
  const files = h('input', { type: 'file', accept: accepts, multiple: true, required: true });
  const folder = h('input', { type: 'file', webkitdirectory: true });
  const title = h('input', { type: 'text', maxLength: 300 });
  const titleField = field(t('workTitle'), title, t('workTitleHint'));
  const inputs = {
    rightsHolder: h('input', { type: 'text', required: true, maxLength: 300 }),
    licence: h('input', { type: 'text', maxLength: 200 }),
    terms: h('select', {}, choices([['', t('termsUnknown')], ...terms], '')),
    isrc: h('input', { type: 'text', maxLength: 20, placeholder: 'TR-A01-21-00001' }),
    iswc: h('input', { type: 'text', maxLength: 20, placeholder: 'T-034.524.680-1' }),
    eidr: h('input', { type: 'text', maxLength: 40, placeholder: '10.5240/7791-8534-2C23-9030-8610-5' }),
    isbn: h('input', { type: 'text', maxLength: 20, placeholder: '978-605-…' }),
    validFrom: h('input', { type: 'date' }),
    validUntil: h('input', { type: 'date' }),
  };
  const lines = h('ul', { class: 'plain', 'aria-live': 'polite' });
  const chosen = () => [...files.files, ...folder.files].filter(({ name }) => !name.startsWith('.'));
  const adapt = () => {
    files.required = folder.files.length === 0;
    titleField.hidden = chosen().length > 1;
  };
  files.addEventListener('change', adapt);
  folder.addEventListener('change', adapt);
  const button = h('button', { type: 'submit', class: 'primary' }, t('registerWork'));
  const form = h(
    'form',
    {
      class: 'fields',
      on: {
        async submit(event) {
          event.preventDefault();
          box.clear();
          button.disabled = true;
          const all = chosen();
          const facts = Object.fromEntries(
            Object.entries(inputs).flatMap(([name, input]) => (input.value.trim() ? [[name, input.value.trim()]] : [])),
          );
          lines.replaceChildren();
          let done = 0;
          for (const file of all) {
            const name = all.length === 1 && title.value.trim() ? title.value.trim() : withoutEnding(file.name);
            if (await registerOne({ title: name, ...facts }, file, lines)) done += 1;
          }
          button.disabled = false;
          speak(tn('registeredWorks', done));
          if (done > 0) await registered();
          if (done === all.length) {
            form.reset();
            adapt();
          }
        },
      },
    },
    field(t('workFiles'), files, t('workFilesHint')),
    field(t('workFolder'), folder),
    titleField,
    field(t('workHolder'), inputs.rightsHolder),
    field(t('licence'), inputs.licence, t('licenceHint')),
    field(t('terms'), inputs.terms),
    h(
      'details',
      {},
      h('summary', {}, t('identifiers')),
      h(
        'div',
        { class: 'fields' },
        ['isrc', 'iswc', 'eidr', 'isbn'].map((name) => field(name.toUpperCase(), inputs[name])),
        field(t('validFromLabel'), inputs.validFrom),
        field(t('validUntilLabel'), inputs.validUntil),
      ),
    ),
    button,
  );
  return h('details', { class: 'card' }, h('summary', {}, t('registerWorks')), form, box.host, lines);
}

const withoutEnding = (name) => name.replace(/\.[^.]+$/, '').slice(0, 300) || name;

/** Sends one file and shows how far it is and how it ends; true when it is registered. */
async function registerOne(facts, file, lines) {
  const bar = progressBar(file.name, 0);
  const says = h('span', { class: 'quiet' }, t('workSending'));
  const line = h('li', { class: 'card' }, h('p', {}, h('strong', {}, facts.title), ' ', says), bar);
  lines.append(line);
  try {
    await send(facts, file, (share) => {
      bar.value = share;
      if (share >= 1) says.textContent = t('workLookedAt');
    });
    says.textContent = t('workRegistered');
    bar.remove();
    return true;
  } catch (error) {
    const problem = error instanceof Problem ? error : new Problem({ title: String(error?.message ?? error) });
    line.replaceChildren(
      h('p', {}, h('strong', {}, facts.title), ' ', problem.title),
      problem.reasons.length > 0 ? reasonList(problem.reasons) : '',
    );
    return false;
  }
}

/** `fetch` does not say how much of a body has gone. */
function send(facts, file, onShare) {
  const body = new FormData();
  for (const [name, value] of Object.entries(facts)) body.set(name, value);
  body.set('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/works');
    request.setRequestHeader('Accept-Language', language());
    request.upload.addEventListener('progress', ({ loaded, total }) => onShare(loaded / total));
    request.addEventListener('error', () => reject(new Problem({ title: t('noConnection'), code: 'NO_CONNECTION' })));
    request.addEventListener('load', () =>
      request.status < 300 ? resolve() : reject(toProblem(request.status, request.responseText)),
    );
    request.send(body);
  });
}
