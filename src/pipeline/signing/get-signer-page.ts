import { leastLevelFor } from '../../domain/assurance.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { requestStateAt } from '../../domain/request.ts';
import { questionsOf } from '../../domain/terms.ts';
import { digestsInForce, toTerms } from '../core/course-terms.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { findAccesses } from '../oversight/find-accesses.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import type { Outside } from '../ports/outside.ts';
import { standingOf } from './answer-request.ts';
import { findAnswer } from './find-answer.ts';
import { answersOf, callerOf, findSigner, requestsOf } from './find-signer.ts';
import { lessonsOfAnswer } from './lessons-of-answer.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** The levels that a link reaches: a yes to a question that asks for more needs paper too. */
const linkAlone = 2;
const linkAndSecond = 3;

/** What the holder of a link sees first: what waits for them, and what they have answered. Reading changes nothing of it. */
export async function getSignerPage({ database: { read }, clock }: Needs, token: string) {
  const signer = await findSigner(read, token);
  const school = await read.school.findFirstOrThrow({ select: { name: true } });
  const { timeZone } = await findPermissionRules(read);
  const about = {
    course: { select: { title: true } },
    participant: { select: { personId: true, person: { select: { name: true } }, class: { select: { name: true } } } },
    site: { select: { name: true } },
  } as const;
  const requests = await read.request.findMany({
    where: requestsOf(signer),
    include: about,
    orderBy: { askedAt: 'desc' },
  });
  const answers = await read.permission.findMany({
    where: { ...answersOf(signer), status: { not: 'requested' } },
    include: about,
    orderBy: { createdAt: 'desc' },
  });
  const subjectOf = ({ participant, site }: (typeof requests)[number] | (typeof answers)[number]) => ({
    subject: site?.name ?? participant?.person.name ?? '',
    class: participant?.class?.name ?? null,
  });
  // Of what was asked several times, the newest says where it stands.
  const newest = new Map<string, (typeof requests)[number]>();
  for (const one of requests) if (!newest.has(aboutOf(one))) newest.set(aboutOf(one), one);
  const now = clock();
  const inForce = await digestsInForce(
    read,
    requests.map(({ courseId }) => courseId),
  );
  return {
    signer,
    school: school.name,
    timeZone,
    requests: [...newest.values()].map((one) => ({
      id: one.id,
      state: requestStateAt(one, inForce.get(one.courseId) ?? null, now),
      course: one.course.title,
      answerBy: one.answerBy,
      ...subjectOf(one),
    })),
    answers: answers.map((one) => ({
      id: one.id,
      requestId: one.requestId,
      status: one.status,
      /** The same for answers about the same person or site in the same course. */
      about: aboutOf(one),
      isPartial: one.status === 'granted' && one.declined.length + one.declinedTo.length > 0,
      at: one.createdAt,
      course: one.course.title,
      ...subjectOf(one),
    })),
  };
}

/** Two children of one name, and two courses of one title, are two. */
function aboutOf(one: {
  readonly courseId: Id;
  readonly siteId: Id | null;
  readonly participant: { readonly personId: Id } | null;
}): string {
  return `${one.courseId} ${one.participant?.personId ?? one.siteId}`;
}

/**
 * What is asked in one request, for the page that answers it. That it was opened is noted: a hint, for scanners of mail open
 * every link. @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`.
 */
export async function openRequest({ database: { read }, clock }: Needs, token: string, requestId: Id) {
  const signer = await findSigner(read, token);
  const row = await read.request.findFirst({
    where: { id: requestId, ...requestsOf(signer) },
    include: {
      terms: true,
      participant: { include: { person: { select: { name: true } }, class: { select: { name: true } } } },
      site: { select: { name: true } },
      permissions: { orderBy: { createdAt: 'desc' }, take: 1 },
    },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  await read.request.updateMany({ where: { id: requestId, openedAt: null }, data: { openedAt: clock() } });
  const inForce = await digestsInForce(read, [row.courseId]);
  const { leastAssurance } = await findPermissionRules(read);
  const { terms } = toTerms(row.terms);
  const before = row.permissions[0];
  const isAnswered = before?.status === 'granted' || before?.status === 'refused';
  return {
    signer,
    /** The answer that stands now, so that a press too many is no second answer. */
    after: standingOf(before ?? null),
    state: requestStateAt(row, inForce.get(row.courseId) ?? null, clock()),
    capacity: row.capacity,
    /** A pupil who answers for themselves reads it in words for their age. */
    isChild: row.capacity === 'self' && row.participant?.isMinor === true,
    subject: row.site?.name ?? row.participant?.person.name ?? '',
    class: row.participant?.class?.name ?? null,
    terms,
    answerBy: row.answerBy,
    questions: questionsOf(terms).map((question) => {
      const { purpose, audience } = question;
      const least = leastLevelFor(leastAssurance, { purposes: [purpose], audiences: audience ? [audience] : [] });
      const yes =
        before?.status === 'granted' &&
        (audience ? before.releaseTo.includes(audience) : before.purposes.includes(purpose));
      return {
        ...question,
        needsSecondThing: least > linkAlone,
        needsPaper: least > linkAndSecond,
        /** What was answered before, if anything. */
        before: isAnswered ? (yes ? ('yes' as const) : ('no' as const)) : null,
      };
    }),
  };
}

/** One answer with everything that exists because of it. @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`. */
export async function openAnswer(outside: Needs & Pick<Outside, 'logSigner'>, token: string, permissionId: Id) {
  const { read } = outside.database;
  const signer = await findSigner(read, token);
  const row = await findAnswer(read, signer, permissionId);
  const { timeZone } = await findPermissionRules(read);
  const evidence = await read.evidence.findMany({ where: { permissionId }, orderBy: { createdAt: 'asc' } });
  const guardianId = row.signerCapacity === 'guardian' ? signer.personId : null;
  const lessons = await read.lesson.findMany({
    where: await lessonsOfAnswer(read, signer, row, outside.clock()),
    orderBy: { plannedStart: 'desc' },
    take: 200,
    select: {
      id: true,
      title: true,
      plannedStart: true,
      objections: {
        where: { participant: { personId: row.participant?.personId ?? '' }, guardianId, liftedAt: null },
        select: { id: true },
      },
      recordings: {
        where: { state: { not: 'receiving' } },
        select: { id: true, lessonId: true, state: true },
      },
    },
  });
  const checkpoint = await integrateLog(outside);
  const shown = [];
  for (const { objections, recordings, ...lesson } of lessons) {
    const watched = [];
    for (const recording of recordings)
      watched.push({ state: recording.state, by: watchedBy(await findAccesses(read, recording, checkpoint)) });
    shown.push({ ...lesson, isObjectedTo: objections.length > 0, recordings: watched });
  }
  const { title } = await read.course.findUniqueOrThrow({ where: { id: row.courseId }, select: { title: true } });
  return {
    signer,
    timeZone,
    course: title,
    status: row.status,
    isOfPerson: row.participantId !== null,
    subject: row.site?.name ?? row.participant?.person.name ?? '',
    class: row.participant?.class?.name ?? null,
    at: row.createdAt,
    answers: {
      purposes: row.status === 'refused' ? [] : row.purposes,
      releaseTo: row.status === 'refused' ? [] : row.releaseTo,
      declined: row.status === 'refused' ? row.purposes : row.declined,
      declinedTo: row.declinedTo,
    },
    terms: row.terms && toTerms(row.terms).terms,
    evidence: evidence.map(({ id, event, createdAt }) => ({ id, event, at: createdAt })),
    lessons: shown,
  };
}

/** How much each kind of person watched, and no names: those are for auditors. */
function watchedBy(accesses: Awaited<ReturnType<typeof findAccesses>>) {
  const seconds = new Map<string, number>();
  for (const { actor, seconds: parts } of accesses) {
    const sum = parts.reduce((all, [from, until]) => all + until - from, 0);
    seconds.set(actor.kind, (seconds.get(actor.kind) ?? 0) + sum);
  }
  return [...seconds].filter(([, sum]) => sum > 0).map(([kind, sum]) => ({ kind, minutes: Math.ceil(sum / 60) }));
}

/** The language in which the pages of a link were shown, unless another was chosen. @throws Refusal `LINK_NOT_VALID`. */
export async function signerLanguage({ database: { read } }: Needs, token: string): Promise<string | null> {
  return (await findSigner(read, token)).language;
}

/** The reader's language from now on, for pages and mails. @throws Refusal `LINK_NOT_VALID`. */
export async function setSignerLanguage({ database }: Needs, token: string, language: Language): Promise<void> {
  const { personId, linkId } = await findSigner(database.read, token);
  if (personId === null) return;
  await database.transact({ actor: { kind: 'signer', id: linkId } }, async (tx) => {
    await tx.db.person.update({ where: { id: personId }, data: { language } });
  });
}

/** The evidence that a receipt is of, if it is this signer's; that it was read is on the log. @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`. */
export async function noteReceiptRead({ database }: Needs, token: string, evidenceId: Id, address: string | undefined) {
  const signer = await findSigner(database.read, token);
  const row = await database.read.evidence.findFirst({
    where: { id: evidenceId, permission: answersOf(signer) },
    select: { id: true, event: true, permissionId: true, permission: { select: { status: true } } },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  await database.transact(callerOf(signer, address), (tx) =>
    tx.log({
      action: 'signer.receipt_read',
      outcome: 'done',
      object: { kind: 'signer_link', id: signer.linkId },
      details: { permission: row.permissionId },
    }),
  );
  return row;
}

/** What an act of this signer was. @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`. */
export async function findAct({ database: { read } }: Needs, token: string, evidenceId: Id) {
  const signer = await findSigner(read, token);
  const row = await read.evidence.findFirst({
    where: { id: evidenceId, permission: answersOf(signer) },
    select: { id: true, event: true, permission: { select: { status: true } } },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  return { signer, ...row };
}
