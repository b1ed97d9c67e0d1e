import { stat } from 'node:fs/promises';
import { readIfThere } from '../config/secrets.ts';
import { describeKey, parseVerifyingKey, splitArmored } from '../vault/keyring.ts';
import { type KeyRole, keyPath } from './key-folder.ts';

interface Dated {
  readonly stamp: string;
  readonly createdAt: Date | null;
}

const files = { vault: 'vault.private.asc', recovery: 'recovery.public.asc' } as const;

/**
 * When the current keys in folders were made, as their files say. None is unlocked, and a file is read again only when it has
 * changed.
 */
export class KeyDates {
  readonly #known = new Map<string, Dated>();

  /** What is not there, or is no key, is left out: `emanet doctor` says why. */
  async read(home: string): Promise<{ readonly role: KeyRole; readonly createdAt: Date }[]> {
    const roles = Object.keys(files) as (keyof typeof files)[];
    const dates = await Promise.all(
      roles.map(async (role) => ({ role, createdAt: await this.#dateOf(keyPath(home, 'current', files[role])) })),
    );
    return dates.flatMap(({ role, createdAt }) => (createdAt === null ? [] : [{ role, createdAt }]));
  }

  async #dateOf(path: string): Promise<Date | null> {
    try {
      const { mtimeMs, size, ino } = await stat(path);
      const stamp = `${mtimeMs} ${size} ${ino}`;
      const known = this.#known.get(path);
      if (known?.stamp === stamp) return known.createdAt;
      const createdAt = await readDate(path);
      this.#known.set(path, { stamp, createdAt });
      return createdAt;
    } catch {
      return null;
    }
  }
}

async function readDate(path: string): Promise<Date | null> {
  const [block] = splitArmored((await readIfThere(path)) ?? '');
  return block === undefined ? null : describeKey(await parseVerifyingKey(block)).createdAt;
}
