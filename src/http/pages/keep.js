import { actionButton, ask, problemBox, sendForm } from './api.js';
import { field, h, progressBar, speak } from './dom.js';
import { date, dateTime, language, pick, t } from './texts.js';

/** The first moment after a day that somebody chose as the last one. */
export const endOf = (day) => new Date(new Date(`${day}T00:00:00`).setHours(24)).toISOString();
export const dayIn = (days) => new Date(Date.now() + days * 86_400_000).toLocaleDateString('sv');

/** How long the recording stays, what holds it, and the ways to hold it, to erase it and to seal it again. */
export function keepParts(context, part) {
  const isAdministrator = context.has('administrator');
  return [
    part(
      ({ fate, erasure, erasureAsked, reSeal, id }) => ({ fate, erasure, erasureAsked, reSeal, id }),
      (shown) => keepCard(shown, context, isAdministrator),
    ),
    isAdministrator && holdForm(context, part),
    isAdministrator && reSealForm(context, part),
    isAdministrator && eraseForm(context, part),
  ];
}

function keepCard({ fate, erasure, erasureAsked, reSeal }, context, isAdministrator) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('keepTitle')),
    fate && h('p', {}, fateText(fate)),
    fate?.holds.map((hold) => holdNotice(hold, isAdministrator ? () => context.refresh() : null)),
    erasureAsked && isAdministrator && waitingErasure(context, erasureAsked),
    reSeal && reSealProgress(reSeal),
    erasure && erasureText(erasure),
    erasure && isAdministrator && erasure.state !== 'removing' && certificateButton(context.recordingId),
  );
}

function fateText({ erasesAt, reason, holds }) {
  if (erasesAt === null) return t('keepNoEnd');
  const says = t('keepUntil', { date: date(erasesAt), why: reason.text });
  return holds.length > 0 ? `${says} ${t('keepHeld')}` : says;
}

/** What a hold says, and how to lift it when `afterwards` is given. */
export function holdNotice(hold, afterwards) {
  const box = problemBox();
  const why = h('input', { type: 'text', required: true, maxLength: 1000 });
  const lift = async () => {
    await ask('POST', `/api/holds/${hold.holdId}/lift`, { why: why.value });
    speak(t('holdLifted'));
    await afterwards();
  };
  return h(
    'div',
    { class: 'notice' },
    h('p', {}, h('strong', {}, hold.text)),
    afterwards &&
      h(
        'details',
        {},
        h('summary', { 'data-focus': `lift-${hold.holdId}` }, t('holdLift')),
        sendForm(box, lift, {}, field(t('holdLiftWhy'), why), h('button', { type: 'submit' }, t('holdLift'))),
        box.host,
      ),
  );
}

function reSealProgress({ state, doneBytes, totalBytes, error }) {
  if (state === 'failed') return h('p', { class: 'notice bad' }, t('reSeal_failed', { why: error ?? '' }));
  if (state === 'done') return h('p', {}, t('reSeal_done'));
  return h(
    'div',
    { class: 'progress' },
    h('span', {}, t('reSeal_running')),
    progressBar(t('reSealTitle'), totalBytes > 0 ? doneBytes / totalBytes : null),
  );
}

function erasureText({ state, why, startedAt, heldUntil }) {
  const says = t('erasedOn', { date: dateTime(startedAt), why: t(`erasedWhy_${why}`) });
  if (state === 'removing') return h('p', {}, says, ' ', t('erasing'));
  return h('p', {}, says, ' ', state === 'held' ? t('erasedHeld', { date: dateTime(heldUntil) }) : t('erasedDone'));
}

/** The certificate is fetched when it is asked for, since that is on the log. */
function certificateButton(recordingId) {
  const box = problemBox();
  const host = h('div', { class: 'row' });
  const button = actionButton(
    t('certificate'),
    box,
    async () => {
      const found = await ask('GET', `/api/recordings/${recordingId}/certificate`);
      const name = `emanet-erasure-${recordingId}`;
      host.replaceChildren(
        download(`${name}.json`, found.certificate, 'application/json'),
        download(`${name}.json.asc`, found.signature, 'application/pgp-signature'),
        found.publicKey && download('school-key.asc', found.publicKey, 'application/pgp-keys'),
      );
      host.querySelector('a').focus();
    },
    { 'data-focus': 'certificate' },
  );
  return h('div', {}, button, host, h('p', { class: 'quiet' }, t('certificateHint')), box.host);
}

const download = (name, text, type) =>
  h('a', { class: 'button', download: name, href: URL.createObjectURL(new Blob([text], { type })) }, name);

/** Shows `host` only while the recording is there. */
const whileThere = (host, part) => {
  part(
    ({ state }) => state !== 'erased',
    (isThere) => {
      host.hidden = !isThere;
      return null;
    },
  );
  return host;
};

function holdForm(context, part) {
  const form = newHoldForm(`/api/recordings/${context.recordingId}/holds`, () => context.refresh());
  return whileThere(h('details', { class: 'card' }, h('summary', {}, t('holdSet')), form), part);
}

/** Sets a hold by a POST to `path`. */
export function newHoldForm(path, afterwards) {
  const box = problemBox();
  const reason = h('input', { type: 'text', required: true, maxLength: 1000 });
  const ends = h('input', { type: 'date', min: dayIn(1) });
  const review = h('input', { type: 'date', min: dayIn(1), value: dayIn(180) });
  const send = async (form) => {
    await ask('POST', path, {
      reason: reason.value,
      ...(ends.value ? { endsAt: endOf(ends.value) } : {}),
      ...(review.value ? { reviewAt: endOf(review.value) } : {}),
    });
    form.reset();
    speak(t('holdIsSet'));
    await afterwards();
  };
  return h(
    'div',
    {},
    h('p', {}, t('holdLead')),
    sendForm(
      box,
      send,
      {},
      field(t('holdWhy'), reason),
      h('div', { class: 'fields' }, field(t('holdEnds'), ends, t('holdEndsHint')), field(t('holdReview'), review)),
      box.host,
      h('button', { type: 'submit' }, t('holdSet')),
    ),
  );
}

function reSealForm(context, part) {
  const box = problemBox();
  const why = h('input', { type: 'text', required: true, maxLength: 1000 });
  const send = async (form) => {
    context.show(await ask('POST', `/api/recordings/${context.recordingId}/re-seal`, { why: why.value }));
    form.reset();
  };
  const form = sendForm(box, send, {}, field(t('reSealWhy'), why), h('button', { type: 'submit' }, t('reSealTitle')));
  return whileThere(
    h('details', { class: 'card' }, h('summary', {}, t('reSealTitle')), h('p', {}, t('reSealLead')), form, box.host),
    part,
  );
}

/** That it waits to be erased, and the way to call that back. */
function waitingErasure(context, { id, effectiveAt, sentence }) {
  const box = problemBox();
  const callBack = async () => {
    await ask('DELETE', `/api/retention/changes/${id}`);
    context.show(await ask('GET', `/api/recordings/${context.recordingId}`));
  };
  return h(
    'div',
    { class: 'card', role: 'status' },
    h('p', {}, sentence),
    h('p', { class: 'quiet' }, t('erasureWaits', { date: dateTime(effectiveAt) })),
    actionButton(t('changeCallBack'), box, callBack, { class: 'small' }),
    box.host,
  );
}

/** Two steps: open, and type the word. */
function eraseForm(context, part) {
  const box = problemBox();
  const note = h('textarea', { required: true, maxLength: 1000, rows: 2 });
  const causes = ['request', 'withdrawal'];
  const cause = h(
    'select',
    {},
    causes.map((value) => h('option', { value }, t(`erasedWhy_${value}`))),
  );
  const word = pick(['sil', 'erase']);
  const typed = h('input', { type: 'text', required: true, autocomplete: 'off', spellcheck: false });
  const button = h('button', { type: 'submit', class: 'danger', disabled: true }, t('eraseTitle'));
  typed.addEventListener('input', () => {
    button.disabled = typed.value.trim().toLocaleLowerCase(language()) !== word;
  });
  const send = async () => {
    if (typed.value.trim().toLocaleLowerCase(language()) !== word) return;
    const body = { note: note.value, why: cause.value };
    context.show(await ask('POST', `/api/recordings/${context.recordingId}/erase`, body));
  };
  return whileThere(
    h(
      'details',
      { class: 'card' },
      h('summary', {}, t('eraseTitle')),
      h('p', {}, t('eraseLead')),
      sendForm(
        box,
        send,
        {},
        h('div', { class: 'fields' }, field(t('eraseCause'), cause), field(t('eraseWhy'), note, t('eraseWhyHint'))),
        field(t('eraseType', { word }), typed),
        box.host,
        button,
      ),
    ),
    part,
  );
}
