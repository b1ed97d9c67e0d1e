import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  destroyEpochFile,
  ensureEpoch,
  parseEpochKeys,
  readEpochs,
  writeEpoch,
} from '../../../src/keys/epoch-folder.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'emanet-epochs-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const read = () => readEpochs({ EMANET_HOME: home, EPOCH_KEYS: undefined });
const files = () => readdir(join(home, 'secrets/epoch'));

test('the first epoch is made once, for its owner only, and the highest is the current one', async () => {
  expect(await read()).toEqual([]);
  await Promise.all([ensureEpoch(home), ensureEpoch(home)]);
  const [first] = await read();
  await ensureEpoch(home);
  for (const epoch of [2, 10]) await writeEpoch(home, epoch);
  const epochs = await read();
  expect(epochs.map(({ epoch }) => epoch)).toEqual([10, 2, 1]);
  expect(epochs.at(-1)).toEqual(first);
  expect((await stat(join(home, 'secrets/epoch/1.key'))).mode & 0o777).toBe(0o600);
});

test('the key of an epoch is never written over', async () => {
  await writeEpoch(home, 1);
  const before = await read();
  await expect(writeEpoch(home, 1)).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await read()).toEqual(before);
  expect(await files()).toEqual(['1.key']);
});

test('a destroyed key leaves nothing; a destruction that was broken off ends with the next start', async () => {
  for (const epoch of [1, 2, 3]) await writeEpoch(home, epoch);
  await destroyEpochFile(home, 1);
  await destroyEpochFile(home, 1);
  expect(await files()).toEqual(['2.key', '3.key']);
  await rename(join(home, 'secrets/epoch/2.key'), join(home, 'secrets/epoch/2.key.destroyed'));
  expect((await read()).map(({ epoch }) => epoch)).toEqual([3]);
  await ensureEpoch(home);
  expect(await files()).toEqual(['3.key']);
});

test('keys from the environment take the place of the files', async () => {
  await writeEpoch(home, 9);
  const line = (epoch: number) => `${epoch}:${randomBytes(32).toString('base64url')}`;
  const found = await readEpochs({ EMANET_HOME: home, EPOCH_KEYS: `${line(1)}\n ${line(2)} \n\n` });
  expect(found.map(({ epoch, since }) => [epoch, since])).toEqual([
    [2, null],
    [1, null],
  ]);
});

test.each([
  ['nothing', '\n'],
  ['no number', `x:${'A'.repeat(43)}`],
  ['epoch 0', `0:${'A'.repeat(43)}`],
  ['too short a key', `1:${'A'.repeat(42)}`],
  ['another alphabet', `1:${'+'.repeat(43)}`],
  ['a third field', `1:${'A'.repeat(43)}:`],
  ['an epoch twice', `1:${'A'.repeat(43)}\n1:${'A'.repeat(43)}`],
])('%s in EPOCH_KEYS stops the start, without showing a key', (_, text) => {
  expect(() => parseEpochKeys(text)).toThrow(/^EPOCH_KEYS(?!.*[A+]{42})/);
});
