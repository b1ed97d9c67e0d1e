import type { PersonKind } from '../../domain/audit-event.ts';
import type { Id } from '../../domain/ids.ts';
import { purgeSealed } from '../core/sealed-object.ts';
import { writeTombstone } from '../core/tombstone.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import { findKept } from '../oversight/persons.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock' | 'logSigner'>;

const caller: Caller = { actor: { kind: 'system', id: 'erasure' } };
const dayMs = 24 * 60 * 60_000;

/**
 * Removes from the store what is left of an erased person, and forgets their pseudonyms: of each the key goes as soon as no
 * recording is kept whose trail names it. What cannot go yet is tried again tomorrow. Repeatable from every point. Policy P11.
 */
export async function finishPersonErasure(outside: Needs, personId: Id, signal: AbortSignal): Promise<void> {
  const { database, clock } = outside;
  const row = await database.read.personErasure.findUnique({ where: { personId } });
  if (!row || row.state === 'done') return;
  await writeTombstone(outside, personTombstone(personId), {
    kind: 'emanet.person_tombstone',
    v: 1,
    personId,
    why: row.why,
    erasedAt: row.startedAt.toISOString(),
  });
  let bodies = row.bodies;
  for (const bodyKey of row.bodies) {
    signal.throwIfAborted();
    if (!(await purgeSealed(outside, bodyKey))) continue;
    bodies = bodies.filter((one) => one !== bodyKey);
    await database.read.personErasure.update({ where: { personId }, data: { bodies } });
  }
  await integrateLog(outside); // what has just happened is on their trail too
  await database.transact(caller, async (tx) => {
    await tx.db.$queryRaw`SELECT "personId" FROM person_erasure WHERE "personId" = ${personId}::uuid FOR UPDATE`;
    const now = await tx.db.personErasure.findUniqueOrThrow({ where: { personId } });
    if (now.state === 'done') return;
    const { free, kept } = await sortKeys(tx, now.keys);
    // The entry below names them: their own key is the last one.
    const own = kept.length === 0 && bodies.length === 0 ? free : free.filter((key) => key !== `person:${personId}`);
    const keys = now.keys.filter((key) => !own.includes(key));
    const isDone = keys.length === 0 && bodies.length === 0;
    const isNews = isDone || now.state === 'removing' || own.length > 0 || bodies.length < row.bodies.length;
    if (isNews)
      await tx.log({
        action: 'person.erasure_finished',
        outcome: 'done',
        object: { kind: 'person', id: personId },
        details: { heldByStore: bodies.length, pseudonyms: keys.length },
      });
    await forget(tx, own);
    await tx.db.personErasure.update({
      where: { personId },
      data: {
        bodies,
        keys,
        state: isDone ? 'done' : 'held',
        retryAt: isDone ? null : new Date(clock().getTime() + dayMs),
        finishedAt: isDone ? clock() : null,
      },
    });
  });
}

/** Beside those of recordings, whose names are ids alone. */
export const personTombstone = (personId: Id) => `people/${personId}`;

function readKey(key: string): { kind: PersonKind; id: Id } {
  const [kind, id] = key.split(':') as [PersonKind, Id];
  return { kind, id };
}

/** Which keys nothing needs any more. */
async function sortKeys({ db }: Transaction, keys: readonly string[]) {
  const free: string[] = [];
  const kept: string[] = [];
  for (const key of keys) {
    const row = await db.personKey.findFirst({ where: readKey(key) });
    const isNeeded = row !== null && (await findKept(db, row.pseudonym)).length > 0;
    (isNeeded ? kept : free).push(key);
  }
  return { free, kept };
}

/** With a key goes what the log keeps beside an entry for a while: from where its owner acted. */
async function forget({ db }: Transaction, keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const where = readKey(key);
    const row = await db.personKey.findFirst({ where });
    if (!row) continue;
    await db.$executeRaw`
      DELETE FROM audit_address WHERE arrival IN (SELECT arrival FROM audit_entry WHERE actor_id = ${row.pseudonym})`;
    await db.personKey.deleteMany({ where });
  }
}
