import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Evidence } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { transitions } from '../../domain/lifecycle.ts';
import { questionsOf } from '../../domain/terms.ts';
import { toTerms } from '../core/course-terms.ts';
import { lockCourse } from '../core/gate-record.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { grantsCoveredBy, noteAnswer } from '../permission/note-answer.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { deviceOf, subjectShown } from './evidence-facts.ts';
import { answersOf, callerOf, findSigner, holdLink, type Signer } from './find-signer.ts';
import { keepEvidence } from './keep-evidence.ts';
import { lessonsOfAnswer } from './lessons-of-answer.ts';
import { tellOthers } from './tell-others.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

/** From where and in which words a button of the link was pressed. */
export interface Pressed {
  readonly language: Language;
  readonly button: string;
  readonly agent: string | null;
  readonly address: string | undefined;
}

/**
 * Takes an answer back by the link, at once: in the same transaction every recording that rested on it goes into quarantine.
 * No reason is asked. The evidence is null where staff noted the answer of a lesson that stands alone: no terms were read.
 * Pressed again it answers what it did.
 * @throws Refusal `LINK_NOT_VALID`, `NOT_FOUND`; `STATE_CHANGED` where it never was a yes.
 */
export async function withdrawBySigner(
  outside: Needs,
  token: string,
  permissionId: Id,
  pressed: Pressed,
): Promise<{ evidenceId: Id | null }> {
  const { database, clock } = outside;
  const signer = await findSigner(database.read, token);
  const caller = callerOf(signer, pressed.address);
  const { courseId } = await findAnswer(database.read, signer, permissionId);
  return database.transact(caller, async (tx) => {
    await lockCourse(tx.db, courseId);
    await holdLink(tx, signer);
    const asked = await findAnswer(tx.db, signer, permissionId);
    // Only a yes is taken back: what else they once granted, where this one is none. A no or an invalid record stays what it is.
    const [covered] = asked.status === 'granted' ? [asked] : await grantsCoveredBy(tx, asked);
    if (!covered) {
      if (asked.status !== 'withdrawn') throw new Refusal('STATE_CHANGED');
      // Pressed twice: it is as they want it.
      const act = { permissionId, event: 'withdrawn' } as const;
      const done = await tx.db.evidence.findFirst({ where: act, orderBy: { createdAt: 'desc' }, select: { id: true } });
      return { evidenceId: done?.id ?? null };
    }
    const before = covered.id === asked.id ? asked : await findAnswer(tx.db, signer, covered.id);
    const { terms } = before;
    const now = clock();
    const row = await tx.db.permission.update({ where: { id: before.id }, data: { status: 'withdrawn' } });
    const book = await openContactBook(outside, tx.db);
    try {
      const evidence = terms && pressedEvidence(book, signer, before, 'withdrawn', pressed, now);
      const digest = evidence && (await keepEvidence(tx, book, evidence, null));
      await noteAnswer(tx, caller, row, 'withdrawn', now, digest === null ? {} : { evidence: digest });
      const about = { id: row.requestId ?? '', courseId, participantId: row.participantId };
      if (row.requestId !== null) await tellOthers(outside, tx, book, { request: about, by: signer, at: now });
      return { evidenceId: evidence?.id ?? null };
    } finally {
      book.close();
    }
  });
}

/** What a withdrawal of this answer stops. */
export async function previewWithdrawal({ database: { read }, clock }: Needs, token: string, permissionId: Id) {
  const signer = await findSigner(read, token);
  const answer = await findAnswer(read, signer, permissionId);
  const { participant, site } = answer;
  const lessons = await read.lesson.findMany({
    where: {
      ...(await lessonsOfAnswer(read, signer, answer, clock())),
      recordings: { some: { state: { in: [...transitions.quarantine.from] } } },
    },
    orderBy: { plannedStart: 'asc' },
    select: { id: true, title: true, plannedStart: true },
  });
  const { timeZone } = await findPermissionRules(read);
  return {
    subject: site?.name ?? participant?.person.name ?? '',
    recorded: lessons,
    timeZone,
    language: signer.language,
  };
}

/** @throws Refusal `NOT_FOUND`. */
export async function findAnswer(db: Database['read'] | Transaction['db'], signer: Signer, permissionId: Id) {
  const row = await db.permission.findFirst({
    where: { id: permissionId, ...answersOf(signer) },
    include: {
      terms: true,
      participant: { include: { person: { select: { name: true } }, class: { select: { name: true } } } },
      site: { select: { name: true } },
    },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}
export type AnswerRow = Awaited<ReturnType<typeof findAnswer>>;

/** The evidence of a no that took one press of a button. */
export function pressedEvidence(
  book: ContactBook,
  signer: Signer,
  row: AnswerRow,
  event: 'withdrawn' | 'objected',
  pressed: Pressed,
  now: Date,
  lesson: Id | null = null,
): Evidence {
  if (!row.terms) throw new Error('an answer without terms has no evidence');
  const { button, language } = pressed;
  const { terms } = toTerms(row.terms);
  const at = now.toISOString();
  return {
    v: 1,
    id: randomUUID(),
    event,
    course: row.courseId,
    lesson,
    request: row.requestId,
    permission: row.id,
    subject: subjectShown(row),
    signer: {
      id: signer.personId,
      name: signer.name,
      typedName: null,
      capacity: row.signerCapacity ?? 'guardian',
      relation: null,
      declaresResponsibility: null,
    },
    terms: row.terms.digest,
    notice: null,
    consent: { language, version: terms.texts[language].consent.version, at },
    answers: questionsOf(terms).map((question) => ({ ...question, answer: 'no' })),
    route: 'electronic',
    act: { kind: 'pressed', strokesSha256: null, signatureSha256: null, ticks: [], button, notedBy: null },
    openedAt: null,
    answeredAt: at,
    tokenSha256: signer.tokenDigest,
    sending: null,
    assurance: { level: 2, checks: ['link'], attempts: 0 },
    device: deviceOf(book, pressed),
    paper: null,
    supersedes: null,
  };
}
