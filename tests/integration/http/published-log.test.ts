import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCheckpoint } from '../../../src/audit/checkpoint.ts';
import { rootOf } from '../../../src/audit/merkle.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { allTiles, partialTiles, tilePath } from '../../../src/audit/tile-shape.ts';
import { readTiles } from '../../../src/audit/tiles.ts';
import { integrateLog } from '../../../src/pipeline/oversight/integrate-log.ts';
import { LogForked, mirrorPrefix, publishLog } from '../../../src/pipeline/oversight/publish-log.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  await grow(700);
});
afterAll(() => server?.stop());

const system = { actor: { kind: 'system', id: 'test' } } as const;
async function grow(entries: number) {
  const { outside } = server.context;
  await outside.database.transact(system, async (tx) => {
    for (let i = 0; i < entries; i++)
      await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'test', attempts: i } });
  });
  return integrateLog(outside);
}
const get = async (path: string) => {
  const response = await fetch(server.url + path);
  return { status: response.status, octets: Buffer.from(await response.arrayBuffer()) };
};
const stored = async (key: string) => {
  const pieces: Buffer[] = [];
  for await (const piece of await server.context.outside.objects.get(`${mirrorPrefix}${key}`)) pieces.push(piece);
  return Buffer.concat(pieces);
};
async function rootFrom(size: number, read: (path: string) => Promise<Buffer>) {
  const tiles = new Map<string, Buffer>();
  for (const tile of allTiles(size)) tiles.set(`${tile.level}/${tile.index}`, await read(tilePath(tile)));
  return rootOf(
    size,
    readTiles((level, index) => tiles.get(`${level}/${index}`)!),
  );
}

test('whoever has nothing but the address gets key, checkpoint and tiles, and they fit together', async () => {
  const known = JSON.parse((await get('/.well-known/emanet-log')).octets.toString());
  const { octets } = await get('/log/checkpoint');
  const checkpoint = openCheckpoint(octets.toString(), { log: [parseVerifierKey(known.key)] });
  expect(checkpoint.origin).toBe(known.origin);
  expect(checkpoint.size).toBeGreaterThan(700);
  const root = await rootFrom(checkpoint.size, async (path) => (await get(`/log/${path}`)).octets);
  expect(root).toEqual(checkpoint.root);
});

test('a tile that was partial once can still be had as it was then', async () => {
  const now = await get('/log/tile/0/002.p/100');
  expect(now).toMatchObject({ status: 200 });
  expect(now.octets).toHaveLength(3_200);
  const whole = await get('/log/tile/0/001');
  expect((await get('/log/tile/0/001.p/7')).octets).toEqual(whole.octets.subarray(0, 7 * 32));
});

test.each([
  '/log/tile/0/003',
  '/log/tile/0/002',
  '/log/tile/3/000',
  '/log/tile/0/0',
  '/log/tile/entries/000',
  '/log/x',
])('%s is not there', async (path) => expect((await get(path)).status).toBe(404));

test('the mirror in the object store holds the same tree, and every checkpoint on the way', async () => {
  const { outside } = server.context;
  await publishLog(outside);
  const first = await integrateLog(outside);
  expect((await stored('checkpoint')).toString()).toBe(first.note);
  expect(await rootFrom(first.size, stored)).toEqual(first.root);
  const second = await grow(400);
  const third = await grow(1);
  await publishLog(outside);
  await publishLog(outside);
  for (const { size, note } of [second, third])
    expect((await stored(`checkpoints/${String(size).padStart(16, '0')}`)).toString()).toBe(note);
  expect(await rootFrom(third.size, stored)).toEqual(third.root);
  expect(partialTiles(third.size).length).toBeGreaterThan(0);
});

test('a store that was emptied is filled again', async () => {
  const { outside } = server.context;
  for await (const { key } of outside.objects.list(mirrorPrefix)) await outside.objects.delete(key);
  await publishLog(outside);
  const checkpoint = await integrateLog(outside);
  expect(await rootFrom(checkpoint.size, stored)).toEqual(checkpoint.root);
});

test('a database that was set back does not overwrite what the store knows of the log', async () => {
  const { outside } = server.context;
  const { origin } = await integrateLog(outside);
  const note = `${origin}\n99999\n${Buffer.alloc(32).toString('base64')}\n\n— ${origin} ${Buffer.alloc(68).toString('base64')}\n`;
  await outside.objects.put(`${mirrorPrefix}checkpoint`, Readable.from([Buffer.from(note)]));
  await grow(1);
  await expect(publishLog(outside)).rejects.toThrow(LogForked);
  expect((await stored('checkpoint')).toString()).toBe(note);
});
