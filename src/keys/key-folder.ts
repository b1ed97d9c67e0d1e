import { randomInt } from 'node:crypto';
import { readdir, rename, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ensurePrivateFolder, readIfThere } from '../config/secrets.ts';
import { languageTags } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';

/**
 * EMANET_HOME/keys, as a person can read it:
 *
 *   vault.private.asc  vault.public.asc      the current vault key
 *   recovery.public.asc                      everything is wrapped for these too; may hold several keys
 *   recovery.private.asc  recovery.passphrase.txt   as made; to be taken away, to different places
 *   next/                                    prepared, under the same names; `rotate` puts them in force
 *   former/<fingerprint>.private.asc         opens what was sealed before the last rotation
 *   retired/<fingerprint>.private.asc        opens nothing any more; verifies old signatures
 */
export type KeyRole = 'vault' | 'recovery';
export type KeyState = 'next' | 'current' | 'former' | 'retired';

export interface KeyFile {
  readonly role: KeyRole;
  readonly state: KeyState;
  readonly path: string;
  readonly text: string;
}

const folders: Readonly<Record<KeyState, string>> = { current: '', next: 'next', former: 'former', retired: 'retired' };

export function keyPath(home: string, state: KeyState, name: string): string {
  return join(home, 'keys', folders[state], name);
}

/**
 * Every file that counts: private halves of vault keys, public halves of recovery keys. The current ones come first.
 */
export async function readKeyFolder(home: string): Promise<KeyFile[]> {
  const found: KeyFile[] = [];
  for (const state of ['current', 'next', 'former', 'retired'] as const) {
    for (const path of await listFolder(keyPath(home, state, ''))) {
      const role = roleOf(path, state);
      const text = role === null ? undefined : await readIfThere(path);
      // A file may move from one folder to the next between listing and reading; the next reading finds it.
      if (role !== null && text !== undefined) found.push({ role, state, path, text });
    }
  }
  return found;
}

/** Changes whenever a file of the folder does. */
export async function stampKeyFolder(home: string): Promise<string> {
  const stamps: string[] = [];
  const passphrase = join(home, 'secrets/vault-passphrase');
  for (const state of Object.keys(folders) as KeyState[])
    for (const path of await listFolder(keyPath(home, state, ''))) stamps.push(await stampOf(path));
  return [...stamps, await stampOf(passphrase)].join('\n');
}

/** Writes a key's file so that a reader sees the whole of it or no file. */
export async function writeKeyFile(path: string, text: string): Promise<void> {
  await ensurePrivateFolder(join(path, '..'));
  const unfinished = `${path}.part`;
  await writeFile(unfinished, text, { mode: 0o600, flush: true });
  await rename(unfinished, path);
}

/** For paper: 30 of 32 unmistakable characters in groups of five, 150 bits. */
export function makePaperPassphrase(): string {
  const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
  const group = () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('');
  return Array.from({ length: 6 }, group).join('-');
}

/** The sheet to print, in every language; the passphrase stands alone on the first line. */
export function passphraseSheet(passphrase: string): string {
  const sheets = languageTags.map((language) => textsIn(language).papers.passphraseSheet);
  return `${[`${passphrase}\n`, ...sheets].join('\n')}\n`;
}

function roleOf(path: string, state: KeyState): KeyRole | null {
  const name = basename(path);
  if (name === 'recovery.public.asc') return 'recovery';
  if (name === 'vault.private.asc') return 'vault';
  if (state !== 'former' && state !== 'retired') return null;
  if (/^[0-9a-f]{40,64}\.private\.asc$/.test(name)) return 'vault';
  return /^[0-9a-f]{40,64}\.recovery\.asc$/.test(name) ? 'recovery' : null;
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name.endsWith('.asc'))
      .map(({ name }) => join(folder, name))
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Changes whenever the file does; empty if it does not exist. */
export async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${path} ${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
