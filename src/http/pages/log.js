import { actionButton, ask, problemBox, sendForm } from './api.js';
import { choices, clock, field, h } from './dom.js';
import { logActions } from './log-actions.js';
import { dateTime, dateTimeExact, hasText, language, number, pick, t } from './texts.js';

/** The log, newest first, page by page, with filters, exports and the check. */
export function logView({ signal }) {
  const box = problemBox();
  const actions = Object.entries(logActions)
    .map(([action, pair]) => [action, pick(pair)])
    .sort((a, b) => a[1].localeCompare(b[1], language()));
  const inputs = {
    from: h('input', { type: 'datetime-local' }),
    until: h('input', { type: 'datetime-local' }),
    action: h('select', {}, choices([['', t('anyAction')], ...actions], '')),
    outcome: h(
      'select',
      {},
      choices([['', t('anyOutcome')], ...['done', 'refused', 'failed'].map((one) => [one, t(`outcome_${one}`)])], ''),
    ),
    text: h('input', { type: 'search', maxLength: 200 }),
    person: h('input', { type: 'text', maxLength: 64 }),
    actor: h('input', { type: 'text', maxLength: 64 }),
    recording: h('input', { type: 'text', maxLength: 64 }),
    lesson: h('input', { type: 'text', maxLength: 64 }),
  };
  const labels = {
    from: t('from'),
    until: t('until'),
    action: t('action'),
    outcome: t('outcome'),
    text: t('logWords'),
    person: t('personId'),
    actor: t('whoId'),
    recording: t('recordingId'),
    lesson: t('lessonId'),
  };
  const filter = () => {
    const query = new URLSearchParams();
    for (const [name, input] of Object.entries(inputs)) {
      const value = input.value.trim();
      if (value) query.set(name, input.type === 'datetime-local' ? new Date(value).toISOString() : value);
    }
    return query;
  };
  const list = h('ol', { class: 'plain log' });
  const older = actionButton(t('older'), box, () => load(next), { hidden: true });
  const newest = actionButton(t('newest'), box, () => load(null), { hidden: true });
  const exports = h('p', { class: 'row' });
  let next = null;
  let names = new Map();
  /** Whom a pseudonym stands for; the pseudonym itself once nobody can tell any more. */
  const nameOf = (id) => names.get(id) ?? id;
  const load = async (cursor) => {
    const query = filter();
    exports.replaceChildren(
      ...[
        ['jsonl', 'exportJson'],
        ['csv', 'exportCsv'],
      ].map(([format, label]) => {
        const address = new URLSearchParams(query);
        address.set('format', format);
        return h('a', { class: 'button', href: `/api/audit/export?${address}`, download: `audit.${format}` }, t(label));
      }),
    );
    query.set('limit', '50');
    if (cursor) query.set('cursor', cursor);
    const page = await ask('GET', `/api/audit?${query}`);
    if (signal.aborted) return;
    next = page.next;
    names = namesIn(page.persons);
    older.hidden = next === null;
    newest.hidden = !cursor;
    list.replaceChildren(
      ...(page.entries.length === 0 ? [h('li', { class: 'card empty' }, t('noEntries'))] : page.entries.map(entryItem)),
    );
    if (cursor) list.scrollIntoView({ block: 'start' });
  };
  const narrow = (name, value) => {
    inputs[name].value = value;
    box.clear();
    load(null).catch(box.show);
    inputs[name].closest('details').open = true;
    inputs[name].focus();
  };
  const narrowButton = (name, value) =>
    h(
      'button',
      {
        type: 'button',
        class: 'small',
        'aria-label': `${t('onlyThis')}: ${labels[name]} ${value}`,
        on: { click: () => narrow(name, value) },
      },
      t('onlyThis'),
    );
  const entryItem = ({ seq, entry, sentence, address, leafHash }) => {
    const { actor, object, details, outcome } = entry;
    const known = hasText(`actor_${actor.kind}`) ? t(`actor_${actor.kind}`) : actor.kind;
    return h(
      'li',
      { class: 'card entry' },
      h(
        'div',
        { class: 'row spread' },
        h(
          'span',
          {},
          h('strong', {}, sentence),
          ' ',
          outcome !== 'done' && h('span', { class: 'badge bad' }, t(`outcome_${outcome}`)),
        ),
        h('time', { class: 'quiet numbers', dateTime: entry.at }, dateTimeExact(entry.at)),
      ),
      h(
        'details',
        {},
        h('summary', {}, `${actor.id ? nameOf(actor.id) : known} · ${t('entryOf', { seq })}`),
        h(
          'dl',
          { class: 'facts' },
          h('dt', {}, t('who')),
          h('dd', {}, `${actor.id ? nameOf(actor.id) : ''} (${known}) `, actor.id && narrowButton('actor', actor.id)),
          object && [h('dt', {}, t('object')), h('dd', {}, `${object.kind} ${nameOf(object.id)}`)],
          object?.recordingId && [
            h('dt', {}, t('recordings')),
            h(
              'dd',
              {},
              `${object.recordingId} `,
              narrowButton('recording', object.recordingId),
              ' ',
              actionButton(t('whoSaw'), box, () => showViewers(object.recordingId), { class: 'small' }),
              ' ',
              evidenceLink('recording', object.recordingId),
            ),
          ],
          object?.lessonId && [
            h('dt', {}, t('lessons')),
            h('dd', {}, `${object.lessonId} `, narrowButton('lesson', object.lessonId)),
          ],
          address && [h('dt', {}, t('address')), h('dd', {}, address)],
          details && [
            h('dt', {}, t('details')),
            h('dd', {}, h('pre', {}, JSON.stringify(details, null, 2)), namedIn(details, names)),
          ],
          h('dt', {}, 'SHA-256'),
          h('dd', {}, h('code', { class: 'address' }, leafHash)),
        ),
      ),
    );
  };
  const answer = h('section', { 'aria-live': 'polite', tabIndex: -1 });
  const showAnswer = (...children) => {
    const close = h(
      'button',
      { type: 'button', class: 'small', on: { click: () => answer.replaceChildren() } },
      t('close'),
    );
    answer.replaceChildren(h('div', { class: 'card' }, ...children, h('p', {}, close)));
    answer.focus();
    answer.scrollIntoView({ block: 'start' });
  };
  const showViewers = async (recordingId) => {
    const { accesses, persons } = await ask('GET', `/api/audit/viewers/${encodeURIComponent(recordingId)}`);
    if (!signal.aborted) showAnswer(h('h2', {}, t('whoSaw')), viewersTable(accesses, namesIn(persons)));
  };
  const childName = h('input', { type: 'text', maxLength: 200, required: true });
  const askChild = sendForm(
    box,
    async () => {
      const trail = await ask(
        'GET',
        `/api/audit/participant?${new URLSearchParams({ name: childName.value.trim(), limit: '200' })}`,
      );
      if (!signal.aborted) showAnswer(h('h2', {}, t('whatOfChild')), ...childTrail(trail));
    },
    { class: 'row' },
    field(t('whatOfChild'), childName, t('whatOfChildHint')),
    h('button', { type: 'submit' }, t('show')),
  );
  const checked = h('div', { 'aria-live': 'polite' });
  const check = actionButton(
    t('checkLog'),
    box,
    async () => {
      checked.replaceChildren(h('p', {}, t('asking')));
      try {
        const { intact, entries, checkpoint, faults } = await ask('GET', '/api/audit/check');
        checked.replaceChildren(
          h(
            'div',
            { class: `notice ${intact ? 'good' : 'bad'}` },
            h(
              'p',
              {},
              h(
                'strong',
                {},
                intact ? t('logIntact', { n: number(entries) }) : t('logBroken', { n: number(faults.length) }),
              ),
            ),
            faults.length > 0 &&
              h(
                'ul',
                {},
                faults.map(({ sentence }) => h('li', {}, sentence)),
              ),
            h('p', { class: 'address' }, t('logRoot', checkpoint)),
          ),
        );
      } catch (error) {
        checked.replaceChildren();
        throw error;
      }
    },
    { class: 'primary' },
  );
  const clear = actionButton(t('clearFilter'), box, async () => {
    for (const input of Object.values(inputs)) input.value = '';
    await load(null);
  });
  load(null).catch(box.show);
  return h(
    'div',
    {},
    h('h1', {}, t('log')),
    h('p', { class: 'lead' }, t('logLead')),
    h('div', { class: 'row' }, check, h('a', { class: 'button', href: '#/anomalies' }, t('anomalies'))),
    checked,
    h(
      'details',
      { class: 'card' },
      h('summary', {}, t('questions')),
      h('p', { class: 'quiet' }, t('whoSawHint')),
      askChild,
    ),
    answer,
    h(
      'details',
      { class: 'card' },
      h('summary', {}, t('filter')),
      sendForm(
        box,
        () => load(null),
        { class: 'fields' },
        Object.entries(inputs).map(([name, input]) => field(labels[name], input)),
        h('div', { class: 'row' }, h('button', { type: 'submit', class: 'primary' }, t('filter')), clear),
      ),
    ),
    exports,
    box.host,
    list,
    h('div', { class: 'row' }, newest, older),
  );
}

const namesIn = (persons) =>
  new Map(persons.filter(({ name }) => name).map(({ pseudonym, name }) => [pseudonym, name]));

/** Whose the pseudonyms in the details are. */
function namedIn(details, names) {
  const found = [...new Set(JSON.stringify(details).match(/person-[\w-]{22}/g) ?? [])].filter((id) => names.has(id));
  return (
    found.length > 0 &&
    h(
      'ul',
      { class: 'plain quiet' },
      found.map((id) => h('li', {}, `${id} = ${names.get(id)}`)),
    )
  );
}

const evidenceLink = (about, id) =>
  h(
    'a',
    { class: 'button small', href: `/api/audit/evidence/${about}/${encodeURIComponent(id)}`, download: true },
    t('evidencePack'),
  );

function tableOf(headings, rows) {
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
          headings.map((heading) => h('th', { scope: 'col' }, heading)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((cells) =>
          h(
            'tr',
            {},
            cells.map((cell) => h('td', {}, cell)),
          ),
        ),
      ),
    ),
  );
}

function viewersTable(accesses, names) {
  if (accesses.length === 0) return h('p', { class: 'empty' }, t('nobodySaw'));
  return tableOf(
    [t('who'), t('firstTime'), t('lastTime'), t('whichSeconds'), t('exportsOf'), t('stillsOf'), t('documentsOf')],
    accesses.map(({ actor, firstAt, lastAt, seconds, exports, stills, documents }) => [
      actor.id ? (names.get(actor.id) ?? actor.id) : t('actor_nobody'),
      dateTimeExact(firstAt),
      dateTimeExact(lastAt),
      seconds.map(([from, until]) => `${clock(from * 1000)}–${clock(until * 1000)}`).join(', ') || '–',
      number(exports),
      number(stills),
      number(documents),
    ]),
  );
}

function childTrail({ records, participants, entries, persons, next }) {
  const names = namesIn(persons);
  return [
    h('p', { class: 'quiet' }, t('sameNames')),
    tableOf(
      [t('who'), t('lesson'), t('permission'), t('evidencePack')],
      participants.map(({ id, name, lessons, permissions }) => [
        name,
        lessons.map(({ title, plannedStart }) => `${title}, ${dateTime(plannedStart)}`).join('; ') || '–',
        permissions.map(({ status }) => t(`status_${status}`)).join(', ') || '–',
        evidenceLink('participant', id),
      ]),
    ),
    tableOf(
      [t('who'), t('cameFrom'), t('askedOf'), t('mailsSent'), t('sheetsAndScans'), t('receipts')],
      records.map(({ name, imports, requests, receipts }) => [
        name,
        [...new Set(imports.map(importText))].join('; ') || t('typedIn'),
        requests.map((one) => `${one.course}: ${one.signer ?? '–'}, ${dateTime(one.askedAt)}`).join('; ') || '–',
        requests.flatMap(({ mails }) => mails.map(mailText)).join('; ') || '–',
        requests.flatMap(({ sheets }) => sheets.map(sheetText)).join('; ') || '–',
        number(receipts.length),
      ]),
    ),
    tableOf(
      ['#', t('when'), t('action'), t('who')],
      entries.map(({ seq, entry, sentence }) => [
        String(seq),
        dateTimeExact(entry.at),
        sentence,
        entry.actor.id ? (names.get(entry.actor.id) ?? entry.actor.id) : t('actor_nobody'),
      ]),
    ),
    next && h('p', { class: 'quiet' }, t('moreInPack')),
  ];
}

const importText = ({ fileName, file, line, importedAt }) =>
  [fileName ?? file ?? '–', line, dateTime(importedAt)].filter(Boolean).join(', ');
const mailText = ({ addressMask, state, queuedAt }) =>
  `${addressMask}, ${dateTime(queuedAt)}, ${t(`delivery_${state}`)}`;
const sheetText = ({ code, printedAt, scans }) =>
  `${code}, ${dateTime(printedAt)} (${t('scannedPages', { n: scans.length })})`;

/** What stands out on the log, by rules that say what they count. */
export function anomaliesView({ signal }) {
  const box = problemBox();
  const host = h('div', { 'aria-live': 'polite' }, h('p', {}, t('asking')));
  const days = h(
    'select',
    {},
    choices(
      [7, 30, 90].map((n) => [String(n), t('daysOf', { n })]),
      '30',
    ),
  );
  const load = async () => {
    const { rules, anomalies, persons } = await ask('GET', `/api/audit/anomalies?days=${days.value}`);
    if (signal.aborted) return;
    const names = namesIn(persons);
    host.replaceChildren(
      ...rules.map(({ rule, sentence }) => {
        const found = anomalies.filter((one) => one.rule === rule);
        return h(
          'section',
          { class: 'card' },
          h(
            'div',
            { class: 'row spread' },
            h('strong', {}, sentence),
            h(
              'span',
              { class: `badge ${found.length > 0 ? 'bad' : 'good'}` },
              found.length > 0 ? number(found.length) : t('nothingFound'),
            ),
          ),
          found.length > 0 &&
            tableOf(
              [t('who'), t('lastTime'), t('countOf'), t('entriesOf')],
              found.map(({ actor, lastAt, count, entries, recordingId }) => [
                actor ? (names.get(actor) ?? actor) : t('actor_nobody'),
                dateTimeExact(lastAt),
                rule === 'HASTY_APPROVAL' ? t('minutesOf', { n: number(count) }) : number(count),
                `${entries.slice(0, 8).join(', ')}${entries.length > 8 ? ' …' : ''}${recordingId ? ` (${recordingId.slice(0, 8)})` : ''}`,
              ]),
            ),
        );
      }),
    );
  };
  days.addEventListener('change', () => load().catch(box.show));
  load().catch(box.show);
  return h(
    'div',
    {},
    h('h1', {}, t('anomalies')),
    h('p', { class: 'lead' }, t('anomaliesLead')),
    h('div', { class: 'row' }, field(t('timeSpan'), days)),
    box.host,
    host,
  );
}
