import { expect, test } from 'vitest';
import { readCheckpoint } from '../../../src/audit/checkpoint.ts';
import { NoteMalformed } from '../../../src/audit/note-form.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { tilePath } from '../../../src/audit/tile-shape.ts';
import { verifyTiles } from '../../../src/audit/verify-tiles.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

const signer = testSigner();
const log = TestLog.of(700, signer);
const other = new TestLog(log.texts.with(100, '{"forged":true}'), signer);

const published = (of: TestLog) => of.tiles();
async function verify(
  tiles: Map<string, Buffer>,
  { note = log.note(), beside = [log.note(256), log.note(300)], known = [] as string[], keys = [keyOf(signer)] } = {},
) {
  const check = verifyTiles(
    {
      note,
      read: async (tile) => tiles.get(tilePath(tile)) ?? null,
      async *checkpoints() {
        yield* beside;
      },
    },
    { keys: keys.map(parseVerifierKey), checkpoints: known.map(readCheckpoint) },
  );
  const faults: unknown[] = [];
  let step = await check.next();
  for (; !step.done; step = await check.next()) faults.push(step.value);
  return { faults, summary: step.value };
}
const flipped = (path: string) => {
  const tiles = published(log);
  const octets = Buffer.from(tiles.get(path)!);
  octets[5]! ^= 1;
  return tiles.set(path, octets);
};
const without = (path: string) => {
  const tiles = published(log);
  tiles.delete(path);
  return tiles;
};

test('what was published is intact, with every checkpoint beside it and from elsewhere', async () => {
  const { faults, summary } = await verify(published(log), {
    known: [log.note(0), log.note(1), log.note(512), log.note(700)],
  });
  expect(faults).toEqual([]);
  expect(summary).toMatchObject({ origin: signer.name, size: 700, checkpoints: 7 });
});

test.each<[string, Parameters<typeof verify>, unknown[]]>([
  [
    'a leaf changed',
    [flipped('tile/0/001')],
    [
      { fault: 'TREE', size: 300 },
      { fault: 'TREE', size: 700 },
      { fault: 'TILE_CHANGED', name: 'tile/1/000.p/2' },
    ],
  ],
  ['a higher tile changed', [flipped('tile/1/000.p/2')], [{ fault: 'TILE_CHANGED', name: 'tile/1/000.p/2' }]],
  ['a leaf of the right edge changed', [flipped('tile/0/002.p/188')], [{ fault: 'TREE', size: 700 }]],
  ['leaves missing', [without('tile/0/001')], [{ fault: 'TILE_MISSING', name: 'tile/0/001' }]],
  ['a higher tile missing', [without('tile/1/000.p/2')], [{ fault: 'TILE_MISSING', name: 'tile/1/000.p/2' }]],
  [
    'a tile of another width',
    [published(log).set('tile/0/000', Buffer.alloc(32))],
    [{ fault: 'TILE_CHANGED', name: 'tile/0/000' }],
  ],
  [
    'a fork',
    [published(other), { note: other.note(), beside: [], known: [log.note(400)] }],
    [{ fault: 'FORK', size: 400 }],
  ],
  [
    'an older state',
    [published(TestLog.of(650, signer)), { note: log.note(650), beside: [], known: [log.note()] }],
    [{ fault: 'OLDER_THAN_KNOWN', size: 700 }],
  ],
  [
    'a head that was set back behind its own checkpoints',
    [published(TestLog.of(650, signer)), { note: log.note(650), beside: [log.note(700)] }],
    [{ fault: 'OLDER_THAN_KNOWN', size: 700 }],
  ],
  ['another key', [published(log), { beside: [], keys: [keyOf(testSigner())] }], [{ fault: 'SIGNATURE', size: 700 }]],
  [
    'a checkpoint of another log',
    [published(log), { beside: [], known: [TestLog.of(5, testSigner('b.example')).note()] }],
    [{ fault: 'ORIGIN', size: 5 }],
  ],
])('%s is found', async (_, given, faults) => expect((await verify(...given)).faults).toEqual(faults));

test('an empty log is one too; what is no checkpoint cannot be checked', async () => {
  const empty = TestLog.of(0, signer);
  expect((await verify(new Map(), { note: empty.note(), beside: [] })).faults).toEqual([]);
  await expect(verify(new Map(), { note: 'x' })).rejects.toThrow(NoteMalformed);
});
