import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { dayIn, lastDayBefore } from '../../domain/calendar.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { type Audience, mostSites, type Purpose } from '../../domain/permission.ts';
import { type TermsField, termsChanges } from '../../domain/terms.ts';
import { composeTerms, currentTerms, renewTerms } from '../core/course-terms.ts';
import { lockSeries } from '../core/gate-record.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import { revokeLinks } from '../core/signer-link.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertChannel, type NewSite } from '../lesson/create-lesson.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { renewLink } from '../signing/revoke-link.ts';
import { spanOf } from './create-course.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings' | 'wording'>;

export interface CourseChange {
  title?: string | undefined;
  reason?: string | undefined;
  channelId?: Id | undefined;
  supervisorName?: string | undefined;
  purposes?: Purpose[] | undefined;
  audiences?: Audience[] | undefined;
  from?: string | undefined;
  until?: string | undefined;
  keptUntil?: string | null | undefined;
  /** Takes the notice and the consent that the school has now. */
  takeTexts?: true | undefined;
  /** Places that take part from now on too. */
  addSites?: NewSite[] | undefined;
  /** Who represents a place from now on; a link that went to the one before is revoked, and a new one sent. */
  changeSites?: { readonly id: Id; readonly contact: string }[] | undefined;
  /** Digest of the terms that the change makes: whoever gives it has seen which answers are void then. */
  confirm?: string | undefined;
}

export interface ChangeOutcome {
  readonly saved: boolean;
  /** What signers would read differently. Empty: no answer is void. */
  readonly changes: TermsField[];
  /** Answers that would be void, or are. */
  readonly voids: { readonly subject: string; readonly signer: string }[];
  /** Digest of the terms as changed. */
  readonly terms: string;
}

/** Thrown to leave a transaction without a trace of it. */
class OnlyTried extends Error {
  readonly outcome: ChangeOutcome;
  constructor(outcome: ChangeOutcome) {
    super('only tried');
    this.outcome = outcome;
  }
}

/**
 * Changes a course. Where signers would read something else and there are answers, it first only says which would be void;
 * it is saved when `confirm` names the terms. A change that no signer reads is saved at once and voids nothing. Policy P2.
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST`, such as `OUTSIDE_COURSE` when a lesson would be outside; `WRONG_STATE`
 * `LESSON_STANDS_ALONE`.
 */
export async function changeCourse(outside: Needs, caller: Caller, courseId: Id, change: CourseChange) {
  const { confirm, addSites = [], changeSites = [], takeTexts = false, ...facts } = change;
  const now = outside.clock();
  try {
    return await outside.database.transact(caller, async (tx): Promise<ChangeOutcome> => {
      const course = await lockSeries(tx.db, courseId);
      const before = await currentTerms(tx.db, courseId);
      const unchanged = await composeTerms(outside, tx.db, courseId);
      const data = await toData(tx, course, facts);
      await tx.db.course.update({ where: { id: courseId }, data });
      await tx.db.site.createMany({ data: addSites.map((site) => ({ ...site, courseId })) });
      if ((await tx.db.site.count({ where: { courseId } })) > mostSites)
        throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'TOO_MANY', params: { most: mostSites } }] });
      for (const site of changeSites) await changeSite(outside, tx, courseId, site);
      const after = await composeTerms(outside, tx.db, courseId);
      // The school may have other texts by now: they come with a change that signers read, and with no other.
      const isRead = takeTexts || before === null || unchanged.digest !== after.digest;
      const changes = isRead && before !== null ? termsChanges(before.terms, after.terms) : [];
      const voids = before === null || changes.length === 0 ? [] : await answersTo(tx, courseId, before.digest);
      const outcome = { changes, voids, terms: isRead ? after.digest : before.digest };
      if (voids.length > 0 && confirm !== after.digest) throw new OnlyTried({ ...outcome, saved: false });
      if (isRead) await renewTerms(outside, tx, courseId, { staffId: staffIdOf(caller), at: now });
      await quarantineInCourse(tx, courseId, now);
      await tx.log({
        action: 'course.changed',
        outcome: 'done',
        object: { kind: 'course', id: courseId },
        details: {
          fields: [...Object.keys(data), ...(addSites.length + changeSites.length > 0 ? ['sites'] : [])],
          voids: voids.length,
        },
      });
      return { ...outcome, saved: true };
    });
  } catch (error) {
    if (error instanceof OnlyTried) return error.outcome;
    throw error;
  }
}

/** @throws Refusal `NOT_FOUND`: it is of another course. */
async function changeSite(
  outside: Needs,
  tx: Transaction,
  courseId: Id,
  { id, contact }: NonNullable<CourseChange['changeSites']>[number],
): Promise<void> {
  const before = await tx.db.site.findFirst({ where: { id, courseId } });
  if (!before) throw new Refusal('NOT_FOUND');
  if (before.contact === contact) return;
  await tx.db.site.update({ where: { id }, data: { contact } });
  const revoked = await revokeLinks(tx, { siteId: id }, outside.clock());
  if (revoked.length > 0) await renewLink(outside, tx, { siteId: id }, revoked);
}

async function toData(
  tx: Transaction,
  row: Awaited<ReturnType<typeof lockSeries>>,
  facts: Omit<CourseChange, 'confirm' | 'addSites' | 'changeSites' | 'takeTexts'>,
) {
  if (facts.channelId !== undefined) await assertChannel(tx, facts.channelId);
  const { from, until, keptUntil, ...rest } = facts;
  const data: Prisma.CourseUncheckedUpdateInput = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  );
  if (from === undefined && until === undefined && keptUntil === undefined) return data;
  const { timeZone } = await findPermissionRules(tx.db);
  const kept = keptUntil === undefined ? row.keptUntil && lastDayBefore(row.keptUntil, timeZone) : keptUntil;
  const span = spanOf(
    {
      from: from ?? dayIn(row.from, timeZone),
      until: until ?? lastDayBefore(row.until, timeZone),
      keptUntil: kept ?? undefined,
    },
    timeZone,
  );
  await assertLessonsWithin(tx, row.id, span);
  // Who takes part from the first day on still does when that is an earlier one.
  if (span.from < row.from)
    await tx.db.participant.updateMany({
      where: { courseId: row.id, lessonId: null, from: row.from },
      data: { from: span.from },
    });
  return { ...data, ...span };
}

async function assertLessonsWithin({ db }: Transaction, courseId: Id, { from, until }: { from: Date; until: Date }) {
  const refuse = (field: string) =>
    new Refusal('INVALID_REQUEST', { reasons: [{ code: 'OUTSIDE_COURSE', subject: { kind: 'field', id: field } }] });
  if (await db.lesson.findFirst({ where: { courseId, plannedStart: { lt: from } } })) throw refuse('from');
  if (await db.lesson.findFirst({ where: { courseId, plannedEnd: { gt: until } } })) throw refuse('until');
}

/** The answers that stand and were given to these terms: what would have to be asked for again. */
async function answersTo({ db }: Transaction, courseId: Id, digest: string) {
  const rows = await db.permission.findMany({
    where: { courseId, digest, status: 'granted' },
    orderBy: { createdAt: 'asc' },
    select: {
      signerName: true,
      site: { select: { name: true } },
      participant: { select: { person: { select: { name: true } } } },
    },
  });
  return rows.map(({ signerName, site, participant }) => ({
    subject: site?.name ?? participant?.person.name ?? '',
    signer: signerName ?? '',
  }));
}
