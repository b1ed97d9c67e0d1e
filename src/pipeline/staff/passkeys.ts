import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside, PasskeyAnswer, Transaction } from '../ports.ts';
import { mailPerson } from './mail-person.ts';
import { assertEnoughFactors } from './second-factor.ts';
import { endOtherSessions } from './sessions.ts';

type Needs = Pick<Outside, 'database' | 'credentials' | 'clock' | 'settings'>;

/** More than anybody has devices. */
const mostPasskeys = 20;
const noSession = '00000000-0000-0000-0000-000000000000';

export async function listPasskeys({ database }: Pick<Needs, 'database'>, caller: Caller) {
  return database.read.passkey.findMany({ where: { userId: staffIdOf(caller) }, orderBy: { createdAt: 'asc' } });
}

/** What the browser asks the person's device for. Nothing is stored. */
export async function beginPasskey({ database, credentials, clock }: Needs, caller: Caller): Promise<object> {
  const person = await database.read.user.findUniqueOrThrow({ where: { id: staffIdOf(caller) } });
  const existing = await listPasskeys({ database }, caller);
  if (existing.length >= mostPasskeys) throw new Refusal('WRONG_STATE');
  return credentials.passkeys.registrationOptions(
    person,
    existing.map(({ id }) => id),
    clock(),
  );
}

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
      reasons: [
        {
          code: 'PASSKEY_NOT_BELIEVED',
          tr: 'Cihazın yanıtı doğrulanamadı. Yeniden deneyin.',
          en: 'The answer of the device could not be verified. Try again.',
        },
      ],
    });
  return database.transact(caller, async (tx) => {
    if (!(await useChallenge(tx, found)) || (await tx.db.passkey.findUnique({ where: { id: found.id } })))
      throw new Refusal('STATE_CHANGED');
    const row = await tx.db.passkey.create({
      data: {
        id: found.id,
        userId,
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

/** Uses a challenge up, in the transaction that believes its answer. False: an answer to it was taken before. */
export async function useChallenge(
  tx: Transaction,
  { challengeDigest, challengeEndsAt }: { readonly challengeDigest: string; readonly challengeEndsAt: Date },
): Promise<boolean> {
  const data = [{ digest: challengeDigest, expiresAt: challengeEndsAt }];
  const { count } = await tx.db.usedChallenge.createMany({ data, skipDuplicates: true });
  return count === 1;
}

/** Other sessions end. @throws Refusal `NOT_FOUND`; `WRONG_STATE` when the roles ask for a second factor and no other one would be left. */
export async function removePasskey(
  outside: Needs,
  caller: Caller,
  sessionId: Id | null,
  passkeyId: string,
): Promise<void> {
  const userId = staffIdOf(caller);
  await outside.database.transact(caller, async (tx) => {
    const { count } = await tx.db.passkey.deleteMany({ where: { id: passkeyId, userId } });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await assertEnoughFactors(tx, userId);
    await endOtherSessions(tx, userId, sessionId);
    await tx.log({ action: 'staff.passkey_removed', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'passkey_removed');
  });
}
