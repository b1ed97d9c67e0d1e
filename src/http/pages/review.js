import { ask, Problem, problemBox, sendForm } from './api.js';
import { choices, clock, confirmed, exactClock, field, h, parseClock, speak } from './dom.js';
import { regionField } from './region.js';
import { number, t } from './texts.js';

const kinds = ['permitted', 'mute', 'tone', 'black_out', 'blur', 'cut', 'refuse'];
const edits = ['mute', 'tone', 'black_out', 'blur', 'cut'];
const covers = ['black_out', 'blur'];
const grounds = ['checked', 'own_work', 'licence', 'exception', 'public_domain', 'permission_letter'];
const groundChoices = () => [['', t('chooseDecision')], ...grounds.map((ground) => [ground, t(`ground_${ground}`)])];

/** One segment: when, from where, on what evidence, and its decision. */
export function segmentCard(segment, context, { player, canDecide }) {
  const { source, startMs, endMs, title, claimedGround, findings, declaredBy, decision } = segment;
  const range = `${clock(startMs)}–${clock(endMs)}`;
  return h(
    'li',
    { class: `card segment ${decision ? 'decided' : 'open'}` },
    h(
      'div',
      { class: 'row spread' },
      h('h3', {}, h('span', { class: 'numbers' }, range), ' ', title ?? t(`source_${source}`)),
      h(
        'span',
        { class: `badge ${decision ? 'good' : 'waits'}` },
        decision ? t('decided', { kind: t(`kind_${decision.kind}`) }) : t('undecided'),
      ),
    ),
    findings.length > 1
      ? h(
          'ul',
          { class: 'findings' },
          findings.map((finding) =>
            h(
              'li',
              {},
              h('span', { class: 'numbers' }, `${clock(finding.startMs)}–${clock(finding.endMs)}`),
              ' ',
              saysOf(finding, title),
            ),
          ),
        )
      : findings.map((finding) => saysOf(finding, title)),
    declaredBy.map((declared) =>
      h(
        'p',
        {},
        t('declaredAs', { title: declared.title ?? '' }),
        declared.claimedGround && ` ${t('claimed', { ground: t(`ground_${declared.claimedGround}`) })}`,
      ),
    ),
    claimedGround && h('p', {}, t('claimed', { ground: t(`ground_${claimedGround}`) })),
    decision?.ground && h('p', {}, `${t('ground')}: ${t(`ground_${decision.ground}`)}`),
    decision && decisionPlace(segment),
    decision?.note && h('p', {}, t('ev_note', { note: decision.note })),
    player &&
      h(
        'button',
        {
          type: 'button',
          class: 'small',
          'data-focus': `play-${segment.id}`,
          'aria-label': `${t('playPart')}: ${range}`,
          on: { click: () => player.jump(startMs) },
        },
        `▶ ${t('playPart')}`,
      ),
    player && evidencePictures(segment),
    canDecide && decisionForm(segment, context, player),
  );
}

/** What is seen and heard at a glance. Asked for when it is opened: each is a look at the recording, and on the log. */
function evidencePictures({ id, startMs, endMs }) {
  const range = `${clock(startMs)}–${clock(endMs)}`;
  const pictures = [
    ['picture', t('shownPicture', { range })],
    ['spectrogram', t('shownSound', { range })],
  ];
  const host = h('div', { class: 'row evidence' });
  const load = () =>
    host.replaceChildren(
      ...pictures.map(([what, alt]) => {
        const image = h('img', { src: `/api/segments/${id}/${what}`, alt });
        image.addEventListener('error', () => image.replaceWith(h('p', { class: 'quiet' }, t(`${what}None`))));
        return h('figure', {}, image, h('figcaption', { class: 'quiet' }, alt));
      }),
    );
  const details = h('details', {}, h('summary', { 'data-focus': `evidence-${id}` }, t('showEvidence')), host);
  details.addEventListener('toggle', () => details.open && host.childElementCount === 0 && load());
  return details;
}

/** Which part of the segment and of the picture was decided on, where it is not the whole. */
function decisionPlace({ startMs, endMs, decision }) {
  const { region } = decision;
  const isMoved = decision.startMs !== null || decision.endMs !== null;
  const range = `${exactClock(decision.startMs ?? startMs)}–${exactClock(decision.endMs ?? endMs)}`;
  return [
    isMoved && h('p', {}, t('decidedRange', { range })),
    region && h('p', {}, t('decidedRegion', { n: number(100 * region.width * region.height, 1) })),
  ];
}

/** One finding: which detector, how sure, and what it saw or heard. */
function saysOf(finding, shownTitle) {
  const { source, confidence, title, rightsHolder } = finding;
  return [
    h(
      'p',
      { class: 'quiet' },
      t(`source_${source}`),
      !['declared', 'not_analysed'].includes(source) && ` · ${t('certainty', { n: Math.round(confidence * 100) })}`,
      title && title !== shownTitle && ` · ${title}`,
    ),
    evidenceInWords(finding).map((line) => h('p', {}, line)),
    rightsHolder && h('p', {}, t(source === 'notice' ? 'nameRead' : 'holder', { who: rightsHolder })),
  ];
}

/** What made the machine or a person point here, in words. */
function evidenceInWords({ source, evidence, title, page }) {
  if (evidence?.erased) return [t('ev_erased')];
  const pieces = [evidence ?? {}].flat();
  switch (source) {
    case 'tag':
      return pieces.map(({ tags = [] }) =>
        t('ev_tags', { list: tags.map(({ name, value }) => `${name} = “${value}”`).join(', ') }),
      );
    case 'audio_match':
      return pieces.map(({ workStartMs, workEndMs, strength }) =>
        [
          t('ev_match', { work: title ?? t('thisWork'), from: clock(workStartMs ?? 0), to: clock(workEndMs ?? 0) }),
          strength !== undefined && t('ev_strength', { n: number(strength) }),
        ]
          .filter(Boolean)
          .join(' '),
      );
    case 'picture_match':
      return pieces.map(({ workStartMs, workEndMs, moments, place, moves }) =>
        [
          moves
            ? t('ev_film', { work: title ?? t('thisWork'), from: clock(workStartMs ?? 0), to: clock(workEndMs ?? 0) })
            : t(page === null ? 'ev_still' : 'ev_page', { work: title ?? t('thisWork'), n: page }),
          t('ev_moments', { n: number(moments ?? 0) }),
          whereInWords(place),
        ]
          .filter(Boolean)
          .join(' '),
      );
    case 'music':
      return [t('ev_music')];
    case 'film':
      return pieces.map(({ cuts, place }) => `${t('ev_cuts', { n: number(cuts ?? 0) })} ${whereInWords(place)}`);
    case 'notice':
      return pieces.map(({ text, place }) => `${t('ev_read', { text })} ${whereInWords(place)}`);
    case 'subtitle':
      return pieces.map(({ text }) => t('ev_text', { text }));
    case 'not_analysed':
      return pieces.map(({ why, detail }) =>
        t('ev_why', { why: [t(`notAnalysed_${why}`), detail].filter(Boolean).join(': ') }),
      );
    default:
      return pieces.map(({ note }) => (note ? t('ev_note', { note }) : t('ev_none')));
  }
}

const whereInWords = (place) =>
  place
    ? t(isWhole(place) ? 'ev_wholePicture' : 'ev_partOfPicture', { n: number(100 * place.width * place.height, 1) })
    : '';

/** Margins of a film or of a shared screen are left out of its place. */
const isWhole = ({ width, height }) => width * height > 0.55;

function decisionForm(segment, context, player) {
  const box = problemBox();
  const kind = h(
    'select',
    { required: true, 'data-focus': `kind-${segment.id}` },
    choices([['', t('chooseDecision')], ...kinds.map((one) => [one, t(`kind_${one}`)])], segment.decision?.kind ?? ''),
  );
  const ground = h('select', {}, choices(groundChoices(), segment.decision?.ground ?? segment.claimedGround ?? ''));
  const groundField = field(t('ground'), ground);
  const note = h('input', { type: 'text', maxLength: 2000, value: segment.decision?.note ?? '' });
  const { decision } = segment;
  const from = h('input', { type: 'text', class: 'digits', value: exactClock(decision?.startMs ?? segment.startMs) });
  const until = h('input', { type: 'text', class: 'digits', value: exactClock(decision?.endMs ?? segment.endMs) });
  const edges = [field(t('from'), from, t('edgeHint')), field(t('until'), until)];
  const region = regionField(
    player?.layer,
    () => player.show(parseClock(from.value) ?? segment.startMs),
    decision?.region ?? null,
  );
  const showFields = () => {
    groundField.hidden = kind.value !== 'permitted';
    ground.required = kind.value === 'permitted';
    for (const edge of edges) edge.hidden = !edits.includes(kind.value);
    region.host.hidden = !covers.includes(kind.value);
  };
  kind.addEventListener('change', showFields);
  showFields();
  const place = () => {
    if (!edits.includes(kind.value)) return {};
    const [startMs, endMs] = [parseClock(from.value), parseClock(until.value)];
    if (startMs === null || endMs === null) throw new Problem({ title: t('clockWrong') });
    const marked = covers.includes(kind.value) ? region.read() : null;
    if (kind.value === 'blur' && !marked) throw new Problem({ title: t('regionNeeded') });
    return {
      ...(startMs === segment.startMs ? {} : { startMs }),
      ...(endMs === segment.endMs ? {} : { endMs }),
      ...(marked ? { region: marked } : {}),
    };
  };
  const send = async () => {
    if (
      kind.value === 'refuse' &&
      !(await confirmed({ title: t('refuseAsk'), text: t('refuseText'), yes: t('refuseYes'), no: t('cancel') }))
    )
      return;
    const recording = await ask('POST', `/api/segments/${segment.id}/decisions`, {
      kind: kind.value,
      ...(kind.value === 'permitted' ? { ground: ground.value } : {}),
      ...place(),
      ...(note.value.trim() ? { note: note.value } : {}),
    });
    speak(t('saved'));
    context.show(recording);
  };
  const form = sendForm(
    box,
    send,
    { class: 'fields' },
    field(t('decision'), kind),
    groundField,
    edges,
    region.host,
    field(t('note'), note),
    h(
      'button',
      { type: 'submit', class: segment.decision ? '' : 'primary', 'data-focus': `decide-${segment.id}` },
      t('decide'),
    ),
  );
  return segment.decision
    ? h('details', {}, h('summary', { 'data-focus': `decide-${segment.id}` }, t('changeDecision')), form, box.host)
    : [form, box.host];
}

/** A teacher or reviewer declares third-party material that they know of. */
export function declareForm(context, part) {
  const box = problemBox();
  const title = h('input', { type: 'text', required: true, maxLength: 300 });
  const holder = h('input', { type: 'text', maxLength: 300 });
  const from = h('input', { type: 'text', required: true, class: 'digits', placeholder: '0:00' });
  const until = h('input', { type: 'text', required: true, class: 'digits', placeholder: '0:30' });
  const ground = h('select', {}, choices(groundChoices(), ''));
  const note = h('input', { type: 'text', maxLength: 2000 });
  let state = null;
  const send = async (form) => {
    const [startMs, endMs] = [parseClock(from.value), parseClock(until.value)];
    if (startMs === null || endMs === null) throw new Problem({ title: t('clockWrong') });
    const reopens = ['cleared', 'approved', 'released'].includes(state);
    if (
      reopens &&
      !(await confirmed({ title: t('declareAsk'), text: t('declareReopens'), yes: t('declare'), no: t('cancel') }))
    )
      return;
    const recording = await ask('POST', `/api/recordings/${context.recordingId}/segments`, {
      title: title.value,
      startMs,
      endMs,
      ...(holder.value.trim() ? { rightsHolder: holder.value } : {}),
      ...(ground.value ? { ground: ground.value } : {}),
      ...(note.value.trim() ? { note: note.value } : {}),
    });
    form.reset();
    speak(t('saved'));
    context.show(recording);
  };
  const host = h(
    'details',
    { class: 'card' },
    h('summary', {}, t('declareTitle')),
    sendForm(
      box,
      send,
      { class: 'fields' },
      field(t('declareWhat'), title),
      field(t('from'), from, t('clockHint')),
      field(t('until'), until, t('clockHint')),
      field(t('declareHolder'), holder),
      field(t('ground'), ground),
      field(t('note'), note),
      h('button', { type: 'submit' }, t('declare')),
    ),
    box.host,
  );
  part(
    (recording) => recording.state,
    (now) => {
      state = now;
      host.hidden = !['sealed', 'in_review', 'cleared', 'approved', 'released', 'quarantined'].includes(now);
      return null;
    },
  );
  return host;
}

/** Rejects the whole recording, with a reason. */
export function rejectForm(context, part) {
  const box = problemBox();
  const why = h('textarea', { required: true, maxLength: 2000, rows: 2 });
  const send = async () => {
    if (!(await confirmed({ title: t('refuseAsk'), text: t('refuseText'), yes: t('refuseYes'), no: t('cancel') })))
      return;
    context.show(await ask('POST', `/api/recordings/${context.recordingId}/reject`, { why: why.value }));
  };
  const host = h(
    'details',
    { class: 'card' },
    h('summary', {}, t('rejectTitle')),
    sendForm(
      box,
      send,
      {},
      field(t('rejectWhy'), why),
      h('button', { type: 'submit', class: 'danger' }, t('refuseYes')),
    ),
    box.host,
  );
  part(
    (recording) => recording.state,
    (state) => {
      host.hidden = !['sealed', 'in_review', 'cleared', 'approved', 'quarantined'].includes(state);
      return null;
    },
  );
  return host;
}
