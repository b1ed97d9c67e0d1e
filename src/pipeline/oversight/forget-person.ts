import type { PersonKind } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { integrateLog } from './integrate-log.ts';
import { findKept, objectKinds, whyNeeded } from './persons.ts';

/**
 * Erases the key of a person: their pseudonym stays on the log, every hash stays what it was, and the pseudonym can no
 * longer be traced to them. Refused for a person who can still act, and while a recording is kept that they took part
 * in or saw: "who saw it" must be answered as long as it is there. Policy P4, P11.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`; `reasons` name the recordings.
 */
export async function forgetPerson(
  outside: Pick<Outside, 'database' | 'logSigner'>,
  caller: Caller,
  person: { readonly kind: PersonKind; readonly id: Id },
): Promise<void> {
  const { database } = outside;
  await integrateLog(outside); // what has just happened is on their trail too
  await database.transact(caller, async (tx) => {
    const { kind, id } = person;
    const key = await tx.db.personKey.findFirst({ where: { kind, id } });
    if (!key) throw new Refusal('NOT_FOUND');
    const why = await whyNeeded(tx.db, person);
    if (why) throw new Refusal('WRONG_STATE', { reasons: [{ ...why, subject: { kind, id } }] });
    const kept = await findKept(tx.db, key.pseudonym);
    if (kept.length > 0) throw new Refusal('WRONG_STATE', { reasons: kept });
    await tx.log({ action: 'person.forgotten', outcome: 'done', object: { kind: objectKinds[kind], id } });
    await tx.db.personKey.deleteMany({ where: { kind, id } });
  });
}
