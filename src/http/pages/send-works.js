import { Problem, reasonList, toProblem } from './api.js';
import { h, progressBar } from './dom.js';
import { language, t } from './texts.js';

/** Sends one file and shows how far it is and how it ends. Resolves to `registered`, `known` or `failed`. */
export async function registerOne(facts, file, lines) {
  const { line, bar, says } = addLine(facts.title, file, lines);
  try {
    const text = await send('/api/works', facts, file, {
      onShare(share) {
        bar.value = share;
        if (share >= 1) says.textContent = t('workLookedAt');
      },
    });
    const { known } = JSON.parse(text);
    says.textContent = t(known ? 'workKnown' : 'workRegistered');
    bar.remove();
    return known ? 'known' : 'registered';
  } catch (error) {
    showProblem(line, facts.title, error);
    return 'failed';
  }
}

/** Sends an archive, then shows what became of its files as the server tells it. Resolves to how many of each there are. */
export async function importArchive(facts, file, lines) {
  const { line, bar, says } = addLine(file.name, file, lines);
  const failures = h('ul', { class: 'reasons' });
  line.append(failures);
  const counts = { registered: 0, known: 0, failed: 0 };
  let [files, hasEnded] = [0, false];
  const take = (told) => {
    if (told.kind === 'begun') files = told.files;
    else if (told.kind === 'ended') hasEnded = true;
    else {
      counts[told.kind]++;
      const n = counts.registered + counts.known + counts.failed;
      bar.value = Math.min(1, n / files);
      says.textContent = t('importAt', { n, files, file: told.file });
      if (told.kind === 'failed') failures.append(failure(told.file, told.reasons));
    }
  };
  try {
    await send('/api/works/import', facts, file, {
      onShare(share) {
        bar.value = share < 1 ? share : 0;
        if (share >= 1) says.textContent = t('workLookedAt');
      },
      onLine: (text) => take(JSON.parse(text)),
    });
    if (!hasEnded) throw new Problem({ title: t('importBroken') });
    says.textContent = t('importCounts', counts);
    bar.remove();
  } catch (error) {
    showProblem(line, file.name, error);
    line.append(failures);
    counts.failed++;
  }
  return counts;
}

/** A file that a list names, and that was not chosen. */
export function showMissing(path, lines) {
  lines.append(h('li', { class: 'card' }, h('p', {}, h('strong', {}, path), ' ', t('workListedMissing'))));
}

const failure = (file, reasons) => h('li', {}, `${file}: `, reasons.map((reason) => reason.text).join(' '));

function addLine(name, file, lines) {
  const bar = progressBar(file.name, 0);
  const says = h('span', { class: 'quiet' }, t('workSending'));
  const line = h('li', { class: 'card' }, h('p', {}, h('strong', {}, name), ' ', says), bar);
  lines.append(line);
  return { line, bar, says };
}

function showProblem(line, name, error) {
  const problem = error instanceof Problem ? error : new Problem({ title: String(error?.message ?? error) });
  line.replaceChildren(
    h('p', {}, h('strong', {}, name), ' ', problem.title),
    problem.reasons.length > 0 ? reasonList(problem.reasons) : '',
  );
}

/** `fetch` does not say how much of a body has gone. Lines are handed out as they come. Resolves to the whole answer. */
function send(path, facts, file, { onShare, onLine = null }) {
  const body = new FormData();
  for (const [name, value] of Object.entries(facts)) body.set(name, value);
  body.set('file', file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    let taken = 0;
    const takeLines = () => {
      if (onLine === null || request.status >= 300) return;
      const until = request.responseText.lastIndexOf('\n') + 1;
      const lines = request.responseText.slice(taken, until).split('\n');
      taken = until;
      for (const line of lines.filter(Boolean)) onLine(line);
    };
    request.open('POST', path);
    request.setRequestHeader('Accept-Language', language());
    request.upload.addEventListener('progress', ({ loaded, total }) => onShare(loaded / total));
    request.addEventListener('progress', takeLines);
    const noConnection = () => reject(new Problem({ title: t('noConnection'), code: 'NO_CONNECTION' }));
    for (const event of ['error', 'abort']) request.addEventListener(event, noConnection);
    request.addEventListener('load', () => {
      if (request.status >= 300) return reject(toProblem(request.status, request.responseText));
      takeLines();
      resolve(request.responseText);
    });
    request.send(body);
  });
}
