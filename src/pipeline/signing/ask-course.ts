import type { CourseState } from '../../domain/course-state.ts';
import type { Id } from '../../domain/ids.ts';
import type { SignerCapacity } from '../../domain/permission.ts';
import { isOfAge } from '../../domain/person.ts';
import { mailIn, nameIn } from '../../domain/site-contact.ts';
import { termsToAskIn } from '../core/course-terms.ts';
import { lockCourse } from '../core/gate-record.ts';
import { openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { linkOf } from '../core/signer-link.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { findReachable, viewCourse } from '../course/view-course.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { queueMail } from './queue-mail.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'wording' | 'settings'>;

/** Who is to answer about whom. */
export interface ToAsk {
  readonly subject: { readonly participantId: Id } | { readonly siteId: Id };
  readonly subjectName: string;
  /** Null: whoever represents the site. */
  readonly signerId: Id | null;
  readonly signerName: string;
  readonly capacity: SignerCapacity;
}

export interface Asking {
  /** How many signers a mail is on its way to. */
  readonly mailed: number;
  /** How many requests were opened. */
  readonly requests: number;
  /** Those whom no mail reaches: print a sheet, or add an address. */
  readonly unreachable: { readonly signer: string; readonly subject: string }[];
}

const dayMs = 24 * 60 * 60_000;

/**
 * Asks everybody of a course who has not answered the terms in force and is not waiting to: one mail for each signer, about
 * all their children. Whoever no mail reaches gets a request that waits for a sheet. Repeatable: nobody is asked twice.
 * @throws Refusal `NOT_FOUND`.
 */
export async function askCourse(outside: Needs, caller: Caller, courseId: Id): Promise<Asking> {
  const now = outside.clock();
  const view = await viewCourse(outside, courseId);
  // Whoever said no was heard: only a person of the school talks to them about it again.
  const isOpen = new Set(view.rows.filter(({ state }) => !hasSaidSo(state)).map(({ id }) => id));
  return outside.database.transact(caller, async (tx) => {
    await lockCourse(tx.db, courseId);
    const { digest } = await termsToAskIn(outside, tx, courseId, { staffId: staffIdOf(caller), at: now });
    const { answerDays, firstReminderDays } = await findPermissionRules(tx.db);
    const everybody = await signersOf(tx, courseId, now);
    const waiting = await tx.db.request.findMany({ where: { courseId, digest, state: { in: ['open', 'answered'] } } });
    const isWaiting = new Set(waiting.map((one) => keyOf(one.participantId ?? one.siteId, one.signerId)));
    const toAsk = everybody.filter(
      ({ subject, signerId }) => isOpen.has(idOf(subject)) && !isWaiting.has(keyOf(idOf(subject), signerId)),
    );
    const lapsed = await tx.db.request.findMany({ where: { courseId, digest, state: 'lapsed' } });
    const isLapsed = new Set(lapsed.map((one) => keyOf(one.participantId ?? one.siteId, one.signerId)));
    await tx.db.request.updateMany({
      where: { id: { in: lapsed.map(({ id }) => id) } },
      data: { state: 'superseded', remindAt: null },
    });
    const rows = await tx.db.request.createManyAndReturn({
      data: toAsk.map(({ subject, signerId, capacity }) => ({
        courseId,
        ...subject,
        signerId,
        capacity,
        digest,
        askedAt: now,
        answerBy: new Date(now.getTime() + answerDays * dayMs),
        remindAt: new Date(now.getTime() + firstReminderDays * dayMs),
      })),
      select: { id: true, participantId: true, siteId: true, signerId: true },
    });
    const requestOf = new Map(rows.map((row) => [keyOf(row.participantId ?? row.siteId, row.signerId), row.id]));
    const requestIdOf = (one: ToAsk) => requestOf.get(keyOf(idOf(one.subject), one.signerId)) ?? '';
    const signerIds = toAsk.flatMap(({ signerId }) => signerId ?? []);
    const reachable = await findReachable(tx.db, signerIds);
    const sites = new Map((await tx.db.site.findMany({ where: { courseId } })).map(({ id, contact }) => [id, contact]));
    const bySigner = Map.groupBy(toAsk, ({ signerId, subject }) => signerId ?? idOf(subject));
    // One mail is about everything that waits for its reader, in every course and about every child.
    const elsewhere = Map.groupBy(
      await tx.db.request.findMany({
        where: { signerId: { in: signerIds }, state: 'open', courseId: { not: courseId } },
        select: { id: true, signerId: true },
      }),
      ({ signerId }) => signerId,
    );
    const unreachable: { signer: string; subject: string }[] = [];
    let mailed = 0;
    const book = await openContactBook(outside, tx.db);
    try {
      for (const own of bySigner.values()) {
        const [first] = own;
        if (!first) continue;
        const hasAddress =
          first.signerId === null
            ? mailIn(sites.get(idOf(first.subject)) ?? '') !== null
            : reachable.has(first.signerId);
        if (!hasAddress || !outside.settings.sendsMail) {
          unreachable.push(...own.map(({ signerName, subjectName }) => ({ signer: signerName, subject: subjectName })));
          continue;
        }
        const owner = first.signerId === null ? { siteId: idOf(first.subject) } : { personId: first.signerId };
        const isAgain = own.some((one) => isLapsed.has(keyOf(idOf(one.subject), one.signerId)));
        const { id: linkId } = await linkOf(tx.db, book, owner, now, isAgain);
        const others = elsewhere.get(first.signerId)?.map(({ id }) => id) ?? [];
        const requestIds = [...own.map(requestIdOf), ...others];
        if (await queueMail(tx, book, { linkId, kind: 'asked', requestIds, at: now })) mailed++;
      }
    } finally {
      book.close();
    }
    await tx.enqueue('archive-terms', { digest }, { key: `terms:${digest}` });
    await tx.log({
      action: 'course.asked',
      outcome: 'done',
      object: { kind: 'course', id: courseId },
      details: { mailed, unreachable: unreachable.length, terms: digest },
    });
    return { mailed, requests: rows.length, unreachable };
  });
}

/** Whether a state is an answer, whatever it says. */
export const hasSaidSo = (state: CourseState): boolean =>
  ['given', 'refused', 'withdrawn', 'pupil_refused', 'conflict'].includes(state);

export const idOf = (subject: ToAsk['subject']) => ('siteId' in subject ? subject.siteId : subject.participantId);
export const keyOf = (subjectId: Id | null, signerId: Id | null) => `${subjectId} ${signerId}`;

/** Everybody who may answer in a course now: for each minor their guardians, and where the rules ask for it the pupil too. */
export async function signersOf(
  { db }: { readonly db: Transaction['db'] | Database['read'] },
  courseId: Id,
  now: Date,
): Promise<ToAsk[]> {
  const { requirePupilSignature } = await db.school.findFirstOrThrow();
  const participants = await db.participant.findMany({
    where: { courseId, OR: [{ until: null }, { until: { gt: now } }] },
    orderBy: { addedAt: 'asc' },
    include: {
      person: {
        include: {
          guardians: {
            where: { authority: 'may_sign', until: null },
            include: { guardian: { select: { id: true, name: true } } },
          },
        },
      },
    },
  });
  const sites = await db.site.findMany({ where: { courseId }, orderBy: { addedAt: 'asc' } });
  const seen = new Set<Id>();
  return [
    ...participants.flatMap(({ id, personId, person, isMinor }): ToAsk[] => {
      if (seen.has(personId)) return [];
      seen.add(personId);
      const about = { subject: { participantId: id }, subjectName: person.name };
      const self: ToAsk = { ...about, signerId: personId, signerName: person.name, capacity: 'self' };
      if (!isMinor || isOfAge(person.adultFrom, now)) return [self];
      const guardians = [...new Map(person.guardians.map(({ guardian }) => [guardian.id, guardian])).values()];
      return [
        ...guardians.map(
          (guardian): ToAsk => ({ ...about, signerId: guardian.id, signerName: guardian.name, capacity: 'guardian' }),
        ),
        ...(requirePupilSignature ? [self] : []),
      ];
    }),
    ...sites.map(
      (site): ToAsk => ({
        subject: { siteId: site.id },
        subjectName: site.name,
        signerId: null,
        signerName: nameIn(site.contact),
        capacity: 'site_representative',
      }),
    ),
  ];
}
