import { describe, expect, test } from 'vitest';
import { anomalyRules } from '../../../src/domain/anomaly.ts';
import { languageTags } from '../../../src/domain/language.ts';
import { accountNotices, type Mail } from '../../../src/domain/mail.ts';
import { notAnalysedCodes } from '../../../src/domain/not-analysed.ts';
import { reasonCodes } from '../../../src/domain/reason.ts';
import type { Change } from '../../../src/domain/retention-change.ts';
import { addCatalogue, textsIn } from '../../../src/language/catalogue.ts';
import { changeText } from '../../../src/language/change-text.ts';
import { en } from '../../../src/language/en.ts';
import { faultText } from '../../../src/language/fault-text.ts';
import { mailText } from '../../../src/language/mail-text.ts';
import { pages } from '../../../src/language/pages/en.ts';
import { reasonText } from '../../../src/language/reason-text.ts';
import type { Texts } from '../../../src/language/texts.ts';
import { tr } from '../../../src/language/tr.ts';
import { warningText } from '../../../src/language/warning-text.ts';
import { writeReport } from '../../../src/papers/evidence-report.ts';
import { words as verifierWords } from '../../../src/verifier/fault-words.ts';
import { spokenFor } from '../../../src/verifier/messages.ts';

/** Every text of a catalogue by its path. */
function textsOf(catalogue: object, path = ''): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(catalogue)) {
    const here = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'string') found.set(here, value);
    else for (const [key, text] of textsOf(value, here)) found.set(key, text);
  }
  return found;
}
const namesIn = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!))].sort();
const english = textsOf(en);

describe.each([
  ['en', en],
  ['tr', tr],
] as const)('the catalogue of %s', (_, catalogue) => {
  const texts = textsOf(catalogue);
  test('says something under every key, with the names of the English text', () => {
    expect([...texts.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of texts) {
      expect(text.trim(), key).not.toBe('');
      expect(namesIn(text), key).toEqual(namesIn(english.get(key)!));
    }
  });
});

test('Turkish puts no suffix on a value', () => {
  for (const [key, text] of textsOf(tr)) expect(text, key).not.toMatch(/\{\w+\}[’']\p{Ll}/u);
});

test('the verifier, which carries its own words, says the same of a log', () => {
  for (const [fault, both] of Object.entries(verifierWords)) {
    const name = fault as keyof typeof en.logFaults;
    expect([both.en, both.tr], fault).toEqual([en.logFaults[name], tr.logFaults[name]]);
  }
  expect(Object.keys(verifierWords).sort()).toEqual(Object.keys(en.logFaults).sort());
});

test('the verifier speaks English where it has no words', () => {
  expect(['tr', 'en', 'qps', 'toString'].map(spokenFor)).toEqual(['tr', 'en', 'en', 'en']);
});

test('the pages have words for every code of why a stretch was not analysed', () => {
  for (const code of notAnalysedCodes) expect(Object.keys(pages)).toContain(`notAnalysed_${code}`);
});

/** A language without letters: whatever has one in it was not taken from its catalogue. Values given here are digits. */
const letterless = (text: string) => text.replace(/\{\w+\}|\p{L}/gu, (one) => (one.length > 1 ? one : '·'));
function pseudo<T>(catalogue: T): T {
  if (typeof catalogue === 'string') return letterless(catalogue) as T;
  return Object.fromEntries(Object.entries(catalogue as object).map(([key, value]) => [key, pseudo(value)])) as T;
}

describe('a third language, added while running', () => {
  const third = addCatalogue('qps', pseudo(en) as Texts);
  const heard = (text: string) => expect(text, text).not.toMatch(/\p{L}|undefined|^$/u);
  const sample = Object.fromEntries([...english.values()].flatMap(namesIn).map((name) => [name, '7']));
  const change: Change = {
    kind: 'erasure',
    payload: { why: 'request', note: '7', lessonTitle: '7' },
  };
  const policy = { kind: null, schoolYear: null, keepDays: null, keepUntil: '2026-06-30' };

  test.each(reasonCodes)('says the reason %s', (code) => {
    const params: Record<string, string> = { ...sample, state: 'released', to: 'sealed' };
    heard(reasonText({ code, params }, third));
  });
  test('says a reason about a segment without a title by its source', () => {
    heard(reasonText({ code: 'SEGMENT_OPEN', params: { range: '1', source: 'music' } }, third));
  });

  test('has every label and every text', () => {
    for (const text of textsOf(textsIn(third)).values()) heard(text.replace(/\{\w+\}/g, ''));
  });

  const changes: Change[] = [
    change,
    { kind: 'policy_added', payload: policy },
    { kind: 'policy_removed', payload: { ...policy, policyId: '7' } },
  ];
  test.each(changes)('says a waiting change: $kind', (one) => heard(changeText(one, third)));

  const reason = { code: 'EXPIRED' } as const;
  const mails: Mail[] = [
    ...accountNotices.map((notice) => ({ kind: 'account', notice, at: '7', url: '7' }) as const),
    { kind: 'invitation', url: '7' },
    { kind: 'emergency_used', url: '7' },
    { kind: 'administrator_invited', name: '7', url: '7' },
    { kind: 'password_reset', url: '7' },
    { kind: 'factor_reset_asked', name: '7', url: '7' },
    { kind: 'change_waits', change, effectiveOn: '7' },
    {
      kind: 'retention_week',
      soon: [{ day: '7', lesson: '7', lessonDay: '7', reason, holds: [reason] }],
      erased: [{ day: '7', lesson: '7', recordingId: '7', why: 'request' }],
      holds: [{ day: '7', lesson: '7', reason: '7' }],
    },
    { kind: 'log_forked' },
    { kind: 'anomalies', found: anomalyRules.map((rule) => ({ rule, params: sample, count: 7 })), url: '7' },
    { kind: 'object_damaged', id: '7', code: '7', detail: '7' },
    { kind: 'log_digest', day: '7', enclosed: ['7'] },
  ];
  test.each(mails)('writes a mail: $kind', (mail) => {
    const { subject, text } = mailText(mail, third);
    heard(subject);
    heard(text);
  });

  test('says what is odd about a file', () => {
    for (const code of Object.keys(en.labels.warning) as (keyof typeof en.labels.warning)[])
      for (const what of [...Object.keys(en.labels.warningFact), 'nothing'])
        heard(warningText({ code, facts: { ...sample, what } }, third));
  });

  test('says what is wrong with a log', () => {
    for (const fault of Object.keys(en.logFaults) as (keyof typeof en.logFaults)[])
      heard(faultText({ ...sample, fault }, third));
  });

  test('writes a report of evidence', () => {
    const at = new Date(0);
    const given = {
      about: { kind: 'recording', id: '7' },
      madeAt: at.toISOString(),
      checkpoint:
        '7\n7\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— 7 x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n',
      key: '7',
      persons: [],
      lessons: [],
      recordings: [],
    };
    const entry = { action: 'audit.read', outcome: 'done', actor: { kind: 'nobody' }, at: at.toISOString() };
    const report = writeReport(given as never, [{ seq: 7, entry: entry as never }], 8, third);
    const told = report.blocks.flatMap((block) => [
      ...('heading' in block ? [block.heading] : []),
      ...('text' in block ? [block.text] : []),
      ...('facts' in block ? block.facts.map(([name]) => name) : []),
      ...('header' in block ? [...block.header, ...block.rows.flat().filter((cell) => !cell.startsWith('1970'))] : []),
    ]);
    for (const text of [...told, report.title.replace('Emanet', '')]) heard(text);
  });
});

test('the languages that there are have a catalogue each', () => {
  for (const language of languageTags) expect(textsIn(language).labels.recordingState.released).toBeTruthy();
});
