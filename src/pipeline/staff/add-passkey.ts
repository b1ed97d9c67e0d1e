import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { PasskeyAnswer } from '../ports/credentials.ts';
import type { Outside } from '../ports/outside.ts';
import { mailPerson } from './mail-person.ts';
import { useChallenge } from './use-challenge.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;
const noSession = '00000000-0000-0000-0000-000000000000';

/** @throws Refusal `INVALID_REQUEST` when the answer is not believed; `STATE_CHANGED` when it was given before. */
export async function addPasskey(
  outside: Needs,
  caller: Caller,
  sessionId: Id | null,
  input: { name: string; answer: PasskeyAnswer },
) {
  const { database, credentials, clock } = outside;
  const userId = staffIdOf(caller);
  const found = await credentials.passkeys.verifyRegistration(input.answer, userId, clock());
  if (!found)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'PASSKEY_NOT_BELIEVED' }],
    });
  return database.transact(caller, async (tx) => {
    if (!(await useChallenge(tx, found)) || (await tx.db.passkey.findUnique({ where: { id: found.id } })))
      throw new Refusal('STATE_CHANGED');
    const row = await tx.db.passkey.create({
      data: {
        id: found.id,
        accountId: userId,
        name: input.name,
        publicKey: found.publicKey,
        counter: found.counter,
        transports: [],
        createdAt: clock(),
      },
    });
    // Sessions with a password alone were opened before there was a second factor.
    await tx.db.session.deleteMany({ where: { userId, factor: 'password', id: { not: sessionId ?? noSession } } });
    await tx.db.session.updateMany({ where: { userId, factor: 'password' }, data: { factor: 'passkey' } });
    await tx.log({ action: 'staff.passkey_added', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'passkey_added');
    return row;
  });
}
