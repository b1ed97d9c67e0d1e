import { describe, expect, test } from 'vitest';
import { linesOf, verifyPack } from '../../../src/audit/evidence.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { ExportUnusable } from '../../../src/audit/verify-export.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

const signer = testSigner();
const base = TestLog.of(40, signer);
type Files = Record<string, string>;

/** A pack about three entries of a log of 41, the last of which vouches for it. */
const pack = (change?: Parameters<TestLog['pack']>[1]) => base.pack([3, 7, 20], change);

async function verify(files: Files) {
  const opened = {
    names: Object.keys(files),
    async *read(name: string) {
      // In pieces that break lines and letters apart.
      const octets = Buffer.from(files[name]!, 'utf8');
      for (let at = 0; at < octets.length; at += 7) yield octets.subarray(at, at + 7);
    },
  };
  const check = verifyPack(opened, { keys: [parseVerifierKey(keyOf(signer))], checkpoints: [] });
  const faults: string[] = [];
  let step = await check.next();
  for (; !step.done; step = await check.next()) faults.push(step.value.fault);
  return { faults, summary: step.value };
}

test('a pack as it was made is intact', async () => {
  const { faults, summary } = await verify(pack());
  expect(faults).toEqual([]);
  expect(summary).toMatchObject({ about: { kind: 'recording', id: 'r' }, entries: 4, isComplete: false });
});

const withoutEntry = (files: Files, seq: number): Files => ({
  ...files,
  'log.jsonl': files['log.jsonl']!.split('\n')
    .filter((line) => !line.includes(`"seq":${seq},`))
    .map((line) => line.replace('{"end":4}', '{"end":3}'))
    .join('\n'),
});

test.each<[string, Files, string[]]>([
  ['a file that was changed', { ...pack(), 'record.json': '{ }\n' }, ['FILE_CHANGED']],
  [
    'a file that is missing',
    (({ 'record.json': _, ...rest }) => rest)(pack() as Files & { 'record.json': string }),
    ['FILE_MISSING'],
  ],
  ['a file that was put in', { ...pack(), 'more.txt': '' }, ['FILE_NOT_LISTED']],
  ['a manifest that the log does not know', pack({ vouching: '0'.repeat(64) }), ['PACK_NOT_ON_LOG']],
  ['a vouching entry of another kind', pack({ own: { action: 'audit.read' } }), ['PACK_NOT_ON_LOG']],
  ['an entry left out', withoutEntry(pack(), 7), ['ENTRIES_LEFT_OUT']],
  ['a count that is wrong', pack({ manifest: { entries: 2 } }), ['ENTRIES_LEFT_OUT']],
  ['the vouching entry left out', withoutEntry(pack(), 41), ['PACK_NOT_ON_LOG']],
  [
    'an entry that was changed',
    { ...pack(), 'log.jsonl': pack()['log.jsonl']!.replace('\\"id\\":\\"e7\\"', '\\"id\\":\\"x7\\"') },
    ['CHANGED', 'ENTRIES_LEFT_OUT'],
  ],
])('%s', async (_, files, faults) => expect((await verify(files)).faults).toEqual(faults));

test.each<[string, Files]>([
  ['nothing in it', {}],
  ['no log', (({ 'log.jsonl': _, ...rest }) => rest)(pack() as Files & { 'log.jsonl': string })],
  ['a manifest that is no JSON', { ...pack(), 'manifest.json': 'x' }],
  ['a manifest of something else', { ...pack(), 'manifest.json': '{"format":"zip"}' }],
  ['a manifest that is null', { ...pack(), 'manifest.json': 'null' }],
  ['a manifest without end', { ...pack(), 'manifest.json': 'x'.repeat(2 ** 20 + 1) }],
  ['a log that is none', { ...pack(), 'log.jsonl': 'x\n' }],
])('that is no pack: %s', async (_, files) => {
  await expect(verify(files)).rejects.toThrow(ExportUnusable);
});

describe('lines', () => {
  test('come whole out of any pieces, letters too; only a line feed ends one', async () => {
    const text = 'ğü\u2028ş\r\nikinci\n\nson';
    for (let size = 1; size < 12; size++) {
      const octets = Buffer.from(text, 'utf8');
      const pieces = async function* () {
        for (let at = 0; at < octets.length; at += size) yield octets.subarray(at, at + size);
      };
      const found: string[] = [];
      for await (const batch of linesOf(pieces())) found.push(...batch);
      expect(found).toEqual(['ğü\u2028ş\r', 'ikinci', '', 'son']);
    }
  });
});
