import { actionButton, ask, problemBox, sendForm } from './api.js';
import { choices, confirmed, field, h, speak } from './dom.js';
import { dayIn, endOf, holdNotice } from './keep.js';
import { byteSize, date, dateTime, number, t } from './texts.js';

const kinds = ['lesson', 'exam', 'meeting', 'performance'];

/** How long recordings are kept, what goes soon, what is held, and whether everything stored is whole. */
export function retentionView() {
  const box = problemBox();
  const policies = h('div', {}, t('loading'));
  const waiting = h('div', {});
  const soon = h('div', { 'aria-live': 'polite' }, t('loading'));
  const holds = h('div', {}, t('loading'));
  const days = h(
    'select',
    { on: { change: () => showSoon().catch(box.show) } },
    choices(
      ['7', '30', '90', '365'].map((n) => [n, t('daysAhead', { n })]),
      '7',
    ),
  );
  const showPolicies = async () => {
    const { items } = await ask('GET', '/api/retention/policies');
    policies.replaceChildren(policyTable(items, changed));
  };
  const showChanges = async () => {
    const { items } = await ask('GET', '/api/retention/changes');
    waiting.replaceChildren(waitingList(items, changed));
  };
  const showSoon = async () => {
    const asked = days.value;
    const { items } = await ask('GET', `/api/retention/preview?days=${asked}`);
    if (asked === days.value) soon.replaceChildren(soonList(items));
  };
  const showHolds = async () => {
    const { items } = await ask('GET', '/api/holds');
    holds.replaceChildren(holdList(items, changed));
  };
  const changed = () => Promise.all([showPolicies(), showChanges(), showSoon(), showHolds()]);
  changed().catch(box.show);
  return h(
    'div',
    {},
    h('h1', {}, t('retention')),
    box.host,
    damageNotice(box),
    waiting,
    h(
      'section',
      { class: 'card' },
      h('div', { class: 'row spread' }, h('h2', {}, t('soonTitle')), field(t('soonDays'), days)),
      soon,
    ),
    h(
      'section',
      { class: 'card' },
      h('h2', {}, t('policies')),
      h('p', {}, t('policiesLead')),
      policies,
      policyForm(changed),
    ),
    h('section', { class: 'card' }, h('h2', {}, t('holds')), holds),
    integrityCard(),
    keysCard(),
  );
}

/** What makes recordings go sooner and waits: each may be confirmed by a second administrator, or called back. */
function waitingList(items, changed) {
  if (items.length === 0) return '';
  const box = problemBox();
  const settle = (method, path, said) => async () => {
    await ask(method, path);
    speak(said);
    await changed();
  };
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('changesTitle')),
    h('p', {}, t('changesLead')),
    h(
      'ul',
      { class: 'plain' },
      items.map((item) => {
        const path = `/api/retention/changes/${item.id}`;
        return h(
          'li',
          { class: 'card' },
          h('p', {}, item.sentence),
          h(
            'p',
            { class: 'quiet' },
            t('changeWaits', { date: dateTime(item.effectiveAt), name: item.requestedByName ?? '' }),
          ),
          actionButton(t('changeCallBack'), box, settle('DELETE', path, t('changeCalledBack')), { class: 'small' }),
          ' ',
          actionButton(t('changeConfirm'), box, settle('POST', `${path}/confirm`, t('changeConfirmed')), {
            class: 'small',
          }),
        );
      }),
    ),
    box.host,
  );
}

function soonList(items) {
  if (items.length === 0) return h('p', { class: 'empty' }, t('soonNone'));
  return h(
    'ul',
    { class: 'plain' },
    items.map((item) =>
      h(
        'li',
        { class: 'card' },
        h(
          'h3',
          {},
          h('a', { href: `#/recordings/${item.recordingId}` }, item.lessonTitle),
          ' ',
          h('span', { class: 'quiet' }, date(item.lessonAt)),
        ),
        h('p', {}, t('keepUntil', { date: date(item.erasesAt), why: item.reason.text })),
        item.holds.map((hold) => holdNotice(hold, null)),
      ),
    ),
  );
}

const yearName = (year) => (year === null ? t('anyYear') : `${year}–${year + 1}`);
const kindName = (kind) => (kind === null ? t('anyKind') : t(`lessonKind_${kind}`));
const keepName = ({ keepDays, keepUntil }) =>
  keepDays === null ? t('keepToDate', { date: date(lastDayBefore(keepUntil)) }) : t('keepForDays', { n: keepDays });

function policyTable(items, changed) {
  if (items.length === 0) return h('p', { class: 'empty' }, t('policiesNone'));
  const box = problemBox();
  const remove = (policy) => async () => {
    const title = t('policyRemoveAsk');
    if (!(await confirmed({ title, text: t('policyRemoveText'), yes: t('policyRemove'), no: t('cancel') }))) return;
    const { waiting } = await ask('DELETE', `/api/retention/policies/${policy.id}`);
    speak(waiting ? t('changeAsked') : t('policyRemoved'));
    await changed();
  };
  return h(
    'div',
    { class: 'scroll' },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          [t('lessonKind'), t('schoolYear'), t('kept'), ''].map((name) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h(
        'tbody',
        {},
        items.map((policy) => {
          const says = `${kindName(policy.kind)}, ${yearName(policy.schoolYear)}`;
          const label = `${t('policyRemove')}: ${says}`;
          return h(
            'tr',
            {},
            h('td', {}, kindName(policy.kind)),
            h('td', {}, yearName(policy.schoolYear)),
            h('td', {}, keepName(policy)),
            h('td', {}, actionButton(t('policyRemove'), box, remove(policy), { class: 'small', 'aria-label': label })),
          );
        }),
      ),
    ),
    box.host,
  );
}

function policyForm(changed) {
  const box = problemBox();
  const kind = h('select', {}, choices([['', t('anyKind')], ...kinds.map((one) => [one, t(`lessonKind_${one}`)])], ''));
  const year = h('input', { type: 'number', min: 1950, max: 2199, step: 1 });
  const days = h('input', { type: 'number', min: 1, max: 36_500, step: 1 });
  const until = h('input', { type: 'date', min: dayIn(-365) });
  const send = async (form) => {
    const { waiting } = await ask('POST', '/api/retention/policies', {
      ...(kind.value ? { kind: kind.value } : {}),
      ...(year.value ? { schoolYear: Number(year.value) } : {}),
      ...(days.value ? { keepDays: Number(days.value) } : {}),
      ...(until.value ? { keepUntil: endOf(until.value) } : {}),
    });
    form.reset();
    speak(waiting ? t('changeAsked') : t('policyAdded'));
    await changed();
  };
  return h(
    'details',
    {},
    h('summary', {}, t('policyAdd')),
    sendForm(
      box,
      send,
      {},
      h(
        'div',
        { class: 'fields' },
        field(t('lessonKind'), kind),
        field(t('schoolYear'), year, t('schoolYearHint')),
        field(t('keepDays'), days),
        field(t('keepOrUntil'), until),
      ),
      box.host,
      h('button', { type: 'submit', class: 'primary' }, t('policyAdd')),
    ),
  );
}

/** What ends at midnight has the day before as its last one. */
const lastDayBefore = (end) => new Date(new Date(end).getTime() - 1).toISOString();

function holdList(items, changed) {
  if (items.length === 0) return h('p', { class: 'empty' }, t('holdsNone'));
  return h(
    'ul',
    { class: 'plain' },
    items.map((hold) => {
      const day = date(hold.endsAt ? lastDayBefore(hold.endsAt) : hold.reviewAt);
      const says = t(hold.endsAt ? 'holdUntil' : 'holdOpen', { date: day, why: hold.reason });
      const href = hold.recordingId ? `#/recordings/${hold.recordingId}` : `#/lessons/${hold.lessonId}`;
      return h('li', {}, h('a', { href }, hold.lessonTitle), holdNotice({ holdId: hold.id, text: says }, changed));
    }),
  );
}

/** For administrators: a word above everything else while something stored is damaged or missing. */
export function damageNotice(box) {
  const host = h('div', { role: 'status' });
  ask('GET', '/api/integrity').then(({ faults }) => {
    if (faults.length === 0) return;
    host.replaceChildren(
      h(
        'div',
        { class: 'notice bad' },
        h('p', {}, h('strong', {}, t('damaged', { n: faults.length }))),
        faultList(faults),
      ),
    );
  }, box.show);
  return host;
}

const faultList = (faults) =>
  h(
    'ul',
    {},
    faults.map(({ recordingId, code, key, since }) =>
      h(
        'li',
        {},
        recordingId ? h('a', { href: `#/recordings/${recordingId}` }, recordingId) : key,
        ` · ${code} · ${dateTime(since)}`,
      ),
    ),
  );

function keysCard() {
  const box = problemBox();
  const list = h('ul', {});
  const facts = h('p', {}, t('loading'));
  ask('GET', '/api/keys')
    .then(({ items, rotation }) => {
      facts.textContent = t(rotation.left === 0 ? 'keysNoneLeft' : 'keysLeft', { n: number(rotation.left) });
      list.append(
        ...items.map((key) =>
          h(
            'li',
            {},
            t('keysOne', {
              role: t(`keyRole_${key.role}`),
              state: t(`keyState_${key.state}`),
              from: dateTime(key.createdAt),
              n: number(key.envelopes),
            }),
            ' ',
            h('code', {}, key.fingerprint),
          ),
        ),
      );
    })
    .catch(box.show);
  return h('section', { class: 'card' }, h('h2', {}, t('keys')), h('p', {}, t('keysLead')), facts, list, box.host);
}

function integrityCard() {
  const box = problemBox();
  const facts = h('p', {}, t('loading'));
  const show = async () => {
    const { objects, neverRead, scrub } = await ask('GET', '/api/integrity');
    facts.textContent = [
      t('integrityObjects', { n: number(objects), never: number(neverRead) }),
      scrub === null
        ? t('scrubNever')
        : t(scrub.finishedAt ? 'scrubEnded' : 'scrubRuns', {
            from: dateTime(scrub.startedAt),
            n: number(scrub.objects),
            size: byteSize(scrub.bytes),
          }),
    ].join(' ');
  };
  show().catch(box.show);
  const begin = actionButton(t('scrubBegin'), box, async () => {
    await ask('POST', '/api/integrity/scrub');
    speak(t('scrubBegun'));
    await show();
  });
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('integrity')),
    h('p', {}, t('integrityLead')),
    facts,
    box.host,
    begin,
  );
}
