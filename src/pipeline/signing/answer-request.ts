import { createHash, randomUUID } from 'node:crypto';
import { leastLevelFor } from '../../domain/assurance.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Answer, AssuranceCheck, Evidence } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import type { AssuranceLevel, Audience, LeastAssurance, PermissionStatus, Purpose } from '../../domain/permission.ts';
import { isOfAge } from '../../domain/person.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import { requestStateAt } from '../../domain/request.ts';
import { type Question, questionsOf, type Terms } from '../../domain/terms.ts';
import { digestsInForce, type NamedTerms, toTerms } from '../core/course-terms.ts';
import { lockCourse } from '../core/gate-record.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { noteAnswer } from '../permission/note-answer.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { answerFacts, deviceOf } from './evidence-facts.ts';
import { callerOf, findSigner, holdLink, requestsOf, type Signer } from './find-signer.ts';
import { keepEvidence } from './keep-evidence.ts';
import { proveSecondThing } from './second-thing.ts';
import { tellOthers } from './tell-others.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

/** What a signer sends with their answer. */
export interface SignedAnswer {
  readonly requestId: Id;
  /** `standingOf` the request when the page was made. A press too many is no second answer. */
  readonly after: string | null;
  /** One for each question of the terms, in their order. */
  readonly answers: readonly Answer[];
  readonly typedName: string;
  /** The information was noted: the first act. */
  readonly isNoted: boolean;
  /** Declared parental responsibility; null: it was not asked. */
  readonly declaresResponsibility: boolean | null;
  /** Strokes of a drawn signature, as JSON; null: typed only. */
  readonly strokes: string | null;
  /** The last four digits of the telephone on record; null: not given. */
  readonly secondThing: string | null;
  /** The language in which it was read, and the words as shown. */
  readonly language: Language;
  readonly ticks: Evidence['act']['ticks'];
  readonly button: string;
  readonly agent: string | null;
  readonly address: string | undefined;
}

export interface Answered {
  readonly permissionId: Id;
  readonly evidenceId: Id;
}

/** The highest level that a link can reach. */
const mostByLink = 3;

/**
 * What the link has to prove for these answers: a second thing, where a yes needs more than a link and a name. A no never
 * needs more than the link. What only paper can reach stays short of its level, and the gate says so.
 */
export function needsSecondThing(least: LeastAssurance, terms: Terms, answers: readonly Answer[]): boolean {
  return questionsOf(terms).some((question, at) => answers[at] === 'yes' && leastFor(least, question) >= mostByLink);
}

const leastFor = (least: LeastAssurance, { purpose, audience }: Question) =>
  leastLevelFor(least, { purposes: [purpose], audiences: audience === null ? [] : [audience] });

const refuse = (code: ReasonCode) => new Refusal('WRONG_STATE', { reasons: [{ code }] });

/**
 * Takes the answer of a signer to one request, with its evidence, and puts recordings out of reach that a no concerns, in one
 * transaction. The others who stand for the same child are told. The receipt is made after it (`make-receipt.ts`).
 * @throws Refusal `LINK_NOT_VALID`; `WRONG_STATE`: `LINK_REPLACED`, `REQUEST_OVER`, `NOT_NOTED`, `QUESTIONS_OPEN`,
 * `NAME_MISSING`, `RESPONSIBILITY_MISSING`, and of the second thing.
 */
export async function answerRequest(outside: Needs, token: string, input: SignedAnswer): Promise<Answered> {
  const { database, clock } = outside;
  const signer = await findSigner(database.read, token);
  if (signer.isReplaced) throw refuse('LINK_REPLACED');
  const request = await findRequest(database.read, signer, input.requestId, clock());
  const named = toTerms(request.terms);
  assertWhole(named.terms, request.capacity, input);
  const caller = callerOf(signer, input.address);
  const { leastAssurance } = await findPermissionRules(database.read);
  const proof = needsSecondThing(leastAssurance, named.terms, input.answers)
    ? await proveSecondThing(outside, signer, caller, input.secondThing)
    : null;
  return database.transact(caller, async (tx) => {
    await lockCourse(tx.db, request.courseId);
    await holdLink(tx, signer);
    const now = clock();
    const still = await findRequest(tx.db, signer, input.requestId, now);
    const latest = still.permissions[0] ?? null;
    if (standingOf(latest) !== input.after) {
      if (latest && isSameAnswer(latest, yesAndNo(named.terms, input.answers)))
        return { permissionId: latest.id, evidenceId: latest.id };
      throw new Refusal('STATE_CHANGED');
    }
    if (!(await stillStands(tx, signer, still, now))) throw refuse('REQUEST_OVER');
    const toPermission = yesAndNo(named.terms, input.answers);
    const level: AssuranceLevel = proof ? 3 : 2;
    const permissionId = randomUUID();
    const book = await openContactBook(outside, tx.db);
    try {
      const act = { signer, request, named, input, proof, level, permissionId, now };
      const evidence = await toEvidence(tx, book, act);
      const row = await tx.db.permission.create({
        data: {
          id: permissionId,
          courseId: request.courseId,
          siteId: request.siteId,
          participantId: request.participantId,
          ...toPermission,
          route: 'electronic',
          signerName: signer.name,
          signerCapacity: request.capacity,
          guardianId: request.capacity === 'guardian' ? signer.personId : null,
          signedAt: now,
          assurance: level,
          digest: named.digest,
          requestId: request.id,
          alternativeAt: toPermission.status === 'refused' || toPermission.declined.length > 0 ? now : null,
          reason: named.terms.reason,
          noticeVersion: String(named.terms.texts[input.language].notice.version),
          noticeLanguage: input.language,
          createdAt: now,
        },
      });
      const digest = await keepEvidence(tx, book, evidence, input.strokes);
      await tx.db.request.update({
        where: { id: request.id },
        data: { state: 'answered', answeredAt: now, remindAt: null },
      });
      await noteAnswer(tx, caller, row, toPermission.status, now, { evidence: digest });
      await tellOthers(outside, tx, book, { request, by: signer, at: now });
    } finally {
      book.close();
    }
    return { permissionId, evidenceId: permissionId };
  });
}

/**
 * The newest answer to a request and how it stands; null: there is none. What was taken back since a page was made is not given
 * again by that page.
 */
export function standingOf(latest: { readonly id: Id; readonly status: PermissionStatus } | null): string | null {
  return latest && `${latest.id} ${latest.status}`;
}

async function findRequest(
  db: Outside['database']['read'] | Transaction['db'],
  signer: Signer,
  requestId: Id,
  now: Date,
) {
  const request = await db.request.findFirst({
    where: { id: requestId, ...requestsOf(signer) },
    include: {
      terms: true,
      participant: {
        include: { person: { select: { name: true, adultFrom: true } }, class: { select: { name: true } } },
      },
      site: { select: { name: true } },
      permissions: { orderBy: { createdAt: 'desc' }, take: 1 },
    },
  });
  if (!request) throw new Refusal('NOT_FOUND');
  const inForce = await digestsInForce(db, [request.courseId]);
  const state = requestStateAt(request, inForce.get(request.courseId) ?? null, now);
  if (state !== 'open' && state !== 'answered') throw refuse('REQUEST_OVER');
  return request;
}
export type RequestRow = Awaited<ReturnType<typeof findRequest>>;

function assertWhole(terms: Terms, capacity: RequestRow['capacity'], input: SignedAnswer): void {
  if (input.answers.length !== questionsOf(terms).length) throw refuse('QUESTIONS_OPEN');
  const isNo = input.answers.every((answer) => answer === 'no');
  if (!input.isNoted && !isNo) throw refuse('NOT_NOTED');
  if (!isNo && !isName(input.typedName)) throw refuse('NAME_MISSING');
  if (capacity === 'guardian' && !isNo && input.declaresResponsibility !== true) throw refuse('RESPONSIBILITY_MISSING');
}

/** Signs that nobody sees, and dots, are no name. */
const isName = (typed: string) => (typed.match(/\p{L}/gu) ?? []).length >= 2;

/** Whether a guardian still stands for the pupil: it may have ended meanwhile, or the pupil have come of age. */
async function stillStands(
  { db }: Transaction,
  { personId }: Signer,
  request: RequestRow,
  now: Date,
): Promise<boolean> {
  if (request.capacity !== 'guardian') return true;
  if (isOfAge(request.participant?.person.adultFrom ?? null, now)) return false;
  const pupilId = request.participant?.personId ?? '';
  const where = { pupilId, guardianId: personId ?? '', authority: 'may_sign', until: null } as const;
  return (await db.guardianship.count({ where })) > 0;
}

/** The answers as a permission has them. All with no: it is a refusal. */
export function yesAndNo(terms: Terms, answers: readonly Answer[]) {
  const answered = questionsOf(terms).map((question, at) => ({ ...question, isYes: answers[at] === 'yes' }));
  const to = (isYes: boolean) => answered.flatMap((one) => (one.audience && one.isYes === isYes ? [one.audience] : []));
  const plain = (isYes: boolean) =>
    answered.flatMap((one) => (one.audience === null && one.isYes === isYes ? [one.purpose] : []));
  const releaseTo = to(true);
  const asksRelease = terms.purposes.includes('release');
  const purposes: Purpose[] = [...plain(true), ...(releaseTo.length > 0 ? (['release'] as const) : [])];
  const declined: Purpose[] = [
    ...plain(false),
    ...(asksRelease && releaseTo.length === 0 ? (['release'] as const) : []),
  ];
  if (purposes.length === 0)
    return { status: 'refused' as const, purposes: [...terms.purposes], releaseTo, declined: [], declinedTo: [] };
  return { status: 'granted' as const, purposes, releaseTo, declined, declinedTo: to(false) };
}

/** Whether two answers say the same. */
function isSameAnswer(one: Given, other: Given): boolean {
  const said = ({ status, purposes, releaseTo }: Given) =>
    [status, [...purposes].sort(), [...releaseTo].sort()].join(';');
  return said(one) === said(other);
}
interface Given {
  readonly status: string;
  readonly purposes: readonly Purpose[];
  readonly releaseTo: readonly Audience[];
}

interface Act {
  readonly signer: Signer;
  readonly request: RequestRow;
  readonly named: NamedTerms;
  readonly input: SignedAnswer;
  readonly proof: { readonly checks: readonly AssuranceCheck[]; readonly attempts: number } | null;
  readonly level: AssuranceLevel;
  readonly permissionId: Id;
  readonly now: Date;
}

async function toEvidence(tx: Transaction, book: ContactBook, act: Act): Promise<Evidence> {
  const { signer, request, named, input, proof, level, permissionId, now } = act;
  const at = now.toISOString();
  const typedName = input.typedName.trim();
  const { facts, relation } = await answerFacts(tx, request, permissionId);
  const delivery = await tx.db.delivery.findFirst({
    where: { linkId: signer.linkId, state: 'accepted', requests: { some: { requestId: request.id } } },
    orderBy: { queuedAt: 'desc' },
  });
  const { notice, consent } = named.terms.texts[input.language];
  return {
    ...facts,
    signer: {
      id: signer.personId,
      name: signer.name,
      typedName: typedName === '' ? null : typedName,
      capacity: request.capacity,
      relation,
      declaresResponsibility: input.declaresResponsibility,
    },
    terms: named.digest,
    notice: input.isNoted ? { language: input.language, version: notice.version, at } : null,
    consent: { language: input.language, version: consent.version, at },
    answers: questionsOf(named.terms).map((question, i) => ({ ...question, answer: input.answers[i] ?? 'no' })),
    route: 'electronic',
    act: {
      kind: input.strokes !== null ? 'drawn' : typedName === '' ? 'pressed' : 'typed',
      strokesSha256: input.strokes === null ? null : createHash('sha256').update(input.strokes).digest('hex'),
      signatureSha256: null,
      ticks: input.ticks,
      button: input.button,
      notedBy: null,
    },
    openedAt: request.openedAt?.toISOString() ?? null,
    answeredAt: at,
    tokenSha256: signer.tokenDigest,
    sending: delivery && {
      at: (delivery.settledAt ?? delivery.queuedAt).toISOString(),
      addressSha256: Buffer.from(delivery.addressDigest).toString('hex'),
      addressMask: delivery.addressMask,
      messageId: delivery.messageId,
      smtpReply: delivery.reply,
    },
    assurance: {
      level,
      checks: ['link', ...(typedName === '' ? [] : (['typed_name'] as const)), ...(proof?.checks ?? [])],
      attempts: proof?.attempts ?? 0,
    },
    device: deviceOf(book, input),
    paper: null,
  };
}
