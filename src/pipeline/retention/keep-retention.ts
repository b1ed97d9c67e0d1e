import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import { transitions } from '../../domain/lifecycle.ts';
import { erasesAt, expiryReason, isInForce } from '../../domain/retention.ts';
import { askForRecording, lockLesson } from '../core/gate-record.ts';
import { moveRecording } from '../core/move-recording.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { applyDueChanges } from './apply-due-changes.ts';
import { beginErasure } from './begin-erasure.ts';
import { expiryOf, holdsOf, keptLesson, loadRules, type RetentionRules } from './rules.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'retention' } };
const dayMs = 24 * 60 * 60_000;
const pageSize = 200;

/**
 * Retention by the clock: changes whose time has come take effect; recordings whose time is over expire; those that
 * have been expired for the grace are erased, and those whose permission was withdrawn long enough ago, where the
 * school wants that; erasures that were cut short, or wait for a lock in the store, go on. A hold in force stops all of
 * it. Repeatable; many processes may run it.
 */
export async function keepRetention(outside: Needs): Promise<{ expired: number; erased: number; resumed: number }> {
  await applyDueChanges(outside);
  const rules = await loadRules(outside.database.read);
  const expired = await expireDue(outside, rules);
  const erased = (await eraseExpired(outside)) + (await eraseWithdrawn(outside, rules));
  return { expired, erased, resumed: await resumeErasures(outside) };
}

async function expireDue(outside: Needs, rules: RetentionRules): Promise<number> {
  const { database, clock } = outside;
  const alive = { state: { in: [...transitions.expire.from] } } satisfies Prisma.RecordingWhereInput;
  const include = { ...keptLesson, recordings: { where: alive, select: { id: true } } } satisfies Prisma.LessonInclude;
  let expired = 0;
  for (let after: Id | null = null; ; ) {
    const lessons: Prisma.LessonGetPayload<{ include: typeof include }>[] = await database.read.lesson.findMany({
      where: { recordings: { some: alive }, ...(after === null ? {} : { id: { gt: after } }) },
      include,
      orderBy: { id: 'asc' },
      take: pageSize,
    });
    for (const lesson of lessons) {
      const expiry = expiryOf(lesson, rules);
      if (expiry === null || expiry.at > clock()) continue;
      for (const { id } of lesson.recordings)
        if (await expireOne(outside, { recordingId: id, lessonId: lesson.id })) expired++;
    }
    const last = lessons.at(-1);
    if (!last || lessons.length < pageSize) return expired;
    after = last.id;
  }
}

/** Asks everything again under the lesson's lock: a policy, a permission or a hold may have come since. */
async function expireOne({ database, clock }: Needs, of: { recordingId: Id; lessonId: Id }): Promise<boolean> {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, of.lessonId);
    const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: of.recordingId } });
    if (!(transitions.expire.from as readonly string[]).includes(state)) return false;
    const expiry = await findExpiry(tx, of.lessonId);
    if (expiry === null || expiry.at > clock() || (await isHeld(tx, of, clock()))) return false;
    const { code } = expiryReason(expiry);
    await moveRecording(tx, of.recordingId, 'expire', { stateCodes: [code], expiredAt: clock() });
    await tx.db.release.updateMany({
      where: { recordingId: of.recordingId, endedAt: null },
      data: { endedAt: clock(), endedWhy: 'expired' },
    });
    await tx.log({
      action: 'recording.expired',
      outcome: 'done',
      object: { kind: 'recording', id: of.recordingId, ...of },
      details: { at: expiry.at.toISOString(), by: expiry.by },
    });
    return true;
  });
}

async function eraseExpired({ database, clock }: Needs): Promise<number> {
  const waiting = await database.read.recording.findMany({
    where: { state: 'expired' },
    select: { id: true, lessonId: true },
  });
  let erased = 0;
  for (const { id, lessonId } of waiting) {
    const isErased = await database.transact(caller, async (tx) => {
      await lockLesson(tx.db, lessonId);
      const row = await tx.db.recording.findUniqueOrThrow({ where: { id } });
      if (row.state !== 'expired' || (await isHeld(tx, { recordingId: id, lessonId }, clock()))) return false;
      // A policy that keeps for longer, made meanwhile, postpones the erasure; it does not bring the recording back.
      const expiry = (await findExpiry(tx, lessonId))?.at ?? row.expiredAt ?? clock();
      const { graceDays } = await loadRules(tx.db);
      if (erasesAt(expiry, row.expiredAt, graceDays) > clock()) return false;
      await beginErasure(tx, caller.actor, { recordingId: id, lessonId, why: 'retention', note: null, at: clock() });
      return true;
    });
    if (isErased) erased++;
  }
  return erased;
}

/**
 * Erases recordings in quarantine whose permission was withdrawn more than the school's number of days ago, if the gate
 * still refuses because of somebody or a site: that a channel lost its approval is no withdrawal.
 */
async function eraseWithdrawn({ database, clock }: Needs, rules: RetentionRules): Promise<number> {
  if (rules.eraseOnWithdrawalDays === null) return 0;
  const before = new Date(clock().getTime() - rules.eraseOnWithdrawalDays * dayMs);
  const due = await database.read.recording.findMany({
    where: { state: 'quarantined', lesson: { course: { permissions: { some: withdrawnBefore(before) } } } },
    select: { id: true, lessonId: true },
  });
  let erased = 0;
  for (const { id, lessonId } of due) {
    const isErased = await database.transact(caller, async (tx) => {
      await lockLesson(tx.db, lessonId);
      const row = await tx.db.recording.findUniqueOrThrow({ where: { id } });
      if (row.state !== 'quarantined' || (await isHeld(tx, { recordingId: id, lessonId }, clock()))) return false;
      const reasons = await askForRecording(tx.db, { recordingId: id, lessonId }, clock());
      const isStillWithdrawn = reasons.some(({ subject }) => subject?.kind !== 'channel');
      if (!isStillWithdrawn) return false;
      await beginErasure(tx, caller.actor, { recordingId: id, lessonId, why: 'withdrawal', note: null, at: clock() });
      return true;
    });
    if (isErased) erased++;
  }
  return erased;
}

const withdrawnBefore = (before: Date) =>
  ({ status: 'withdrawn', events: { some: { status: 'withdrawn', at: { lte: before } } } }) as const;

/** A job that used up its tries is queued again here, so that an erasure never just stays half done. */
async function resumeErasures({ database, clock }: Needs): Promise<number> {
  const anHourAgo = new Date(clock().getTime() - 60 * 60_000);
  const due = await database.read.erasure.findMany({
    where: {
      OR: [
        { state: 'removing', startedAt: { lte: anHourAgo } },
        { state: 'held', retryAt: { lte: clock() } },
      ],
    },
    select: { recordingId: true },
  });
  const leftovers = await database.read.reSeal.findMany({
    where: { state: 'done', replaced: { isEmpty: false } },
    select: { recordingId: true },
  });
  for (const { recordingId } of due)
    await database.transact(caller, (tx) =>
      tx.enqueue('erase-recording', { recordingId }, { key: `erase:${recordingId}`, queue: `erase:${recordingId}` }),
    );
  for (const { recordingId } of leftovers)
    await database.transact(caller, (tx) =>
      tx.enqueue(
        're-seal-recording',
        { recordingId },
        { key: `reseal:${recordingId}`, queue: `reseal:${recordingId}` },
      ),
    );
  return due.length + leftovers.length;
}

async function findExpiry(tx: Transaction, lessonId: Id) {
  const lesson = await tx.db.lesson.findUniqueOrThrow({ where: { id: lessonId }, include: keptLesson });
  return expiryOf(lesson, await loadRules(tx.db));
}

async function isHeld(tx: Transaction, of: { recordingId: Id; lessonId: Id }, at: Date): Promise<boolean> {
  return (await holdsOf(tx.db, of)).some((hold) => isInForce(hold, at));
}
