import { actionButton, ask, problemBox, reasonList } from './api.js';
import { choices, clock, confirmed, field, h, keepDoing, livePart, progressBar, speak } from './dom.js';
import { keepParts } from './keep.js';
import { mediaPlayer } from './player.js';
import { regionLayer } from './region.js';
import { releaseParts } from './release.js';
import { damageNotice } from './retention.js';
import { declareForm, rejectForm, segmentCard } from './review.js';
import { byteSize, dateTime, hasText, t, tn } from './texts.js';
import { lengthText } from './uploads.js';

const states = [
  'sealed',
  'in_review',
  'cleared',
  'approved',
  'released',
  'quarantined',
  'rejected',
  'expired',
  'erased',
];

/** Recordings one may see, newest first. */
export function recordingsView({ signal, person }) {
  const box = problemBox();
  const filter = h(
    'select',
    { on: { change: () => refresh() } },
    choices([['', t('anyState')], ...states.map((state) => [state, t(`state_${state}`)])], ''),
  );
  const table = livePart(({ items, state }) =>
    recordingTable(items, state ? t('noRecordingsSuch') : t('noRecordings')),
  );
  const refresh = async () => {
    const state = filter.value;
    try {
      const { items } = await ask('GET', `/api/recordings${state ? `?state=${state}` : ''}`);
      if (state !== filter.value) return 0;
      box.clear();
      table.show({ items, state });
      return items.some((item) => item.state === 'sealed' || item.check.state === 'running') ? 2_000 : 8_000;
    } catch (error) {
      box.show(error);
      return 8_000;
    }
  };
  keepDoing(signal, refresh);
  return h(
    'div',
    {},
    h('div', { class: 'row spread' }, h('h1', {}, t('recordings')), field(t('state'), filter)),
    box.host,
    person.roles.includes('administrator') && damageNotice(box),
    table.host,
  );
}

export function recordingTable(items, emptyText) {
  if (items.length === 0) return h('p', { class: 'card empty' }, emptyText);
  return h(
    'ul',
    { class: 'plain' },
    items.map((item) =>
      h(
        'li',
        { class: 'card lesson' },
        h(
          'div',
          { class: 'grow' },
          h('h3', {}, h('a', { href: `#/recordings/${item.id}`, 'data-focus': item.id }, item.lessonTitle)),
          h(
            'p',
            { class: 'quiet' },
            [
              item.fileName ?? t('unnamed'),
              lengthText(item.durationMs),
              byteSize(item.bytes),
              dateTime(item.createdAt),
            ].join(' · '),
          ),
          checkProgress(item),
        ),
        h(
          'div',
          { class: 'gate' },
          stateBadge(item.state),
          item.state === 'in_review' &&
            item.openSegments > 0 &&
            h('p', { class: 'quiet' }, tn('openSegments', item.openSegments)),
        ),
      ),
    ),
  );
}

const tones = {
  released: 'good',
  approved: 'good',
  quarantined: 'bad',
  rejected: 'bad',
  in_review: 'waits',
  cleared: 'waits',
};
const stateBadge = (state) => h('span', { class: `badge ${tones[state] ?? ''}` }, t(`state_${state}`));

function checkProgress({ check, durationMs, state }) {
  if (check.state === 'done' || ['rejected', 'expired', 'erased'].includes(state)) return null;
  const isKnown = check.state === 'running' && check.doneMs !== null && durationMs > 0;
  const says = isKnown
    ? t('check_running', { done: clock(check.doneMs), total: clock(durationMs) })
    : check.state === 'running'
      ? t('check_runningPlain')
      : t(`check_${check.state}`);
  return h(
    'div',
    { class: 'progress' },
    h('span', {}, `${t('checkTitle')}: ${says}`),
    check.state === 'running' && progressBar(t('checkTitle'), isKnown ? check.doneMs / durationMs : null),
    check.error && h('p', { class: 'notice bad' }, check.error),
  );
}

/** One recording: where it stands, and whatever the person's roles let them do with it. It refreshes itself. */
export function recordingView({ signal, person }, recordingId) {
  const box = problemBox();
  const has = (role) => person.roles.includes(role);
  const title = h('h1', {}, t('loading'));
  const parts = [];
  const part = (pickShown, draw, props) => {
    const live = livePart(draw, props);
    parts.push((recording) => live.show(pickShown(recording)));
    return live.host;
  };
  let seen = null;
  const show = (recording) => {
    title.textContent = recording.lessonTitle;
    for (const one of parts) one(recording);
    if (seen && seen !== recording.state) speak(`${t(`state_${recording.state}`)}. ${t(`say_${recording.state}`)}`);
    seen = recording.state;
    return recording;
  };
  const context = {
    person,
    has,
    recordingId,
    show,
    box,
    signal,
    refresh: async () => show(await ask('GET', `/api/recordings/${recordingId}`)),
  };

  const status = part(
    ({ segments, rendition, release, fate, erasure, reSeal, ...rest }) => ({
      ...rest,
      rendition,
      open: segments.length,
    }),
    (recording) => statusCard(recording, context),
  );
  const player = has('reviewer') ? originalPlayer(context, part) : null;
  const segments = part(
    ({ segments: all, state, check, uploaderId }) => ({ all, state, check, uploaderId }),
    (shown) => segmentsCard(shown, context, player),
  );
  const release = has('administrator') || has('teacher') || has('reviewer') ? releaseParts(context, part) : [];
  const others = [
    (has('teacher') || has('reviewer')) && declareForm(context, part),
    (has('reviewer') || has('administrator')) && rejectForm(context, part),
  ];
  const keep = keepParts(context, part);
  const tick = async () => {
    try {
      const recording = await context.refresh();
      box.clear();
      const isBusy =
        recording.state === 'sealed' ||
        ['waiting', 'running'].includes(recording.check.state) ||
        recording.rendition?.state === 'making' ||
        ['waiting', 'running'].includes(recording.reSeal?.state) ||
        recording.erasure?.state === 'removing';
      return isBusy ? 1_500 : 6_000;
    } catch (error) {
      if (error.status === 404) title.textContent = t('recordings');
      box.show(error);
      return error.status === 404 ? null : 6_000;
    }
  };
  keepDoing(signal, tick);
  return h(
    'div',
    {},
    h('p', {}, h('a', { href: '#/recordings' }, '← ', t('recordings'))),
    title,
    box.host,
    status,
    player?.host,
    segments,
    release,
    others,
    keep,
  );
}

function statusCard(recording, context) {
  const { state, stateCodes, stateNote, check, durationMs, rendition, warnings } = recording;
  const box = problemBox();
  // What the gate says of a quarantine is told by `quarantineNote`, as it is now. A person's words stand in quotes.
  const why = [
    ...stateCodes.filter((code) => hasText(`why_${code}`)).map((code) => t(`why_${code}`)),
    ...(stateNote === null ? [] : [`“${stateNote}”`]),
  ].join(' ');
  const mayCheck =
    (context.has('reviewer') || context.has('administrator')) &&
    ['done', 'failed'].includes(check.state) &&
    ['sealed', 'in_review', 'cleared', 'approved', 'released'].includes(state);
  return h(
    'section',
    { class: 'card' },
    h('div', { class: 'row' }, stateBadge(state), h('span', {}, t(`say_${state}`))),
    why && h('p', {}, h('strong', {}, `${t('why')}: `), why),
    state === 'quarantined' && quarantineNote(recording, context),
    h(
      'dl',
      { class: 'facts' },
      h('dt', {}, t('uploaded')),
      h(
        'dd',
        {},
        `${recording.fileName ?? t('unnamed')} · ${byteSize(recording.bytes)} · ${lengthText(durationMs)} · ${dateTime(recording.createdAt)}`,
      ),
      h('dt', {}, t('checkTitle')),
      h(
        'dd',
        {},
        check.state === 'done' ? t('check_done') : checkProgress(recording),
        ' ',
        mayCheck &&
          actionButton(
            t('checkAgain'),
            box,
            async () => context.show(await ask('POST', `/api/recordings/${recording.id}/check`)),
            { class: 'small', 'data-focus': 'check-again' },
          ),
      ),
      h('dt', {}, t('renditionTitle')),
      h('dd', {}, renditionProgress(rendition, durationMs)),
      warnings.length > 0 && [
        h('dt', {}, t('warnings')),
        h(
          'dd',
          {},
          h(
            'ul',
            {},
            warnings.map(({ code, detail }) =>
              h('li', {}, `${hasText(`warn_${code}`) ? t(`warn_${code}`) : code} (${detail})`),
            ),
          ),
        ),
      ],
    ),
    box.host,
  );
}

function renditionProgress(rendition, durationMs) {
  if (!rendition) return t('renditionNone');
  if (rendition.state === 'ready') return t('rendition_ready');
  if (rendition.state === 'failed')
    return h('p', { class: 'notice bad' }, `${t('rendition_failed')}: ${rendition.error ?? ''}`);
  const share = rendition.doneMs !== null && durationMs > 0 ? rendition.doneMs / durationMs : null;
  return h(
    'div',
    { class: 'progress' },
    h('span', {}, t('rendition_making', { done: clock(rendition.doneMs ?? 0), total: lengthText(durationMs) })),
    progressBar(t('renditionTitle'), share),
  );
}

/** Why a recording is quarantined, as the gate words it now, and the way out of it. */
function quarantineNote({ id, lessonId }, context) {
  const box = problemBox();
  const host = h('div', {}, t('asking'));
  ask('GET', `/api/lessons/${lessonId}/gate`).then(
    ({ holds, reasons }) => {
      if (!holds) return host.replaceChildren(h('div', { class: 'notice bad' }, reasonList(reasons)));
      const lift = actionButton(t('liftQuarantine'), box, async () => {
        if (await confirmed({ title: t('liftAsk'), text: t('liftText'), yes: t('liftQuarantine'), no: t('cancel') }))
          context.show(await ask('POST', `/api/recordings/${id}/lift-quarantine`));
      });
      host.replaceChildren(
        h('div', { class: 'notice' }, h('p', {}, t('quarantineHolds')), context.has('administrator') && lift),
      );
    },
    (error) => {
      host.replaceChildren();
      box.show(error);
    },
  );
  return [host, box.host];
}

const playable = ['sealed', 'in_review', 'cleared', 'approved', 'released'];

/** The original, for reviewers; `jump` plays from a moment. */
function originalPlayer({ recordingId }, part) {
  const box = problemBox();
  const video = mediaPlayer(`/api/recordings/${recordingId}/media`, box);
  const announcement = part(
    ({ lessonId, state }) => ({ lessonId, state }),
    ({ lessonId }) => {
      const host = h('p', {});
      ask('GET', `/api/lessons/${lessonId}`).then(({ announcedSecond }) => {
        if (announcedSecond === null) return;
        const at = announcedSecond * 1000;
        host.append(
          h(
            'button',
            { type: 'button', class: 'small', on: { click: () => jump(at) } },
            t('playAnnouncement', { at: clock(at) }),
          ),
        );
      }, box.show);
      return host;
    },
  );
  const layer = regionLayer(video);
  const host = h('section', { class: 'card player' }, h('h2', {}, t('original')), layer.host, box.host, announcement);
  part(
    ({ state }) => playable.includes(state),
    (isPlayable) => {
      host.hidden = !isPlayable;
      if (!isPlayable) video.pause();
      return null;
    },
  );
  const jump = (ms) => {
    video.currentTime = ms / 1000;
    video.scrollIntoView({ block: 'nearest' });
    video.play().catch((error) => {
      if (error.name !== 'AbortError') box.show(error); // another jump came before this one played
    });
  };
  const show = (ms) => {
    video.pause();
    video.currentTime = ms / 1000;
  };
  return { host, jump, show, layer };
}

function segmentsCard({ all, state, check, uploaderId }, context, player) {
  const isReviewer = context.has('reviewer') && uploaderId !== context.person.id;
  const open = all.filter((segment) => segment.decision === null).length;
  return h(
    'section',
    {},
    h('h2', {}, t('segments')),
    all.length === 0 && h('p', { class: 'card empty' }, check.state === 'done' ? t('noSegments') : t('noSegmentsYet')),
    h(
      'ol',
      { class: 'plain' },
      all.map((segment) =>
        segmentCard(segment, context, {
          player: playable.includes(state) ? player : null,
          canDecide: isReviewer && state === 'in_review',
        }),
      ),
    ),
    isReviewer && state === 'in_review' && finishCard(open, check, context),
  );
}

function finishCard(open, check, context) {
  const box = problemBox();
  const waits =
    open > 0
      ? t('finishWaits', { n: open })
      : ['waiting', 'running'].includes(check.state)
        ? t('finishCheckWaits')
        : null;
  const finish = actionButton(
    t('finishReview'),
    box,
    async () => {
      if (await confirmed({ title: t('finishAsk'), text: t('finishText'), yes: t('finishReview'), no: t('cancel') }))
        context.show(await ask('POST', `/api/recordings/${context.recordingId}/clear`));
    },
    { class: 'primary', 'data-focus': 'finish', disabled: waits !== null },
  );
  return h('div', { class: 'card' }, h('p', {}, waits ?? t('finishLead')), box.host, finish);
}
