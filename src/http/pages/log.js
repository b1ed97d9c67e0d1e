import { actionButton, ask, problemBox, sendForm } from './api.js';
import { choices, field, h } from './dom.js';
import { logActions } from './log-actions.js';
import { dateTimeExact, hasText, language, number, pick, t } from './texts.js';

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
    actor: h('input', { type: 'text', maxLength: 64 }),
    recording: h('input', { type: 'text', maxLength: 64 }),
    lesson: h('input', { type: 'text', maxLength: 64 }),
  };
  const labels = {
    from: t('from'),
    until: t('until'),
    action: t('action'),
    outcome: t('outcome'),
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
        h('summary', {}, `${known}${actor.id ? ` ${actor.id.slice(0, 8)}` : ''} · ${t('entryOf', { seq })}`),
        h(
          'dl',
          { class: 'facts' },
          h('dt', {}, t('who')),
          h('dd', {}, `${known} ${actor.id ?? ''} `, actor.id && narrowButton('actor', actor.id)),
          object && [h('dt', {}, t('object')), h('dd', {}, `${object.kind} ${object.id}`)],
          object?.recordingId && [
            h('dt', {}, t('recordings')),
            h('dd', {}, `${object.recordingId} `, narrowButton('recording', object.recordingId)),
          ],
          object?.lessonId && [
            h('dt', {}, t('lessons')),
            h('dd', {}, `${object.lessonId} `, narrowButton('lesson', object.lessonId)),
          ],
          address && [h('dt', {}, t('address')), h('dd', {}, address)],
          details && [h('dt', {}, t('details')), h('dd', {}, h('pre', {}, JSON.stringify(details, null, 2)))],
          h('dt', {}, 'SHA-256'),
          h('dd', {}, h('code', { class: 'address' }, leafHash)),
        ),
      ),
    );
  };
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
    h('div', { class: 'row' }, check),
    checked,
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
