import { randomBytes, randomUUID } from 'node:crypto';
import { link, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/env.ts';
import { ensurePrivateFolder, readIfThere } from '../config/secrets.ts';
import { type EpochKey, epochKeyBytes, maxEpoch } from '../vault/epoch-lock.ts';
import { stampOf } from './key-folder.ts';

/** The key of an epoch and the time since when it exists; null if it comes from the environment. */
export interface KeptEpoch extends EpochKey {
  readonly since: Date | null;
}

const destroyed = '.destroyed';
const folderOf = (home: string) => join(home, 'secrets/epoch');
const fileOf = (home: string, epoch: number) => join(folderOf(home), `${epoch}.key`);

/** The keys of the second lock, the current one first: from EPOCH_KEYS, else from EMANET_HOME/secrets/epoch. */
export async function readEpochs(config: Pick<Config, 'EMANET_HOME' | 'EPOCH_KEYS'>): Promise<KeptEpoch[]> {
  const { EMANET_HOME: home, EPOCH_KEYS: given } = config;
  const found = given === undefined ? await readFolder(home) : parseEpochKeys(given);
  return found.toSorted((a, b) => b.epoch - a.epoch);
}

/** Lines of `epoch:base64url`. @throws Error that names the line but not its content. */
export function parseEpochKeys(text: string): KeptEpoch[] {
  const lines = text.split('\n').map((line) => line.trim());
  const found = lines.flatMap((line, index) => {
    if (line === '') return [];
    const [number = '', key = '', ...more] = line.split(':');
    if (more.length > 0) throw new Error(`EPOCH_KEYS, line ${index + 1}: not \`epoch:base64url\``);
    return [{ ...parse(number, key, `EPOCH_KEYS, line ${index + 1}`), since: null }];
  });
  if (found.length === 0) throw new Error('EPOCH_KEYS holds no key');
  if (new Set(found.map(({ epoch }) => epoch)).size < found.length) throw new Error('EPOCH_KEYS names an epoch twice');
  return found;
}

/** Makes the key of the first epoch if there is none, and finishes an interrupted destruction. Safe to repeat. */
export async function ensureEpoch(home: string): Promise<void> {
  await removeDestroyed(home);
  if ((await listEpochs(home)).length > 0) return;
  await writeEpoch(home, 1).catch((error) => {
    // Another process made it during its own start.
    if (error.code !== 'EEXIST') throw error;
  });
}

/** Never overwrites an existing one. @throws `EEXIST`. */
export async function writeEpoch(home: string, epoch: number): Promise<void> {
  await ensurePrivateFolder(folderOf(home));
  const unfinished = join(folderOf(home), `${randomUUID()}.part`);
  await writeFile(unfinished, `${randomBytes(epochKeyBytes).toString('base64url')}\n`, { mode: 0o600, flush: true });
  try {
    await link(unfinished, fileOf(home, epoch));
  } finally {
    await rm(unfinished);
  }
}

/**
 * The key counts no more at once; then its file is overwritten and removed. A file system that keeps old blocks, and
 * backups of the folder, may still have it. Repeatable.
 */
export async function destroyEpochFile(home: string, epoch: number): Promise<void> {
  await rename(fileOf(home, epoch), `${fileOf(home, epoch)}${destroyed}`).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await removeDestroyed(home);
}

async function removeDestroyed(home: string): Promise<void> {
  for (const name of (await listFolder(home)).filter((one) => one.endsWith(destroyed))) {
    const path = join(folderOf(home), name);
    const file = await open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
      // Another process is doing the same.
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!file) continue;
    try {
      await file.write(randomBytes((await file.stat()).size), 0, undefined, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rm(path, { force: true });
  }
}

/** Changes whenever a file of the folder does. */
export async function stampEpochs(home: string): Promise<string> {
  const stamps = (await listEpochs(home)).map((epoch) => stampOf(fileOf(home, epoch)));
  return (await Promise.all(stamps)).join('\n');
}

async function readFolder(home: string): Promise<KeptEpoch[]> {
  const found: KeptEpoch[] = [];
  for (const epoch of await listEpochs(home)) {
    const path = fileOf(home, epoch);
    const text = await readIfThere(path);
    // Destroyed between listing and reading.
    if (text !== undefined) found.push({ ...parse(String(epoch), text, path), since: (await stat(path)).mtime });
  }
  return found;
}

async function listEpochs(home: string): Promise<number[]> {
  const names = (await listFolder(home)).filter((name) => /^[1-9]\d{0,9}\.key$/.test(name));
  return names.map((name) => Number.parseInt(name, 10));
}

async function listFolder(home: string): Promise<string[]> {
  try {
    return await readdir(folderOf(home));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function parse(number: string, text: string, where: string): EpochKey {
  const epoch = Number(number);
  const key = Buffer.from(text, 'base64url');
  if (!/^[1-9]\d*$/.test(number) || epoch > maxEpoch) throw new Error(`${where}: epochs are numbers from 1 on`);
  if (key.length !== epochKeyBytes || key.toString('base64url') !== text)
    throw new Error(`${where}: a key is ${epochKeyBytes} octets in base64url`);
  return { epoch, key };
}
