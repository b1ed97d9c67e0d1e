import { ask, Problem, problemNotice } from './api.js';
import { confirmed, h, keepDoing, livePart, progressBar, speak } from './dom.js';
import { byteSize, dateTime, number, t } from './texts.js';
import { arrivals, isUnderWay, startUpload } from './uploads.js';

/**
 * What one began to upload and did not finish, here or on another machine: each can go on with the same file, or be given
 * up. What this window is sending stands above instead. Of one lesson, or of all. Nothing unfinished: nothing is shown.
 */
export function unfinishedUploads(signal, lessonId = null) {
  const list = livePart((items) => (items.length === 0 ? [] : section(items, lessonId === null, refresh)));
  async function refresh() {
    try {
      const { items } = await ask('GET', '/api/uploads');
      const shown = items.filter((item) => (lessonId === null || item.lessonId === lessonId) && !isUnderWay(item.id));
      list.show(shown.map(({ reasons, ...item }) => ({ ...item, reasons })));
      return shown.some((item) => item.state === 'sealing') ? 2_000 : 8_000;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      return 8_000; // the page around it says what is wrong
    }
  }
  for (const event of ['recording', 'refused', 'changed']) arrivals.addEventListener(event, refresh, { signal });
  keepDoing(signal, refresh);
  return list.host;
}

function section(items, namesLesson, refresh) {
  return h(
    'section',
    {},
    h('h2', {}, t('unfinished')),
    h(
      'ul',
      { class: 'plain' },
      items.map((item) => unfinishedItem(item, namesLesson, refresh)),
    ),
  );
}

function unfinishedItem(item, namesLesson, refresh) {
  const name = item.fileName ?? t('unnamed');
  const result = h('div', { role: 'alert' });
  const show = (problem) => result.replaceChildren(problemNotice(problem));
  const lesson = namesLesson && h('p', {}, h('a', { href: `#/lessons/${item.lessonId}` }, item.lessonTitle));
  return h('li', { class: 'card upload' }, h('strong', {}, name), lesson, ...partsOf(), result);

  function partsOf() {
    if (item.state === 'failed')
      return [problemNotice(new Problem({ title: t('uploadFailed'), reasons: item.reasons })), leave(t('dismiss'))];
    if (item.state === 'sealing')
      return [progressBar(name, item.sealedShare), h('p', { class: 'quiet' }, t('uploadSealing'))];
    const share = item.bytes === 0 ? 0 : item.offset / item.bytes;
    const percent = Math.floor(share * 100);
    const sizes = { percent, done: byteSize(item.offset), total: byteSize(item.bytes) };
    return [
      progressBar(name, share),
      h(
        'p',
        { class: 'quiet numbers' },
        t('uploadPercent', sizes),
        ' · ',
        t('unfinishedUntil', { when: dateTime(item.expiresAt) }),
      ),
      h('div', { class: 'row' }, chooser(), leave(t('uploadGiveUp'), true)),
    ];
  }

  function chooser() {
    const file = h('input', {
      type: 'file',
      class: 'unseen',
      accept: 'video/*,audio/*,.mkv,.m4a,.mp4,.webm',
      'data-focus': `go-on-${item.id}`,
      on: {
        change() {
          const [chosen] = file.files;
          if (!chosen) return;
          const difference = differenceOf(item, chosen);
          if (difference) show(new Problem({ title: difference }));
          else startUpload(item.lessonId, chosen, `/api/uploads/${item.id}`);
          file.value = '';
        },
      },
    });
    return h('label', { class: 'button primary' }, t('unfinishedChoose'), file);
  }

  function leave(label, asks = false) {
    const give = async () => {
      if (asks && !(await confirmed(questionOf(name)))) return;
      try {
        await ask('DELETE', `/api/uploads/${item.id}`);
        speak(t('uploadCancelled'));
        await refresh();
      } catch (error) {
        show(error);
      }
    };
    return h('button', { type: 'button', 'data-focus': `leave-${item.id}`, on: { click: give } }, label);
  }
}

const questionOf = (file) => ({
  title: t('uploadGiveUpAsk', { file }),
  text: t('uploadCancelText'),
  yes: t('uploadGiveUp'),
  no: t('uploadKeep'),
});

/** Why a file is not the one that was begun, in words; null when nothing speaks against it. */
function differenceOf(item, file) {
  if (file.size !== item.bytes)
    return t('otherSize', { file: file.name, bytes: number(file.size), begun: number(item.bytes) });
  if (item.fileModifiedAt !== null)
    return file.lastModified === Date.parse(item.fileModifiedAt)
      ? null
      : t('otherTime', { file: file.name, begun: dateTime(item.fileModifiedAt) });
  if (item.fileName !== null && file.name.normalize() !== item.fileName.normalize())
    return t('otherName', { file: file.name, begun: item.fileName });
  return null;
}
