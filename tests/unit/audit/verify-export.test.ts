import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../../src/audit/checkpoint.ts';
import { type ExportLine, formatLine, toEntryLine } from '../../../src/audit/export-format.ts';
import { leafHash } from '../../../src/audit/merkle.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { type ExportFault, ExportUnusable, type Known, verifyExport } from '../../../src/audit/verify-export.ts';
import { describeFault } from '../../../src/verifier/fault-words.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

const signer = testSigner();
const keys = [parseVerifierKey(keyOf(signer))];
const log = TestLog.of(11, signer);
const marks = [3, 5, 8];

async function verify(lines: readonly ExportLine[] | string, known: Partial<Known> = {}) {
  const texts = typeof lines === 'string' ? lines.split('\n').filter(Boolean) : lines.map(formatLine);
  const check = verifyExport([texts], { keys, checkpoints: [], ...known });
  const faults: ExportFault[] = [];
  let step = await check.next();
  for (; !step.done; step = await check.next()) faults.push(step.value);
  return { faults, summary: step.value };
}
const kinds = async (lines: readonly ExportLine[], known: Partial<Known> = {}) =>
  (await verify(lines, known)).faults.map(({ fault }) => fault);
const known = (one: TestLog, size = one.size) => ({ checkpoints: [readCheckpoint(one.note(size))] });

const isEntry = (seq: number) => (line: ExportLine) => 'seq' in line && line.seq === seq;
const without = (lines: ExportLine[], ...seqs: number[]) =>
  lines.filter((line) => !seqs.some((seq) => isEntry(seq)(line)));
const altered = '{"action":"test.undone","id":"e4","v":1}';
/** Somebody who knows the format: the hashes that stand in the file fit again. */
const recomputed = (lines: ExportLine[], seq: number, text: string) =>
  lines.map((line) => (isEntry(seq)(line) ? { ...line, ...toEntryLine(seq, text, leafHash(text)) } : line));

describe('an intact export', () => {
  test('of everything', async () => {
    const { faults, summary } = await verify(log.exportAll(marks), known(log, 5));
    expect(faults).toEqual([]);
    expect(summary).toMatchObject({ entries: 11, size: 11, isComplete: true, isKeyKnown: true, notCompared: [] });
  });
  test('of some entries says that it cannot show that none is left out', async () => {
    const { faults, summary } = await verify(log.exportSome([2, 7, 11], marks), known(log, 5));
    expect(faults).toEqual([]);
    expect(summary).toMatchObject({ entries: 3, size: 11, isComplete: false, notCompared: [] });
  });
  test('of nothing', async () => {
    expect((await verify(log.exportSome([]))).faults).toEqual([]);
    expect((await verify(TestLog.of(0, signer).exportAll())).faults).toEqual([]);
  });
  test('names the key that it states when none is given', async () => {
    const { faults, summary } = await verify(log.exportAll(), { keys: [] });
    expect(faults).toEqual([]);
    expect(summary).toMatchObject({ isKeyKnown: false, key: keyOf(signer) });
  });
  test('says which known checkpoint it could not be compared with', async () => {
    const { faults, summary } = await verify(log.exportSome([2], [5]), known(log, 4));
    expect(faults).toEqual([]);
    expect(summary.notCompared).toEqual([4]);
  });
});

/** What somebody does to a complete export, and what is seen first. */
const forgeries: [string, () => ExportLine[], Partial<ExportFault>][] = [
  [
    'a changed entry',
    () => log.exportAll(marks).map((line) => (isEntry(4)(line) ? { ...line, canonical: altered } : line)),
    { fault: 'CHANGED', seq: 4 },
  ],
  [
    'a changed entry with its leaf hash',
    () => recomputed(log.exportAll(marks), 4, altered),
    { fault: 'ROOT', from: 4, to: 5 },
  ],
  [
    'a changed entry with its leaf hash, and no checkpoint within',
    () => recomputed(log.exportAll(), 4, altered),
    { fault: 'ROOT', from: 1, to: 11 },
  ],
  [
    'another spelling of the same entry',
    () => recomputed(log.exportAll(marks), 4, '{"v":1,"action":"test.done","id":"e4"}'),
    { fault: 'NOT_CANONICAL', seq: 4 },
  ],
  ['the first entry removed', () => without(log.exportAll(marks), 1), { fault: 'SEQUENCE', seq: 2, expected: 1 }],
  ['one in the middle removed', () => without(log.exportAll(marks), 6), { fault: 'SEQUENCE', seq: 7, expected: 6 }],
  ['the last entry removed', () => without(log.exportAll(marks), 11), { fault: 'COUNT', counted: 10, stated: 11 }],
  [
    'the last entry removed and the end adapted',
    () => [...without(log.exportAll(marks), 11).slice(0, -1), { end: 10 }],
    { fault: 'CUT_OFF', from: 11, to: 11 },
  ],
  ['everything after the sixth removed', () => log.exportAll().slice(0, 7), { fault: 'NO_END' }],
  [
    'everything after the sixth removed, with an end',
    () => [...log.exportAll().slice(0, 7), { end: 6 }],
    { fault: 'CUT_OFF', from: 7, to: 11 },
  ],
  [
    'one removed and the rest numbered again',
    () => {
      const shorter = new TestLog(log.texts.toSpliced(5, 1), signer).exportAll();
      return [log.exportAll()[0]!, ...shorter.slice(1)];
    },
    { fault: 'CUT_OFF', from: 11, to: 11 },
  ],
  [
    'two entries swapped',
    () => {
      const lines = log.exportAll();
      return lines.with(4, lines[5]!).with(5, lines[4]!);
    },
    { fault: 'SEQUENCE', seq: 5, expected: 4 },
  ],
  [
    'two entries swapped and numbered again',
    () => recomputed(recomputed(log.exportAll(marks), 4, log.texts[4]!), 5, log.texts[3]!),
    { fault: 'ROOT', from: 4, to: 5 },
  ],
  [
    'an entry put in',
    () => log.exportAll().toSpliced(5, 0, toEntryLine(5, altered, leafHash(altered))),
    { fault: 'SEQUENCE', seq: 5, expected: 6 },
  ],
  [
    'an entry put in at the end',
    () => log.exportAll().toSpliced(12, 1, toEntryLine(12, altered, leafHash(altered)), { end: 12 }),
    { fault: 'ROOT', from: 1, to: 11 },
  ],
  [
    'the checkpoint of another state in front',
    () => [new TestLog(log.texts.with(3, altered), signer).exportAll()[0]!, ...log.exportAll().slice(1)],
    { fault: 'ROOT', from: 1, to: 11 },
  ],
  [
    'a checkpoint in the wrong place',
    () => log.exportAll().toSpliced(7, 0, { checkpoint: log.note(5) }),
    { fault: 'INCONSISTENT', size: 5 },
  ],
  [
    'a line that is none',
    () => log.exportAll().toSpliced(7, 0, { nonsense: true } as never),
    { fault: 'LINE', line: 8 },
  ],
  ['something after the end', () => [...log.exportAll(), { end: 11 }], { fault: 'LINE' }],
];
test.each(forgeries)('tampered with: %s', async (_, forge, first) => {
  const { faults } = await verify(forge());
  expect(faults[0]).toMatchObject(first);
});

test('two changed entries are both named', async () => {
  const lines = log
    .exportAll(marks)
    .map((line) => (isEntry(2)(line) || isEntry(9)(line) ? { ...line, canonical: altered } : line));
  expect((await verify(lines)).faults).toMatchObject([
    { fault: 'CHANGED', seq: 2 },
    { fault: 'CHANGED', seq: 9 },
  ]);
});

describe('a log computed again', () => {
  const stranger = testSigner();
  const rewritten = new TestLog(log.texts.with(3, altered), stranger);
  test('under another key is not signed by the key that is known', async () => {
    expect(await kinds(rewritten.exportAll(marks))).toContain('SIGNATURE');
  });
  test('by whoever has the key is seen by a checkpoint kept elsewhere', async () => {
    const forked = new TestLog(log.texts.with(3, altered), signer);
    expect(await kinds(forked.exportAll(marks))).toEqual([]);
    expect(await kinds(forked.exportAll(marks), known(log, 5))).toEqual(['FORK']);
    expect(await kinds(forked.exportAll(marks), known(log))).toContain('FORK');
    expect(await kinds(forked.exportAll(marks), known(log, 3))).toEqual([]);
    expect(await kinds(forked.exportSome([2, 9], marks), known(log, 5))).toEqual(['FORK']);
    expect(await kinds(forked.exportSome([2, 9], marks), known(log))).toEqual(['FORK']);
  });
  test('an older state replayed is older than what is known', async () => {
    const old = new TestLog(log.texts.slice(0, 6), signer);
    expect(await kinds(old.exportAll())).toEqual([]);
    expect(await kinds(old.exportAll(), known(log, 8))).toEqual(['OLDER_THAN_KNOWN']);
    expect(await kinds(old.exportSome([2]), known(log, 8))).toEqual(['OLDER_THAN_KNOWN']);
  });
  test('a checkpoint of another log is not this log’s', async () => {
    const other = TestLog.of(5, testSigner('other.example/log'));
    expect(await kinds(log.exportAll(), known(other))).toEqual(['ORIGIN']);
  });
});

describe('an export of some entries', () => {
  const change = (lines: ExportLine[], seq: number, by: object) =>
    lines.map((line) => (isEntry(seq)(line) ? ({ ...line, ...by } as ExportLine) : line));
  const some = () => log.exportSome([2, 7, 11], [5]);
  test.each([
    ['a changed entry', () => change(some(), 7, { canonical: altered }), 'CHANGED'],
    ['a changed entry with its leaf hash', () => recomputed(some(), 7, altered), 'NOT_INCLUDED'],
    ['an entry under another number', () => change(some(), 7, { seq: 8 }), 'NOT_INCLUDED'],
    ['an entry without its proof', () => change(some(), 7, { proof: undefined }), 'NO_PROOF'],
    ['entries in another order', () => log.exportSome([7, 2, 11]), 'SEQUENCE'],
    ['an entry twice', () => log.exportSome([2, 2]), 'SEQUENCE'],
    ['an entry removed', () => without(some(), 7), 'COUNT'],
    [
      'an older checkpoint of another log',
      () =>
        some().map((line) =>
          'checkpoint' in line && !('format' in line)
            ? { ...line, checkpoint: TestLog.of(5, testSigner('other.example')).note() }
            : line,
        ),
      'SIGNATURE',
    ],
    [
      'an older checkpoint of another state',
      () =>
        some().map((line) =>
          'checkpoint' in line && !('format' in line)
            ? { ...line, checkpoint: new TestLog(log.texts.with(1, altered), signer).note(5) }
            : line,
        ),
      'INCONSISTENT',
    ],
  ])('is tampered with: %s', async (_, forge, first) => expect((await kinds(forge()))[0]).toBe(first));
});

test.each([
  ['an empty file', ''],
  ['a spreadsheet', 'seq,at\r\n1,now\r\n'],
  ['the form of before', '{"seq":1,"canonical":"{}","leafHash":"00","chainHash":"00"}\n'],
  ['a checkpoint that is none', formatLine({ ...log.exportAll()[0]!, checkpoint: 'x' } as never)],
  ['a key that is none', formatLine({ ...log.exportAll()[0]!, key: 'x' } as never)],
])('%s is not usable', async (_, text) => {
  await expect(verify(text, { keys: [] })).rejects.toThrow(ExportUnusable);
});

test('no false alarm on 1,000 random intact logs, and no change of one is missed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 5 }),
      fc.nat(),
      fc.nat(),
      async (size, sizes, where, how) => {
        const one = TestLog.of(size, signer);
        const within = [...new Set(sizes.filter((mark) => mark < size))].toSorted((a, b) => a - b);
        const lines = one.exportAll(within);
        const kept = known(one, 1 + (where % size));
        expect(await kinds(lines, kept)).toEqual([]);
        expect(await kinds(one.exportSome([1 + (where % size)], within), kept)).toEqual([]);
        // Any line but the head: gone, doubled, or with one octet changed. Signed checkpoints in between may go, since an
        // export without them is intact as well.
        const at = 1 + (where % (lines.length - 1));
        const texts = lines.map(formatLine);
        const line = texts[at]!;
        const place = how % (line.length - 1);
        const octet = String.fromCharCode(line.charCodeAt(place) ^ (1 + (how % 7)));
        for (const forged of [
          ...('checkpoint' in lines[at]! ? [] : [texts.toSpliced(at, 1), texts.toSpliced(at, 0, line)]),
          texts.with(at, line.slice(0, place) + octet + line.slice(place + 1)),
        ]) {
          const { faults } = await verify(forged.join('\n').replaceAll('\n\n', '\n'));
          if (JSON.stringify(tryParse(forged[at])) !== JSON.stringify(lines[at])) expect(faults).not.toEqual([]);
        }
      },
    ),
    { numRuns: 1_000 },
  );
});

function tryParse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return null;
  }
}

test('every fault has a sentence in both languages that names its facts', async () => {
  const found = new Map<string, ExportFault>();
  for (const [, forge] of forgeries) for (const fault of (await verify(forge())).faults) found.set(fault.fault, fault);
  expect(found.size).toBeGreaterThan(8);
  for (const fault of found.values())
    for (const language of ['tr', 'en'] as const) {
      expect(describeFault(fault, language)).not.toMatch(/[{}]|undefined/);
    }
});
