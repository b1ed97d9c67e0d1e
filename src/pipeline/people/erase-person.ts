import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { PersonErasureReason } from '../../domain/person-erasure.ts';
import { recordingsThatName } from '../captions/recordings-that-name.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { beginPersonErasure, lockPerson } from './begin-person-erasure.ts';
import { getPersonErasure } from './get-person-erasure.ts';
import { planErasure } from './plan-erasure.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/**
 * Erases a person for good, as it was looked at before. From the moment this commits the database has neither name nor
 * address of them; that somebody answered, when and what, stays without names. What the store has, and the keys of their
 * pseudonyms, go in a job right after (`finish-person-erasure.ts`). Done already, it says how far that is. Policy P4, P11.
 * @param confirm `digest` of the plan that was looked at.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` with every reason against it; `STATE_CHANGED`: it would be something else now.
 */
export async function erasePerson(
  outside: Needs,
  caller: Caller,
  personId: Id,
  { why, confirm }: { readonly why: PersonErasureReason; readonly confirm: string },
) {
  const { database, clock } = outside;
  const person = await database.read.person.findUnique({ where: { id: personId } });
  if (!person) throw new Refusal('NOT_FOUND');
  const named = person.erasedAt === null ? await recordingsThatName(outside, person.name) : [];
  await database.transact(caller, async (tx) => {
    const { db } = tx;
    const row = await lockPerson(db, personId);
    if (!row) throw new Refusal('NOT_FOUND');
    if (row.erasedAt !== null) return;
    const at = clock();
    const { blockers, digest, rows } = await planErasure(db, personId, at, named);
    if (blockers.length > 0) throw new Refusal('WRONG_STATE', { reasons: blockers });
    if (digest !== confirm) throw new Refusal('STATE_CHANGED');
    await beginPersonErasure(tx, { personId, rows, captions: named.length, why, byId: staffIdOf(caller), at });
  });
  return getPersonErasure(outside, personId);
}
