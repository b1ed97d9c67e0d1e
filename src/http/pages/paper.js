import { run } from './account.js';
import { actionButton, ask, Problem, problemBox, problemNotice, toProblem } from './api.js';
import { field, h, progressBar, speak } from './dom.js';
import { dayIn } from './keep.js';
import { day, language, t } from './texts.js';

/** Signed sheets: hands scans in, and lists their pages by what is to be done with them. */
export function paperView({ signal }) {
  const box = problemBox();
  const open = h('div', {});
  const load = async () => {
    const [seen, read] = [await everyPage('seen'), await everyPage('read')];
    const parts = [
      ['paperToAssign', seen.filter(({ sheet }) => sheet === null)],
      ['paperToRead', seen.filter(({ sheet }) => sheet !== null && !read.some((one) => one.sheet.id === sheet.id))],
      ['paperToConfirm', read],
    ].filter(([, pages]) => pages.length > 0);
    open.replaceChildren(
      ...parts.map(([title, pages]) => {
        const sheets = sheetsOf(pages);
        return h(
          'section',
          { class: 'card' },
          h('h2', {}, t(title, { n: sheets.length })),
          h('ul', { class: 'plain' }, sheets.map(sheetItem)),
        );
      }),
    );
    if (parts.length === 0) open.replaceChildren(h('p', { class: 'card empty' }, t('paperNothing')));
  };
  run(box, load, open);
  return h(
    'div',
    {},
    h('h1', {}, t('paper')),
    h('p', { class: 'lead' }, t('paperLead')),
    handInCard(signal, load),
    box.host,
    open,
    donePart(),
  );
}

/** All pages in a state: what waits is worked off, so it is never long. */
async function everyPage(state) {
  const all = [];
  for (let cursor = ''; cursor !== null; ) {
    const { items, next } = await ask(
      'GET',
      `/api/scan-pages?state=${state}&limit=200${cursor && `&cursor=${cursor}`}`,
    );
    all.push(...items);
    cursor = next;
  }
  return all;
}

/** Pages of one sheet stand together, in the order of the sheet. A page without one stands alone. */
function sheetsOf(pages) {
  const sheets = new Map();
  for (const page of pages) {
    const key = page.sheet?.id ?? page.id;
    sheets.set(key, [...(sheets.get(key) ?? []), page]);
  }
  return [...sheets.values()].map((some) => some.toSorted((a, b) => (a.sheet?.page ?? 0) - (b.sheet?.page ?? 0)));
}

function sheetItem(pages) {
  // The signature is at the end.
  const last = pages.at(-1);
  const { sheet } = last;
  const facts = sheet
    ? [
        sheet.courseTitle,
        t('paperFrom', { name: sheet.signer }),
        t('paperPages', { pages: pages.map((page) => page.sheet.page).join(', '), of: sheet.pages }),
        last.readByName && t('paperReadBy', { name: last.readByName }),
        last.note && t('paperNote', { note: last.note }),
      ]
    : [last.foundText, t('paperPlace', { n: last.place }), last.note && t('paperNote', { note: last.note })];
  const name = sheet ? [sheet.subject, sheet.className].filter(Boolean).join(', ') : t('paperUnknown');
  return h(
    'li',
    {},
    h(
      'div',
      { class: 'row spread' },
      h('a', { href: `#/paper/${last.id}` }, h('strong', {}, name)),
      h('span', { class: `badge ${tones[last.state]}` }, last.stateText),
    ),
    h('p', { class: 'quiet' }, [...facts, t('paperCame', { day: day(last.receivedOn) })].filter(Boolean).join(' · ')),
  );
}

export const tones = { seen: 'waits', read: 'waits', confirmed: 'good', rejected: 'bad' };

/** What was decided, fetched when somebody wants to see it. */
function donePart() {
  const box = problemBox();
  const host = h('div', {});
  const show = async (state, cursor) => {
    const { items, next } = await ask('GET', `/api/scan-pages?state=${state}${cursor ? `&cursor=${cursor}` : ''}`);
    if (!cursor)
      host.replaceChildren(items.length > 0 ? h('ul', { class: 'plain' }) : h('p', { class: 'quiet' }, t('paperNone')));
    host.querySelector('ul')?.append(...sheetsOf(items).map(sheetItem));
    host.querySelector('.more')?.remove();
    if (next) host.append(actionButton(t('showMore'), box, () => show(state, next), { class: 'more' }));
  };
  return h(
    'details',
    { class: 'card' },
    h('summary', {}, t('paperDone')),
    h(
      'div',
      { class: 'row' },
      ['confirmed', 'rejected'].map((state) => actionButton(t(`paper_${state}`), box, () => show(state))),
    ),
    box.host,
    host,
  );
}

/** Takes files in, one after the other; what is wrong with one of them stops none of the others. */
function handInCard(signal, afterwards) {
  const received = h('input', { type: 'date', value: dayIn(0), max: dayIn(0), required: true });
  const files = h('input', { type: 'file', multiple: true, accept: '.pdf,.jpg,.jpeg,.png' });
  const list = h('ul', { class: 'plain' });
  const waiting = [];
  let isBusy = false;
  const add = (some) => {
    for (const file of some) {
      const host = h('li', {}, h('strong', {}, file.name), h('p', { class: 'quiet' }, t('paperWaits')));
      list.append(host);
      waiting.push({ file, host, receivedOn: received.value });
    }
    work();
  };
  const work = async () => {
    if (isBusy) return;
    isBusy = true;
    for (let next = waiting.shift(); next && !signal.aborted; next = waiting.shift()) await handIn(next, afterwards);
    isBusy = false;
  };
  files.addEventListener('change', () => {
    add([...files.files]);
    files.value = '';
  });
  const zone = h('div', { class: 'drop' }, field(t('paperFiles'), files, t('paperFilesHint')));
  const mark = (isOver) => zone.classList.toggle('over', isOver);
  const events = {
    dragover: () => mark(true),
    dragleave: () => mark(false),
    drop(event) {
      mark(false);
      add([...event.dataTransfer.files]);
    },
  };
  for (const [name, listener] of Object.entries(events))
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      listener(event);
    });
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('paperHandIn')),
    h('div', { class: 'fields' }, zone, field(t('paperReceived'), received, t('paperReceivedHint'))),
    list,
  );
}

async function handIn({ file, host, receivedOn }, afterwards) {
  const bar = h('div', {});
  const says = h('p', { class: 'quiet' }, t('paperSending'));
  host.replaceChildren(h('strong', {}, file.name), bar, says);
  const show = (share) => {
    bar.replaceChildren(progressBar(file.name, share));
    if (share === null) says.textContent = t('paperLooking');
  };
  show(0);
  try {
    const taken = await sendScan(file, receivedOn, show);
    const text = t('paperTaken', taken);
    host.replaceChildren(
      h('strong', {}, file.name),
      h('p', { class: `notice ${taken.unassigned > 0 ? '' : 'good'}` }, text),
    );
    speak(`${file.name}: ${text}`);
    await afterwards();
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error);
    const problem = error instanceof Problem ? error : new Problem({ title: t('pageFault') });
    host.replaceChildren(h('strong', {}, file.name), h('div', { role: 'alert' }, problemNotice(problem)));
  }
}

/** Tells how much of the file has gone out, and null while the server reads it. */
function sendScan(file, receivedOn, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/scans');
    request.setRequestHeader('Accept-Language', language());
    request.upload.addEventListener('progress', ({ loaded, total }) =>
      progress(loaded < total ? loaded / total : null),
    );
    request.upload.addEventListener('load', () => progress(null));
    request.addEventListener('error', () => reject(new Problem({ title: t('noConnection'), code: 'NO_CONNECTION' })));
    request.addEventListener('load', () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText));
      else reject(toProblem(request.status, request.responseText));
    });
    const form = new FormData();
    form.append('receivedOn', receivedOn);
    form.append('file', file);
    request.send(form);
  });
}
