import { dayIn } from '../../domain/calendar.ts';
import type { Id } from '../../domain/ids.ts';
import { isMailTime } from '../../domain/permission-rules.ts';
import { claimOnce } from '../core/claim-once.ts';
import { lockCoursesOf } from '../core/course-people.ts';
import { termsAskedIn } from '../core/course-terms.ts';
import { openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { linkOf } from '../core/signer-link.ts';
import { findReachable } from '../course/view-course.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { queueMail } from './queue-mail.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'coming-of-age' } };
const dayMs = 24 * 60 * 60_000;
const mostAtOnce = 200;

/**
 * On the day somebody comes of age, in the school's time zone and in the hours in which mail goes out: a task, and a request
 * to themself for every running course that was asked about, in one mail. What their guardians were still asked about them is
 * cancelled: those answers no longer count. Once for each person and day, however many workers run it. Run by the clock.
 */
export async function askOfAge(outside: Needs): Promise<number> {
  const { database, clock } = outside;
  const now = clock();
  const rules = await findPermissionRules(database.read);
  if (!isMailTime(rules, now)) return 0;
  // Days are stored as their midnight in UTC, which is also when the gate begins to ask the person.
  const today = new Date(`${dayIn(now, rules.timeZone)}T00:00:00Z`);
  const due = await database.read.person.findMany({
    where: {
      adultFrom: { lte: today < now ? today : now },
      courses: { some: { isMinor: true, ...takingPartAt(now) } },
    },
    orderBy: { id: 'asc' },
    select: { id: true, adultFrom: true },
  });
  const claims = due.map(({ id, adultFrom }) => ({ personId: id, claim: `of-age:${id}:${adultFrom?.toISOString()}` }));
  const done = await database.read.sentDigest.findMany({ where: { id: { in: claims.map(({ claim }) => claim) } } });
  const isDone = new Set(done.map(({ id }) => id));
  let asked = 0;
  for (const { personId, claim } of claims.filter((one) => !isDone.has(one.claim)).slice(0, mostAtOnce))
    if (await askOne(outside, personId, claim, now)) asked += 1;
  return asked;
}

const takingPartAt = (now: Date) => ({
  OR: [{ until: null }, { until: { gt: now } }],
  course: { until: { gt: now }, isSingle: false },
});

function askOne(outside: Needs, personId: Id, claim: string, now: Date): Promise<boolean> {
  return outside.database.transact(caller, async (tx) => {
    await lockCoursesOf(tx.db, personId);
    if (!(await claimOnce(tx, claim, now))) return false;
    // One may be open from a day that was corrected since.
    await tx.db.task.createMany({ data: [{ kind: 'ask_of_age', personId }], skipDuplicates: true });
    const participants = await tx.db.participant.findMany({
      where: { personId, ...takingPartAt(now) },
      orderBy: { addedAt: 'asc' },
      select: { id: true, courseId: true },
    });
    await tx.db.request.updateMany({
      where: {
        participantId: { in: participants.map(({ id }) => id) },
        capacity: 'guardian',
        state: { in: ['open', 'lapsed'] },
      },
      data: { state: 'cancelled', remindAt: null },
    });
    const requests = await openRequests(tx, personId, participants, now);
    if (requests.length === 0) return true;
    const isMailed = await mailThem(outside, tx, personId, { requestIds: requests.map(({ id }) => id), now });
    for (const { courseId, digest } of requests)
      await tx.log({
        action: 'course.asked',
        outcome: 'done',
        object: { kind: 'course', id: courseId },
        details: { mailed: isMailed ? 1 : 0, unreachable: isMailed ? 0 : 1, terms: digest },
      });
    return true;
  });
}

/** One for each course that was asked about and that they have not been asked about themself. */
async function openRequests(
  { db }: Transaction,
  personId: Id,
  participants: readonly { readonly id: Id; readonly courseId: Id }[],
  now: Date,
) {
  const { answerDays, firstReminderDays } = await findPermissionRules(db);
  const made: { id: Id; courseId: Id; digest: string }[] = [];
  // Who takes part twice, with their class and by themselves, is asked once.
  for (const [courseId, [participant]] of Map.groupBy(participants, (one) => one.courseId)) {
    const asked = await termsAskedIn(db, courseId);
    if (asked === null || participant === undefined) continue;
    const { digest } = asked;
    const own = { courseId, signerId: personId, digest, capacity: 'self' } as const;
    if (await db.request.findFirst({ where: { ...own, state: { in: ['open', 'answered'] } } })) continue;
    const { id } = await db.request.create({
      data: {
        courseId,
        participantId: participant.id,
        signerId: personId,
        capacity: 'self',
        digest,
        askedAt: now,
        answerBy: new Date(now.getTime() + answerDays * dayMs),
        remindAt: new Date(now.getTime() + firstReminderDays * dayMs),
      },
      select: { id: true },
    });
    made.push({ id, courseId, digest });
  }
  return made;
}

/** Whether a mail is on its way to them: without an address the request waits for a sheet. */
async function mailThem(
  outside: Needs,
  tx: Transaction,
  personId: Id,
  { requestIds, now }: { readonly requestIds: readonly Id[]; readonly now: Date },
): Promise<boolean> {
  if (!outside.settings.sendsMail || !(await findReachable(tx.db, [personId])).has(personId)) return false;
  const book = await openContactBook(outside, tx.db);
  try {
    const { id: linkId } = await linkOf(tx.db, book, { personId }, now, false);
    return (await queueMail(tx, book, { linkId, kind: 'asked', requestIds, at: now })) !== null;
  } finally {
    book.close();
  }
}
