import { run } from './account.js';
import { ask, problemBox, sendForm } from './api.js';
import { audiences } from './course-changes.js';
import { choices, field, h, speak } from './dom.js';
import { t } from './texts.js';

const levels = ['1', '2', '3', '4', '5'];
const purposes = ['take_part', 'record', 'keep'];
const numbers = [
  ['answerDays', 1, 366],
  ['firstReminderDays', 1, 366],
  ['reminderDays', 1, 366],
  ['mostReminders', 0, 20],
  ['mailFromHour', 0, 24],
  ['mailUntilHour', 0, 24],
];

/** How the school asks for permission, and the words that its signers read. */
export function schoolView() {
  const box = problemBox();
  const host = h('div', {});
  const load = async () => {
    const [rules, { items: texts }] = [
      await ask('GET', '/api/school/permission-rules'),
      await ask('GET', '/api/school/texts'),
    ];
    host.replaceChildren(rulesCard(rules, load), textsCard(texts, load));
  };
  run(box, load, host);
  return h('div', {}, h('h1', {}, t('school')), box.host, host);
}

function rulesCard(rules, load) {
  const box = problemBox();
  const level = (value) =>
    h(
      'select',
      {},
      choices(
        levels.map((one) => [one, t(`level_${one}`)]),
        String(value),
      ),
    );
  const ofPurpose = Object.fromEntries(purposes.map((one) => [one, level(rules.leastAssurance[one])]));
  const ofAudience = Object.fromEntries(audiences.map((one) => [one, level(rules.leastAssurance.release[one])]));
  const counts = Object.fromEntries(
    numbers.map(([name, min, max]) => [
      name,
      h('input', { type: 'number', min, max, required: true, value: String(rules[name]) }),
    ]),
  );
  const timeZone = h('input', { type: 'text', required: true, maxLength: 64, value: rules.timeZone });
  const save = async (body) => {
    await ask('PUT', '/api/school/permission-rules', body);
    speak(t('saved'));
    await load();
  };
  const own = () => ({
    leastAssurance: {
      ...Object.fromEntries(purposes.map((one) => [one, Number(ofPurpose[one].value)])),
      release: Object.fromEntries(audiences.map((one) => [one, Number(ofAudience[one].value)])),
    },
    ...Object.fromEntries(numbers.map(([name]) => [name, Number(counts[name].value)])),
    timeZone: timeZone.value,
  });
  const preset = h(
    'select',
    {},
    choices(
      ['tr', 'uk'].map((one) => [one, t(`preset_${one}`)]),
      rules.preset,
    ),
  );
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('permissionRulesTitle')),
    h('p', {}, t('rulesNow', { preset: t(`preset_${rules.preset}`) })),
    sendForm(
      box,
      () => save({ preset: preset.value }),
      { class: 'row' },
      field(t('rulesPreset'), preset),
      h('button', { type: 'submit' }, t('rulesTake')),
    ),
    sendForm(
      box,
      () => save(own()),
      {},
      h('h3', {}, t('permissionRulesLeast')),
      h('p', { class: 'quiet' }, t('rulesLeastLead')),
      h(
        'div',
        { class: 'fields pairs' },
        purposes.map((one) => field(t(`purpose_${one}`), ofPurpose[one])),
        audiences.map((one) => field(`${t('purpose_release')}: ${t(`audience_${one}`)}`, ofAudience[one])),
      ),
      h('h3', {}, t('rulesTimes')),
      h(
        'div',
        { class: 'fields' },
        numbers.map(([name]) => field(t(`rule_${name}`), counts[name])),
        field(t('rule_timeZone'), timeZone),
      ),
      box.host,
      h('button', { type: 'submit', class: 'primary' }, t('permissionRulesSave')),
    ),
  );
}

function textsCard(texts, load) {
  return h(
    'section',
    { class: 'card' },
    h('h2', {}, t('schoolTexts')),
    h('p', { class: 'quiet' }, t('schoolTextsLead')),
    texts.map((one) => textForm(one, load)),
  );
}

function textForm({ kind, language, version, text, isOwn }, load) {
  const box = problemBox();
  const name = t(`text_${kind}`, { language: t(`language_${language}`) });
  const words = h('textarea', { rows: 12, required: true, maxLength: 20_000, lang: language, value: text });
  const send = async () => {
    await ask('PUT', '/api/school/texts', { kind, language, text: words.value });
    speak(t('saved'));
    await load();
  };
  return h(
    'details',
    {},
    h('summary', {}, name),
    sendForm(
      box,
      send,
      {},
      field(name, words, t(isOwn ? 'schoolTextOwn' : 'schoolTextShipped', { version })),
      box.host,
      h('button', { type: 'submit' }, t('schoolTextSave')),
    ),
  );
}
