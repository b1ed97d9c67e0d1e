import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/audit/canonical-json.ts';
import { readCheckpoint } from '../../../src/audit/checkpoint.ts';
import { toConsentRecords } from '../../../src/audit/consent-record.ts';
import { deviceDigest } from '../../../src/audit/device-digest.ts';
import { evidenceDigest } from '../../../src/audit/evidence-digest.ts';
import { ReceiptUnusable, verifyReceipt, writeReceipt } from '../../../src/audit/receipt.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import type { Known } from '../../../src/audit/verify-export.ts';
import type { Terms } from '../../../src/domain/terms.ts';
import { entryOnLog, someEvidence, someTerms } from '../../support/evidence.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

const terms = someTerms();
const evidence = someEvidence(terms);
const signer = testSigner();
const entry = entryOnLog(evidence, { signer });
const text = await writeReceipt(evidence, terms, entry);
const nothingKnown: Known = { keys: [], checkpoints: [] };
const keyKnown: Known = { keys: [parseVerifierKey(keyOf(signer))], checkpoints: [] };

async function check(octets: string | Uint8Array, known: Known = keyKnown) {
  const faults: string[] = [];
  const steps = verifyReceipt(typeof octets === 'string' ? Buffer.from(octets) : octets, known);
  let step = await steps.next();
  for (; !step.done; step = await steps.next()) faults.push(step.value.fault);
  return { faults, summary: step.value };
}
type Holder = Record<string | number, unknown>;
/** The receipt with the value at a path changed, spelled as Emanet spells it. `undefined` takes a member away. */
function put(path: string | readonly (string | number)[], change: unknown): string {
  const receipt: Holder = JSON.parse(text);
  const names = typeof path === 'string' ? path.split('.') : path;
  const holder = names.slice(0, -1).reduce((value, name) => value[name] as Holder, receipt);
  const last = names.at(-1)!;
  holder[last] = typeof change === 'function' ? change(holder[last]) : change;
  return `${canonicalJson(receipt)}\n`;
}

test('a receipt is intact, with a key and without', async () => {
  const { faults, summary } = await check(text);
  expect(faults).toEqual([]);
  expect(summary).toMatchObject({
    origin: signer.name,
    seq: 7,
    size: 12,
    isKeyKnown: true,
    loggedAt: '2026-02-03T17:05:31.300Z',
    evidenceSha256: evidenceDigest(evidence),
    evidence,
    terms,
  });
  const alone = await check(text, nothingKnown);
  expect(alone.faults).toEqual([]);
  expect(alone.summary).toMatchObject({ isKeyKnown: false, key: keyOf(signer) });
});

test('its log part is an exported log', () => {
  const [head, ...rest] = (JSON.parse(text) as { log: string[] }).log.map((line) => JSON.parse(line));
  expect(head).toMatchObject({ format: 'emanet-log', entries: 'some' });
  expect(rest).toMatchObject([{ seq: 7, canonical: entry.canonical }, { end: 1 }]);
});

test('no receipt is written that does not prove its signature', async () => {
  const another = someEvidence(terms);
  await expect(writeReceipt(another, terms, entry)).rejects.toThrow('EVIDENCE_CHANGED');
  await expect(writeReceipt(evidence, someTerms({ reason: 'X' }), entry)).rejects.toThrow('TERMS_CHANGED');
  await expect(writeReceipt(evidence, terms, { ...entry, seq: 8 })).rejects.toThrow('PROOF_WRONG');
  const foreign = TestLog.of(12, signer).note();
  await expect(writeReceipt(evidence, terms, { ...entry, checkpoint: foreign })).rejects.toThrow('PROOF_WRONG');
});

describe('what was changed is noticed', () => {
  const stranger = testSigner();
  const withLog = (at: number, by: (line: Holder) => object) =>
    put(`log.${at}`, (line: string) => JSON.stringify(by(JSON.parse(line))));
  test.each<[string, string, () => string]>([
    ['an answer', 'EVIDENCE_CHANGED CONSENT_CHANGED', () => put('evidence.answers.0.answer', 'no')],
    ['a field more in the evidence', 'EVIDENCE_CHANGED', () => put('evidence.more', 1)],
    ['a word of the terms', 'TERMS_CHANGED', () => put('terms.texts.tr.notice.text', 'X')],
    ['the part for programs', 'CONSENT_CHANGED', () => put('consent.0.event.0.event_state', 'dpv:ConsentRefused')],
    ['one record left out of it', 'CONSENT_CHANGED', () => put('consent', (all: unknown[]) => all.slice(1))],
    ['a field more beside the parts', 'RECEIPT_BROKEN', () => put('more', 1)],
    ['a part that is missing', 'RECEIPT_BROKEN', () => put('terms', undefined)],
    ['a part of another type', 'RECEIPT_BROKEN', () => put('evidence.answers', 'yes')],
    ['a line of the log too many', 'RECEIPT_BROKEN', () => put('log', (lines: string[]) => [...lines, lines[1]])],
    ['a filter in its head', 'RECEIPT_BROKEN', () => withLog(0, (head) => ({ ...head, filter: { action: 'x' } }))],
    ['the place of the entry', 'PROOF_WRONG', () => withLog(1, (line) => ({ ...line, seq: 6 }))],
    ['its hash', 'PROOF_WRONG', () => withLog(1, (line) => ({ ...line, leaf: 'AAAA' }))],
    ['its proof', 'PROOF_WRONG', () => withLog(1, (line) => ({ ...line, proof: [] }))],
    ['no proof', 'PROOF_WRONG', () => withLog(1, ({ proof: _, ...line }) => line)],
    [
      'its text',
      'EVIDENCE_CHANGED PROOF_WRONG',
      () =>
        withLog(1, (line) => ({
          ...line,
          canonical: String(line.canonical).replace(/"evidence":"./, '"evidence":"_'),
        })),
    ],
    [
      'an entry that says nothing',
      'NOT_ON_LOG PROOF_WRONG',
      () => withLog(1, (line) => ({ ...line, canonical: 'nothing' })),
    ],
    ['the key', 'KEY_DIFFERS', () => withLog(0, (head) => ({ ...head, key: keyOf(stranger) }))],
    ['no key', 'CHECKPOINT_WRONG', () => withLog(0, (head) => ({ ...head, key: 'none' }))],
    ['a blank after the key', 'CHECKPOINT_WRONG', () => withLog(0, (head) => ({ ...head, key: `${head.key} ` }))],
    [
      'the checkpoint',
      'CHECKPOINT_WRONG PROOF_WRONG',
      () => withLog(0, (head) => ({ ...head, checkpoint: new TestLog(entry.log.texts.slice(0, 10), stranger).note() })),
    ],
    ['no checkpoint', 'CHECKPOINT_WRONG', () => withLog(0, (head) => ({ ...head, checkpoint: 'none' }))],
    ['a blank', 'RESPELLED', () => text.replace('{', '{ ')],
    ['no line feed', 'RESPELLED', () => text.trimEnd()],
    ['one name twice', 'RESPELLED', () => text.replace('"v":1}\n', '"v":1,"v":1}\n')],
    ['half of it', 'RECEIPT_BROKEN', () => text.slice(0, text.length / 2)],
    ['half a letter', 'RECEIPT_BROKEN', () => put('terms.school', 'X').replace('"X"', '"\\ud800"')],
  ])('%s: %s', async (_, faults, make) => {
    expect((await check(await make())).faults.join(' ')).toBe(faults);
  });

  test('a log that another key signed', async () => {
    const forged = await writeReceipt(evidence, terms, entryOnLog(evidence, { signer: testSigner() }));
    expect((await check(forged)).faults).toEqual(['KEY_DIFFERS', 'CHECKPOINT_WRONG']);
  });

  test('an entry about another thing, or about an answer that was not taken', async () => {
    for (const about of [{ details: { manifest: evidenceDigest(evidence) } }, { outcome: 'refused' }]) {
      const other = entryOnLog(evidence, { signer, ...about });
      await expect(writeReceipt(evidence, terms, other)).rejects.toThrow('NOT_ON_LOG');
    }
  });

  test('a checkpoint kept elsewhere: of another log, of another state; a newer one cannot be compared', async () => {
    const kept = (log: TestLog) => ({ ...keyKnown, checkpoints: [readCheckpoint(log.note())] });
    expect((await check(text, kept(TestLog.of(12, testSigner('b.example'))))).faults).toEqual(['ORIGIN']);
    expect((await check(text, kept(TestLog.of(12, signer)))).faults).toEqual(['FORK']);
    expect(await check(text, kept(entry.log))).toMatchObject({ faults: [], summary: { notCompared: [] } });
    for (const size of [5, 20])
      expect(await check(text, kept(TestLog.of(size, signer)))).toMatchObject({
        faults: [],
        summary: { notCompared: [size] },
      });
  });
});

test('nesting without end is no fault of the program', async () => {
  const deep = text.replace('"terms":', `"more":${'['.repeat(400_000)}${']'.repeat(400_000)},"terms":`);
  expect((await check(deep)).faults).toEqual(['RECEIPT_BROKEN']);
});

test('something else is no receipt', async () => {
  for (const [from, to] of [
    ['emanet-receipt', 'emanet-receipe'],
    ['"v":1}\n', '"v":2}\n'],
  ] as const)
    await expect(check(text.replace(from, to))).rejects.toThrow(ReceiptUnusable);
});

describe('every change of a byte is noticed', () => {
  const whole = Buffer.from(text);
  const isNoticed = async (octets: Buffer, known: Known) => {
    try {
      return (await check(octets, known)).faults.length > 0;
    } catch (error) {
      if (error instanceof ReceiptUnusable) return true;
      throw error;
    }
  };
  test.each([
    ['with the key', keyKnown],
    ['without it', nothingKnown],
  ])('%s: one byte is another, is gone, or is there twice', async (_, known) => {
    expect(await isNoticed(whole, known)).toBe(false);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
        const octets = Buffer.from(whole);
        octets[at]! ^= by;
        expect(await isNoticed(octets, known)).toBe(true);
      }),
      { numRuns: 1_500 },
    );
    for (let at = 0; at < whole.length; at += 11) {
      expect(await isNoticed(Buffer.concat([whole.subarray(0, at), whole.subarray(at + 1)]), known)).toBe(true);
      const twice = Buffer.concat([whole.subarray(0, at + 1), whole.subarray(at)]);
      expect(await isNoticed(twice, known)).toBe(true);
    }
  });

  test('any value anywhere is another', async () => {
    const paths: (readonly (string | number)[])[] = [];
    const walk = (value: unknown, path: readonly (string | number)[]) => {
      if (typeof value !== 'object' || value === null) paths.push(path);
      else for (const [key, member] of Object.entries(value)) walk(member, [...path, key]);
    };
    walk(JSON.parse(text), []);
    expect(paths.length).toBeGreaterThan(150);
    for (const path of paths) {
      const changed = put(path, (before: unknown) => {
        if (typeof before === 'string') return `${before}x`;
        return typeof before === 'number' ? before + 1 : 'x';
      });
      expect(await isNoticed(Buffer.from(changed), keyKnown), path.join('.')).toBe(true);
    }
  });
});

describe('the answers under the names of ISO/IEC TS 27560', () => {
  const [record, keep, release, families] = toConsentRecords(evidence, terms);
  test('one record for each question, with what the school and the signer are to it', () => {
    expect(toConsentRecords(evidence, terms)).toHaveLength(4);
    expect(record).toMatchObject({
      schema_version: 'ISO/IEC TS 27560:2023',
      record_id: `${evidence.permission}/record`,
      pii_principal_id: evidence.subject.id,
      pii_processing: {
        privacy_notice: `sha256:${evidence.terms}`,
        language: 'tr',
        purposes: [
          { purpose: 'record', purpose_description: terms.reason, recipient_third_parties: [], retention_period: null },
        ],
      },
      party_identification: [
        { party_id: 'school', party_name: terms.school, party_role: 'controller' },
        {
          party_id: evidence.signer.id,
          party_name: evidence.signer.name,
          party_role: 'guardian',
          party_type: 'mother',
        },
      ],
      event: [
        {
          event_time: evidence.answeredAt,
          event_state: 'dpv:ConsentGiven',
          validity_duration: '2026-02-09/2026-06-19',
        },
      ],
    });
    expect(keep?.pii_processing.purposes[0]?.retention_period).toBe('2026-09-30');
    expect(release?.record_id).toBe(`${evidence.permission}/release/class`);
    expect(families?.event[0]?.event_state).toBe('dpv:ConsentRefused');
  });
  test('an objection to one lesson is a record beside those of the course, and names the lesson', () => {
    const objected = someEvidence(terms, { event: 'objected', lesson: 'a-lesson', permission: null });
    expect(toConsentRecords(objected, terms)[0]).toMatchObject({
      record_id: `${objected.id}/record`,
      pii_processing: { purposes: [{ services: [terms.course, 'a-lesson'] }] },
    });
  });
  test('a withdrawal says so; a site is no person; a paper is withdrawn without a link', () => {
    const site = { kind: 'site', id: 'x', name: 'Başka okul', class: null } as const;
    const other = someEvidence(terms, {
      event: 'withdrawn',
      subject: site,
      signer: { ...evidence.signer, id: null },
      tokenSha256: null,
      notice: null,
    });
    const open: Terms = { ...terms, keptUntil: null };
    const all = toConsentRecords(other, open);
    expect(all.at(-1)).toMatchObject({
      pii_principal_id: null,
      pii_processing: { language: null, purposes: [{ withdrawal_method: ['paper', 'email', 'spoken'] }] },
      event: [{ event_state: 'dpv:ConsentWithdrawn', entity_id: 'signer', validity_duration: null }],
    });
  });
});

test('a device stands in evidence by a digest that needs the key and tells facts apart', () => {
  const key = Buffer.alloc(32, 1);
  const digest = deviceDigest(key, 'address', '192.0.2.1');
  expect(digest).toMatch(/^[0-9a-f]{64}$/);
  expect(deviceDigest(key, 'address', '192.0.2.1')).toBe(digest);
  expect(deviceDigest(key, 'agent', '192.0.2.1')).not.toBe(digest);
  expect(deviceDigest(Buffer.alloc(32, 2), 'address', '192.0.2.1')).not.toBe(digest);
});
