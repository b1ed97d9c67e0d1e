import { ask, problemBox, reasonList, sendForm } from './api.js';
import { field, h, keepDoing, livePart } from './dom.js';
import { newHoldForm } from './keep.js';
import { announceForm, seatsPart } from './lesson-parts.js';
import { recordingTable } from './recordings.js';
import { dateTime, t, tn } from './texts.js';
import { unfinishedUploads } from './unfinished.js';
import { arrivals, startUpload } from './uploads.js';

const atOnce = 20;
const mayUpload = ({ roles }) => roles.includes('teacher') || roles.includes('administrator');

/** The lessons one may see, each with whether the gate holds and everything that is missing. */
export function lessonsView({ signal, person }) {
  const box = problemBox();
  const list = h('ul', { class: 'plain' });
  const more = h('button', { type: 'button', hidden: true, on: { click: () => showNext() } }, t('showMore'));
  const isOwn = person.roles.every((role) => role === 'teacher' || role === 'auditor');
  let lessons = [];
  let shown = 0;
  const showNext = async () => {
    const next = lessons.slice(shown, shown + atOnce);
    shown += next.length;
    more.hidden = shown >= lessons.length;
    const waiting = next.map((lesson) => lessonItem(lesson));
    list.append(...waiting.map(({ item }) => item));
    // A few at a time: a slow school line and a server of one machine.
    await Promise.all(
      [0, 1, 2].map(async () => {
        for (let one = waiting.shift(); one && !signal.aborted; one = waiting.shift()) await one.askGate();
      }),
    );
  };
  const load = async () => {
    box.clear();
    list.replaceChildren(h('li', { class: 'quiet' }, t('loading')));
    ({ items: lessons } = await ask('GET', '/api/lessons'));
    list.replaceChildren();
    if (lessons.length === 0) list.append(h('li', { class: 'card empty' }, t('noLessons')));
    shown = 0;
    await showNext();
  };
  load().catch(box.show);
  const unfinished = mayUpload(person) && unfinishedUploads(signal);
  return h('div', {}, h('h1', {}, isOwn ? t('myLessons') : t('lessons')), unfinished, box.host, list, more);
}

function lessonItem(lesson) {
  const box = problemBox();
  const gate = h('div', { class: 'gate' }, h('span', { class: 'badge' }, t('asking')));
  const item = h(
    'li',
    { class: 'card lesson' },
    h(
      'div',
      { class: 'grow' },
      h('h2', {}, h('a', { href: `#/lessons/${lesson.id}` }, lesson.title)),
      h('p', { class: 'quiet' }, dateTime(lesson.plannedStart), ' · ', tn('recordingsCount', lesson.recordings)),
      box.host,
    ),
    gate,
  );
  return {
    item,
    async askGate() {
      try {
        const { holds, reasons } = await ask('GET', `/api/lessons/${lesson.id}/gate`);
        gate.replaceChildren(
          holds
            ? h('span', { class: 'badge good' }, t('gateHolds'))
            : h(
                'details',
                {},
                h('summary', {}, h('span', { class: 'badge bad' }, t('gateMissing', { n: reasons.length }))),
                reasonList(reasons),
              ),
        );
      } catch (error) {
        gate.replaceChildren();
        box.show(error);
      }
    },
  };
}

/** One lesson: what is known of it, the gate, the upload and its recordings. */
export function lessonView({ signal, person }, lessonId) {
  const box = problemBox();
  const page = h('div', {}, h('p', { class: 'quiet' }, t('loading')));
  const gatePart = livePart(drawGate, { 'aria-live': 'polite' });
  const recordings = livePart((items) => recordingTable(items, t('noRecordingsLesson')));
  const upload = mayUpload(person) ? uploadForm(lessonId) : null;
  const refresh = async () => {
    try {
      const [gate, { items }] = await Promise.all([
        ask('GET', `/api/lessons/${lessonId}/gate`),
        ask('GET', `/api/recordings?lessonId=${lessonId}`),
      ]);
      box.clear();
      gatePart.show({ ...gate, at: null });
      upload?.allow(gate.holds);
      recordings.show(items);
      return items.some((item) => item.state === 'sealed' || item.check.state === 'running') ? 2_000 : 8_000;
    } catch (error) {
      box.show(error);
      return 8_000;
    }
  };
  for (const event of ['recording', 'refused']) arrivals.addEventListener(event, refresh, { signal });
  const load = async () => {
    const lesson = await ask('GET', `/api/lessons/${lessonId}`);
    const parts = [
      h('h1', {}, lesson.title),
      upload && unfinishedUploads(signal, lessonId),
      h(
        'div',
        { class: 'columns' },
        h('div', {}, h('section', { class: 'card' }, h('h2', {}, t('gateTitle')), gatePart.host), upload?.host ?? null),
        h('section', { class: 'card' }, lessonFacts(lesson)),
      ),
      mayUpload(person) && [announceForm(lesson, person, reload), seatsPart(lesson, refresh)],
      h('section', {}, h('h2', {}, t('recordings')), recordings.host),
      person.roles.includes('administrator') && lessonHold(lessonId),
    ];
    page.replaceChildren(...parts.flat().filter(Boolean));
  };
  const reload = async () => {
    await load();
    await refresh();
  };
  load().then(
    () => keepDoing(signal, refresh),
    (error) => {
      page.replaceChildren();
      box.show(error);
    },
  );
  return h('div', {}, h('p', {}, h('a', { href: '#/lessons' }, '← ', t('lessons'))), box.host, page);
}

/** A hold on everything that was recorded in the lesson; those in force stand on the retention page. */
function lessonHold(lessonId) {
  return h(
    'details',
    { class: 'card' },
    h('summary', {}, t('holdSetLesson')),
    newHoldForm(`/api/lessons/${lessonId}/holds`, () => location.assign('#/retention')),
  );
}

function drawGate({ holds, reasons }) {
  return holds
    ? h('div', { class: 'notice good' }, h('p', {}, t('gateHoldsLong')))
    : h('div', { class: 'notice bad' }, h('p', {}, h('strong', {}, t('gateMissingLong'))), reasonList(reasons));
}

function lessonFacts(lesson) {
  const announced = lesson.announcedAt
    ? t('announcedBy', { by: lesson.announcedBy, when: dateTime(lesson.announcedAt), how: lesson.announcedHow })
    : t('notAnnounced');
  const facts = [
    ...(lesson.isAlone ? [] : [[t('course'), h('a', { href: `#/courses/${lesson.courseId}` }, t('toCourse'))]]),
    [t('lessonKind'), t(`lessonKind_${lesson.kind}`)],
    [t('reason'), lesson.reason],
    [t('when'), `${dateTime(lesson.plannedStart)} – ${dateTime(lesson.plannedEnd)}`],
    [t('channel'), lesson.channelName],
    [t('supervisor'), lesson.supervisorName],
    [t('announcement'), announced],
    [t('sites'), lesson.sites.map((site) => site.name).join(', ') || '–'],
    [t('participants'), lesson.participants.map((person) => person.name).join(', ') || '–'],
  ];
  return h(
    'dl',
    {},
    facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]),
  );
}

function uploadForm(lessonId) {
  const box = problemBox();
  const file = h('input', { type: 'file', accept: 'video/*,audio/*,.mkv,.m4a,.mp4,.webm', required: true });
  const button = h('button', { type: 'submit', class: 'primary' }, t('upload'));
  const blocked = h('p', { class: 'quiet', hidden: true }, t('uploadBlocked'));
  const controls = h('fieldset', { disabled: true }, field(t('chooseFile'), file, t('uploadHint')), box.host, button);
  const form = sendForm(
    box,
    async () => {
      startUpload(lessonId, file.files[0]);
      form.reset();
    },
    {},
    controls,
  );
  return {
    host: h('section', { class: 'card' }, h('h2', {}, t('uploadTitle')), blocked, form),
    allow(holds) {
      controls.disabled = !holds;
      blocked.hidden = holds;
    },
  };
}
