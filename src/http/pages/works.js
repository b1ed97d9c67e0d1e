import { ask, problemBox } from './api.js';
import { rulesForm } from './detection-rules.js';
import { h } from './dom.js';
import { registerForm } from './register-works.js';
import { date, t, tn } from './texts.js';
import { lengthText } from './uploads.js';
import { terms } from './work-terms.js';

/** The registry: whose works are searched for in recordings. */
export function worksView(me) {
  const box = problemBox();
  const list = h('div', {});
  const load = () =>
    ask('GET', '/api/works').then(({ items }) => {
      box.clear();
      list.replaceChildren(workTable(items));
    }, box.show);
  load();
  return h(
    'div',
    {},
    h('h1', {}, t('works')),
    h('p', { class: 'quiet' }, t('worksAbout')),
    registerForm(load),
    rulesForm(me),
    box.host,
    list,
  );
}

function workTable(items) {
  if (items.length === 0) return h('p', { class: 'card empty' }, t('noWorks'));
  return h(
    'ul',
    { class: 'plain' },
    items.map((work) =>
      h(
        'li',
        { class: 'card' },
        h(
          'div',
          { class: 'row spread' },
          h('h3', {}, work.title),
          h('span', { class: 'badge' }, t(`work_${work.kind}`)),
        ),
        h('p', {}, t('holder', { who: work.rightsHolder })),
        h('p', { class: 'quiet' }, factsOf(work).join(' · ')),
      ),
    ),
  );
}

function factsOf(work) {
  const { validFrom, validUntil } = work;
  return [
    work.pages !== null ? tn('pageCount', work.pages) : work.kind !== 'picture' && lengthText(work.durationMs),
    ...Object.entries(work.identifiers).map(([name, value]) => `${name.toUpperCase()} ${value}`),
    work.licence,
    terms.find(([uri]) => uri === work.terms)?.[1] ?? work.terms,
    validFrom && t('validFrom', { date: date(validFrom) }),
    validUntil && t('validUntil', { date: date(validUntil) }),
  ].filter(Boolean);
}
