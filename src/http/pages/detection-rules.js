import { actionButton, ask, problemBox, sendForm } from './api.js';
import { confirmed, field, h, speak } from './dom.js';
import { t } from './texts.js';

const kinds = ['agency', 'publisher', 'broadcaster', 'streaming', 'studio', 'label'];
const sources = ['audio_match', 'picture_match', 'music', 'film', 'notice', 'tag'];

/** What is looked for in recordings: everybody who sees the registry sees it, administrators change it. */
export function rulesForm(person) {
  const mayChange = person.roles.includes('administrator');
  const box = problemBox();
  const names = Object.fromEntries(kinds.map((kind) => [kind, h('textarea', { rows: 6, readOnly: !mayChange })]));
  const least = Object.fromEntries(
    sources.map((source) => [
      source,
      h('input', { type: 'number', min: 0, max: 95, step: 5, required: true, readOnly: !mayChange }),
    ]),
  );
  const gap = h('input', { type: 'number', min: 0, max: 60, step: 1, required: true, readOnly: !mayChange });
  const show = (rules) => {
    for (const kind of kinds)
      names[kind].value = rules.watchedNames
        .filter((each) => each.kind === kind)
        .map(({ name }) => name)
        .join('\n');
    for (const source of sources) least[source].value = Math.round(rules.least[source] * 100);
    gap.value = Math.round(rules.gapMs / 1000);
  };
  const read = () => ({
    watchedNames: kinds.flatMap((kind) =>
      [...new Set(names[kind].value.split('\n').map((line) => line.trim()))]
        .filter((name) => name !== '')
        .map((name) => ({ name, kind })),
    ),
    least: Object.fromEntries(sources.map((source) => [source, Number(least[source].value) / 100])),
    gapMs: Number(gap.value) * 1000,
  });
  const saved = (rules) => {
    show(rules);
    speak(t('saved'));
  };
  const reset = async () => {
    const yes = { title: t('rulesResetAsk'), text: t('rulesResetText'), yes: t('rulesReset'), no: t('cancel') };
    if (await confirmed(yes)) saved(await ask('DELETE', '/api/detection'));
  };
  ask('GET', '/api/detection').then(show, box.show);
  return h(
    'details',
    { class: 'card' },
    h('summary', {}, t('rulesTitle')),
    h('p', { class: 'quiet' }, t('rulesAbout')),
    sendForm(
      box,
      async () => saved(await ask('PATCH', '/api/detection', read())),
      {},
      h('h3', {}, t('rulesNames')),
      h('p', { class: 'quiet' }, t('rulesNamesHint')),
      h(
        'div',
        { class: 'fields' },
        kinds.map((kind) => field(t(`names_${kind}`), names[kind])),
      ),
      h('h3', {}, t('rulesLeast')),
      h('p', { class: 'quiet' }, t('rulesLeastHint')),
      h(
        'div',
        { class: 'fields level' },
        sources.map((source) => field(t(`source_${source}`), least[source])),
        field(t('rulesGap'), gap),
      ),
      mayChange &&
        h(
          'div',
          { class: 'row' },
          h('button', { type: 'submit', class: 'primary' }, t('rulesSave')),
          actionButton(t('rulesReset'), box, reset),
        ),
    ),
    box.host,
  );
}
