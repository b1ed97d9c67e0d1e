import { rm } from 'node:fs/promises';
import { readTargetOfSchool, readTargetState, removeSchool } from '../adapters/postgres-copy/load.ts';
import { prefixedStore } from '../adapters/prefix/prefixed-store.ts';
import { openDatabase } from '../adapters/prisma/database.ts';
import type { Config } from '../config/env.ts';
import type { Id } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import { SetUpRefused } from './many-schools.ts';
import { openOwnStore } from './open-store.ts';
import { schoolHome } from './schools.ts';

export interface Removed {
  readonly objects: number;
  /** Objects of which the store still holds a version, because of a lock. */
  readonly held: number;
  readonly accounts: number;
}

/**
 * Removes what is left here of a school that was taken out: objects, keys, rows, and accounts that belong to no other school. The
 * log of the installation says so, and keeps what it said of the school. Repeatable after it broke off.
 * @throws SetUpRefused
 */
export async function removeTakenOut(config: Config, id: Id): Promise<Removed> {
  if (config.DATABASE_OWNER_URL === undefined)
    throw new SetUpRefused('rows are removed by the owner of the database: set DATABASE_OWNER_URL too');
  const ownerUrl = config.DATABASE_OWNER_URL;
  const { isThere, isTakenOut, firstId } = await readTargetOfSchool(ownerUrl, id);
  if (!isThere) throw new SetUpRefused(`there is no school ${id}: --schools lists them`);
  if (id === firstId)
    throw new SetUpRefused('the first school stands for the installation: where it was alone, erase the whole machine');
  if (!isTakenOut)
    throw new SetUpRefused(`the school ${id} is at work here: only one that was taken out can be removed`);
  if ((await readTargetState(ownerUrl)) === 'in use')
    throw new SetUpRefused('Emanet is running on this database: stop it first, web and worker');
  const whole = await openOwnStore(config, () => {});
  const store = prefixedStore(whole, `schools/${id}/`);
  const counts = { objects: 0, held: 0 };
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  for (const key of keys) {
    const { held } = await store.purge(key);
    counts.objects += 1;
    counts.held += held > 0 ? 1 : 0;
  }
  await rm(schoolHome(config.EMANET_HOME, id), { recursive: true, force: true });
  const { accounts } = await removeSchool(ownerUrl, id);
  const url = mustHave(config.DATABASE_URL, 'DATABASE_URL');
  const open = openDatabase({ url, clock: () => new Date(), maxConnections: 1 });
  try {
    await open.transact({ actor: { kind: 'system', id: 'setup' } }, (tx) =>
      tx.log({
        action: 'school.removed',
        outcome: 'done',
        object: { kind: 'school', id },
        details: { ...counts, accounts },
      }),
    );
  } finally {
    await open.close();
  }
  return { ...counts, accounts };
}
