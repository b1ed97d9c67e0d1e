import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import { mailAdministrators } from '../mail-administrators.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { mailPerson } from './mail-person.ts';
import { endAccess } from './sessions.ts';
import { assertStillActing } from './still-acting.ts';

type Needs = Pick<Outside, 'database' | 'clock'> & {
  readonly settings: Pick<Outside['settings'], 'sendsMail' | 'baseUrl'>;
};

const openMs = 3 * 24 * 60 * 60_000;

/**
 * Somebody lost every second factor: an administrator asks to take them away, and nothing happens before another one
 * confirms. The person is told of both. Policy P9; ASVS 5.0, 6.4.
 * @throws Refusal `NOT_FOUND`; `NOT_ALLOWED` for oneself; `ALREADY_EXISTS` when it is asked for already.
 */
export async function askForFactorReset(outside: Needs, caller: Caller, userId: Id) {
  const { database, clock } = outside;
  const requestedById = staffIdOf(caller);
  if (requestedById === userId) throw new Refusal('NOT_ALLOWED', { reasons: [anotherOne] });
  return database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    // One request at a time for a person: the row is the lock.
    const rows = await tx.db.$queryRaw<unknown[]>`SELECT 1 FROM "user" WHERE id = ${userId} FOR UPDATE`;
    if (rows.length === 0) throw new Refusal('NOT_FOUND');
    if (await tx.db.factorReset.findFirst({ where: { userId, ...stillOpen(clock()) } }))
      throw new Refusal('ALREADY_EXISTS');
    const row = await tx.db.factorReset.create({
      data: { userId, requestedById, requestedAt: clock(), expiresAt: new Date(clock().getTime() + openMs) },
      ...withPerson,
    });
    await tx.log({ action: 'staff.factor_reset_asked', outcome: 'done', object: { kind: 'staff', id: userId } });
    await mailPerson(outside, tx, userId, 'factor_reset_asked');
    await mailAdministrators(outside, tx, (language) =>
      language === 'en'
        ? {
            subject: 'Emanet: a second factor is to be reset',
            text: `An administrator asked to reset the second factor of ${row.user.name}. Another administrator has to confirm it; ask ${row.user.name} in person first.\n\n${outside.settings.baseUrl()}\n`,
          }
        : {
            subject: 'Emanet: ikinci adım sıfırlanacak',
            text: `Bir yönetici, ${row.user.name} adlı kişinin ikinci doğrulama adımının sıfırlanmasını istedi. Başka bir yöneticinin onaylaması gerekir; önce ${row.user.name} ile yüz yüze görüşün.\n\n${outside.settings.baseUrl()}\n`,
          },
    );
    return row;
  });
}

/** Requests that wait for another administrator, oldest first. */
export async function listFactorResets({ database, clock }: Pick<Needs, 'database' | 'clock'>) {
  return database.read.factorReset.findMany({
    where: stillOpen(clock()),
    orderBy: { requestedAt: 'asc' },
    take: 200,
    ...withPerson,
  });
}

/**
 * Takes every second factor of the person away and ends their sessions and tokens; they set up a new one at the next
 * sign-in. @throws Refusal `NOT_FOUND`; `SAME_PERSON` for who asked, and for the person; `STATE_CHANGED`.
 */
export async function confirmFactorReset(outside: Needs, caller: Caller, resetId: Id): Promise<void> {
  const decidedById = staffIdOf(caller);
  await outside.database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const row = await tx.db.factorReset.findUnique({ where: { id: resetId } });
    if (!row) throw new Refusal('NOT_FOUND');
    if (row.requestedById === decidedById || row.userId === decidedById)
      throw new Refusal('SAME_PERSON', { reasons: [anotherOne] });
    await decide(tx, outside, resetId, { outcome: 'confirmed', decidedById });
    await takeFactorsAway(tx, outside, row.userId, 'staff.factor_reset');
  });
}

/** Any administrator calls a request back. @throws Refusal `NOT_FOUND`, `STATE_CHANGED`. */
export async function cancelFactorReset(outside: Needs, caller: Caller, resetId: Id): Promise<void> {
  await outside.database.transact(caller, async (tx) => {
    const row = await tx.db.factorReset.findUnique({ where: { id: resetId } });
    if (!row) throw new Refusal('NOT_FOUND');
    await decide(tx, outside, resetId, { outcome: 'cancelled', decidedById: staffIdOf(caller) });
    const object = { kind: 'staff', id: row.userId };
    await tx.log({ action: 'staff.factor_reset_cancelled', outcome: 'done', object });
  });
}

/**
 * For a school whose administrators cannot help each other: whoever keeps the machine takes the factors of an account away.
 * On the log as done by the system. @throws Refusal `NOT_FOUND`.
 */
export async function resetFactorAsOperator(outside: Needs, email: string): Promise<void> {
  await outside.database.transact({ actor: { kind: 'system', id: 'operator' } }, async (tx) => {
    const user = await tx.db.user.findUnique({ where: { email: email.toLowerCase() } });
    if (!user) throw new Refusal('NOT_FOUND');
    await takeFactorsAway(tx, outside, user.id, 'staff.factor_reset');
  });
}

async function takeFactorsAway(tx: Transaction, outside: Needs, userId: Id, action: 'staff.factor_reset') {
  await tx.db.authenticator.deleteMany({ where: { userId } });
  await tx.db.passkey.deleteMany({ where: { userId } });
  await tx.db.backupCode.deleteMany({ where: { userId } });
  const ended = await endAccess(tx, userId, outside.clock());
  await tx.log({ action, outcome: 'done', object: { kind: 'staff', id: userId }, details: ended });
  await mailPerson(outside, tx, userId, 'factor_reset');
}

async function decide(
  tx: Transaction,
  { clock }: Needs,
  id: Id,
  data: { outcome: 'confirmed' | 'cancelled'; decidedById: Id },
): Promise<void> {
  const { count } = await tx.db.factorReset.updateMany({
    where: { id, ...stillOpen(clock()) },
    data: { ...data, decidedAt: clock() },
  });
  if (count === 0) throw new Refusal('STATE_CHANGED');
}

const stillOpen = (at: Date) => ({ outcome: null, expiresAt: { gt: at } });
const withPerson = { include: { user: { select: { name: true, email: true } } } } as const;

const anotherOne = {
  code: 'ANOTHER_ADMINISTRATOR',
  tr: 'Bunu başka bir yönetici yapmalı.',
  en: 'Another administrator has to do this.',
};
