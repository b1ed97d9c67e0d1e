import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { isMailTime } from '../../domain/permission-rules.ts';
import { lockCourse } from '../core/gate-record.ts';
import { openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { linkOf } from '../core/signer-link.ts';
import { viewCourse } from '../course/view-course.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { queueMail } from './queue-mail.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

const system: Caller = { actor: { kind: 'system', id: 'reminders' } };
const dayMs = 24 * 60 * 60_000;
const mostAtOnce = 500;
/** Nobody gets two mails about the same within this time, however often somebody presses. */
const leastGapMs = 12 * 60 * 60_000;

/**
 * Requests whose time is over lapse. Whoever has not answered is reminded by the school's schedule: in the hours in which
 * mail goes out, so many times at most, about all their open requests in one mail. Run by the clock; what one worker has
 * claimed no other takes.
 */
export async function remindSigners(outside: Needs): Promise<{ lapsed: number; reminded: number }> {
  const { database, clock, settings } = outside;
  const now = clock();
  const { count: lapsed } = await database.read.request.updateMany({
    where: { state: 'open', answerBy: { lte: now } },
    data: { state: 'lapsed', remindAt: null },
  });
  const isTime = isMailTime(await findPermissionRules(database.read), now);
  if (!settings.sendsMail || !isTime) return { lapsed, reminded: 0 };
  const reminded = await database.transact(system, async (tx) => {
    const due = await tx.db.$queryRaw<{ id: Id }[]>`
      SELECT id FROM request WHERE state = 'open' AND "remindAt" <= ${now}
       ORDER BY "remindAt" LIMIT ${mostAtOnce} FOR UPDATE SKIP LOCKED`;
    return remind(
      outside,
      tx,
      due.map(({ id }) => id),
      now,
    );
  });
  return { lapsed, reminded };
}

/**
 * Reminds now those of a course who have been asked and have not answered; the next automatic reminder is put off.
 * `participantId`: only about that one. `tooSoon`: requests that a mail went out for in the last half day.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` `MAIL_NOT_SET_UP`.
 */
export async function remindCourse(
  outside: Needs,
  caller: Caller,
  courseId: Id,
  participantId?: Id | undefined,
): Promise<{ mailed: number; tooSoon: number }> {
  if (!outside.settings.sendsMail) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'MAIL_NOT_SET_UP' }] });
  const now = outside.clock();
  const view = await viewCourse(outside, courseId);
  const waiting = view.rows.filter(({ state }) =>
    ['asked', 'opened', 'undeliverable', 'incomplete', 'invalid'].includes(state),
  );
  const about = waiting.map(({ id }) => id).filter((id) => participantId === undefined || id === participantId);
  return outside.database.transact(caller, async (tx) => {
    await lockCourse(tx.db, courseId);
    const due = await tx.db.request.findMany({
      where: {
        courseId,
        state: 'open',
        OR: [{ participantId: { in: about } }, { siteId: { in: about } }],
      },
      select: { id: true },
    });
    const ids = due.map(({ id }) => id);
    // Whoever pressed twice, or two teachers at once: one mail is enough.
    const recent = await tx.db.deliveredRequest.findMany({
      where: {
        requestId: { in: ids },
        delivery: {
          queuedAt: { gt: new Date(now.getTime() - leastGapMs) },
          state: { notIn: ['refused', 'bounced'] },
        },
      },
      select: { requestId: true },
    });
    const isRecent = new Set(recent.map(({ requestId }) => requestId));
    const mailed = await remind(
      outside,
      tx,
      ids.filter((id) => !isRecent.has(id)),
      now,
    );
    await tx.log({
      action: 'course.reminded',
      outcome: 'done',
      object: { kind: 'course', id: courseId },
      details: { mailed },
    });
    return { mailed, tooSoon: isRecent.size };
  });
}

/** Returns to how many signers a mail is on its way. */
async function remind(outside: Needs, tx: Transaction, ids: readonly Id[], now: Date): Promise<number> {
  const { reminderDays, mostReminders } = await findPermissionRules(tx.db);
  const requests = await tx.db.request.findMany({ where: { id: { in: [...ids] } } });
  const bySigner = Map.groupBy(requests, ({ signerId, siteId }) => signerId ?? siteId ?? '');
  let mailed = 0;
  const reminded = new Set<Id>();
  const book = await openContactBook(outside, tx.db);
  try {
    for (const [owner, own] of bySigner) {
      const isSite = own.some(({ signerId }) => signerId === null);
      const link = await linkOf(tx.db, book, isSite ? { siteId: owner } : { personId: owner }, now);
      const requestIds = own.map(({ id }) => id);
      if (!(await queueMail(tx, book, { linkId: link.id, kind: 'reminder', requestIds, at: now }))) {
        // No address is left: a sheet is the way, and a reminder that nobody gets is none.
        await tx.db.request.updateMany({ where: { id: { in: requestIds } }, data: { remindAt: null } });
        continue;
      }
      mailed++;
      for (const id of requestIds) reminded.add(id);
    }
  } finally {
    book.close();
  }
  for (const { id, reminders } of requests.filter((one) => reminded.has(one.id)))
    await tx.db.request.update({
      where: { id },
      data: {
        reminders: reminders + 1,
        remindAt: reminders + 1 >= mostReminders ? null : new Date(now.getTime() + reminderDays * dayMs),
      },
    });
  return mailed;
}
