import { ask, problemBox } from './api.js';
import { choices, field, h, speak } from './dom.js';
import { importArchive, registerOne, showMissing } from './send-works.js';
import { t, tn } from './texts.js';
import { isWorkList, leaveOut, readLists, titleOf } from './work-files.js';
import { terms } from './work-terms.js';

const accepts = [
  'audio/*,video/*,image/jpeg,image/png,image/webp,image/gif,image/bmp,image/tiff,application/pdf,application/zip',
  '.mkv,.ogg,.opus,.pdf,.zip,.csv',
].join();
const isArchive = ({ name }) => /\.zip$/i.test(name);

/**
 * One file, several, a folder, or archives: each file becomes a work, named as works.csv says, or as its file when there are
 * several. What fails is named with its reason; the rest is registered.
 */
export function registerForm(registered) {
  const box = problemBox();
  const files = h('input', { type: 'file', accept: accepts, multiple: true, required: true });
  const folder = h('input', { type: 'file', webkitdirectory: true });
  const title = h('input', { type: 'text', maxLength: 300 });
  const titleField = field(t('workTitle'), title, t('workTitleHint'));
  const inputs = factInputs();
  const lines = h('ul', { class: 'plain', 'aria-live': 'polite' });
  const chosen = () => leaveOut([...files.files, ...folder.files]);
  const adapt = () => {
    const all = chosen();
    files.required = folder.files.length === 0;
    titleField.hidden = all.length > 1 || all.some(isArchive);
    inputs.rightsHolder.required = !all.some((file) => isArchive(file) || isWorkList(file));
  };
  files.addEventListener('change', adapt);
  folder.addEventListener('change', adapt);
  const button = h('button', { type: 'submit', class: 'primary' }, t('registerWork'));
  const submit = async (event) => {
    event.preventDefault();
    box.clear();
    button.disabled = true;
    lines.replaceChildren();
    try {
      const own = title.value.trim();
      const counts = await registerAll(chosen(), own, factsOf(inputs), lines);
      speak(tn('registeredWorks', counts.registered));
      if (counts.registered + counts.known > 0) await registered();
      if (counts.failed === 0) {
        form.reset();
        adapt();
      }
    } catch (error) {
      box.show(error);
    } finally {
      button.disabled = false;
    }
  };
  const form = h(
    'form',
    { class: 'fields', on: { submit } },
    field(t('workFiles'), files, t('workFilesHint')),
    field(t('workFolder'), folder, t('workListHint')),
    titleField,
    field(t('workHolder'), inputs.rightsHolder),
    field(t('licence'), inputs.licence, t('licenceHint')),
    field(t('terms'), inputs.terms),
    moreFields(inputs),
    button,
  );
  const card = h('details', { class: 'card' }, h('summary', {}, t('registerWorks')), form, box.host, lines);
  takeDropped(card, files, adapt);
  return card;
}

function factInputs() {
  return {
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
}

const moreFields = (inputs) =>
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
  );

const factsOf = (inputs) =>
  Object.fromEntries(
    Object.entries(inputs).flatMap(([name, input]) => (input.value.trim() ? [[name, input.value.trim()]] : [])),
  );

/** Files that are dropped anywhere on the card are chosen. A folder that is dropped is no file: the browser leaves it out. */
function takeDropped(card, files, adapt) {
  card.addEventListener('dragover', (event) => event.preventDefault());
  card.addEventListener('drop', (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length === 0) return;
    card.open = true;
    files.files = event.dataTransfer.files;
    adapt();
  });
}

/** Resolves to how many became works, were works already, and failed. @throws Problem for a list that cannot be read. */
async function registerAll(chosen, ownTitle, facts, lines) {
  const counts = { registered: 0, known: 0, failed: 0 };
  const lists = await readLists(chosen.filter(isWorkList), (text) => ask('POST', '/api/works/list', { text }));
  const files = chosen.filter((file) => !isWorkList(file));
  for (const file of files) {
    if (isArchive(file)) {
      const added = await importArchive(facts, file, lines);
      for (const kind of Object.keys(counts)) counts[kind] += added[kind];
      continue;
    }
    const title = (files.length === 1 && ownTitle) || titleOf(file);
    const said = { title, ...facts, ...lists.factsOf(file) };
    counts[said.rightsHolder ? await registerOne(said, file, lines) : refuse(said, lines)]++;
  }
  for (const path of lists.missing()) {
    showMissing(path, lines);
    counts.failed++;
  }
  if (files.length > 1 || files.some(isArchive)) lines.prepend(h('li', {}, h('strong', {}, t('importCounts', counts))));
  return counts;
}

function refuse({ title }, lines) {
  lines.append(h('li', { class: 'card' }, h('p', {}, h('strong', {}, title), ' ', t('workHolderMissing'))));
  return 'failed';
}
