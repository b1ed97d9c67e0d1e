import { randomBytes, randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { isLanguage, type Language, languageTags } from '../../domain/language.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Relation } from '../../domain/person.ts';
import { makeSheetCode, type SheetCode, sheetCodeBytes } from '../../domain/sheet-code.ts';
import { mailIn } from '../../domain/site-contact.ts';
import { composeTerms, type NamedTerms, termsAskedIn, termsToAskIn } from '../core/course-terms.ts';
import { lockCourse } from '../core/gate-record.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { findReachable, viewCourse } from '../course/view-course.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database, Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { hasSaidSo, idOf, keyOf, signersOf, type ToAsk } from '../signing/ask-course.ts';

import type { SheetToPrint, SheetWords } from './sheet-words.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'wording' | 'settings' | 'papers'>;
type Db = Transaction['db'] | Database['read'];

/** For whom sheets are printed. */
export interface SheetsWanted {
  /** Only members of this class. */
  readonly classId?: Id | undefined;
  /** Only this participant: also whoever has answered already, for paper may be surer than a link. */
  readonly participantId?: Id | undefined;
  /** Also whom a mail reaches. */
  readonly isForEverybody: boolean;
  /** Also who has a sheet: it went astray. */
  readonly isAgain: boolean;
  readonly isTwoSided: boolean;
  /** Where a yes is taken back in person. */
  readonly office: string;
}

interface Planned extends ToAsk {
  readonly className: string | null;
  readonly language: Language;
  /** Null: they are not asked yet. */
  readonly requestId: Id | null;
  readonly relation: Relation | 'self' | null;
}

const dayMs = 24 * 60 * 60_000;

/**
 * One PDF with a sheet for everybody of a course who has not answered and whom no mail reaches, in the order of classes and
 * names. Who was not asked yet is asked by it. Nobody gets a second sheet unless it is wanted.
 * @throws Refusal `NOT_FOUND`, `NOT_PRINTABLE`, `INVALID_REQUEST`; `WRONG_STATE`: `NOTHING_TO_PRINT`; `STATE_CHANGED`:
 * somebody changed the course or answered meanwhile.
 */
export async function printSheets(
  outside: Needs,
  caller: Caller,
  courseId: Id,
  wanted: SheetsWanted,
  words: Pick<SheetWords, 'write'>,
): Promise<Buffer> {
  const { database, clock, settings, papers } = outside;
  const now = clock();
  const view = await viewCourse(outside, courseId);
  const isOpen = new Set(view.rows.filter(({ state }) => !hasSaidSo(state)).map(({ id }) => id));
  const named = (await termsAskedIn(database.read, courseId)) ?? (await composeTerms(outside, database.read, courseId));
  const plan = await planSheets(database.read, settings.sendsMail, { courseId, named, wanted, isOpen, now });
  if (plan.length === 0) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'NOTHING_TO_PRINT' }] });
  const sheets = plan.map((one) => ({ ...one, code: makeSheetCode(randomBytes(sheetCodeBytes)) }));
  const { pdf, pages } = await papers.sheets(
    sheets.map((one) => words.write(toSheet(one, named, wanted.office))),
    { origin: settings.baseUrl(), at: now, isTwoSided: wanted.isTwoSided },
  );
  await database.transact(caller, async (tx) => {
    await lockCourse(tx.db, courseId);
    const staffId = staffIdOf(caller);
    const { digest } = await termsToAskIn(outside, tx, courseId, { staffId, at: now });
    const still = await planSheets(tx.db, settings.sendsMail, { courseId, named, wanted, isOpen, now });
    // What is on the paper is what is asked, or nothing is printed.
    if (digest !== named.digest || !isSamePlan(plan, still)) throw new Refusal('STATE_CHANGED');
    const requestIds = await askOnPaper(tx, plan, { courseId, digest, now });
    await tx.db.sheet.createMany({
      data: sheets.map(({ code, language }, at) => ({
        requestId: mustHave(requestIds[at], 'request of a sheet'),
        code,
        language,
        pages: mustHave(pages[at], 'pages of a sheet'),
        printedAt: now,
        printedById: staffId,
      })),
    });
    await tx.enqueue('archive-terms', { digest }, { key: `terms:${digest}` });
    await tx.log({
      action: 'sheet.printed',
      outcome: 'done',
      object: { kind: 'course', id: courseId },
      details: {
        sheets: sheets.length,
        requests: plan.filter(({ requestId }) => requestId === null).length,
        terms: digest,
      },
    });
  });
  return pdf;
}

interface Asked {
  readonly courseId: Id;
  readonly named: NamedTerms;
  readonly wanted: SheetsWanted;
  readonly isOpen: ReadonlySet<Id>;
  readonly now: Date;
}

async function planSheets(db: Db, sendsMail: boolean, { courseId, named, wanted, isOpen, now }: Asked) {
  const { classId, participantId } = wanted;
  const everybody = await signersOf({ db }, courseId, now);
  const participants = await db.participant.findMany({
    where: { courseId },
    select: {
      id: true,
      classId: true,
      class: { select: { name: true } },
      person: { select: { guardians: { where: { until: null }, select: { guardianId: true, relation: true } } } },
    },
  });
  const placeOf = new Map(participants.map((one) => [one.id, one]));
  const asked = await db.request.findMany({
    where: { courseId, digest: named.digest, state: { in: ['open', 'answered'] } },
    include: { sheets: { select: { id: true } } },
    orderBy: { askedAt: 'asc' },
  });
  const requestOf = new Map(asked.map((one) => [keyOf(one.participantId ?? one.siteId, one.signerId), one]));
  const signerIds = everybody.flatMap(({ signerId }) => signerId ?? []);
  const reachable = await findReachable(db, signerIds);
  const sites = new Map((await db.site.findMany({ where: { courseId } })).map(({ id, contact }) => [id, contact]));
  const persons = await db.person.findMany({ where: { id: { in: signerIds } }, select: { id: true, language: true } });
  const languageOf = new Map(persons.map(({ id, language }) => [id, language]));
  const school = await db.school.findFirstOrThrow({ select: { language: true } });
  const isReached = ({ signerId, subject }: ToAsk) =>
    sendsMail && (signerId === null ? mailIn(sites.get(idOf(subject)) ?? '') !== null : reachable.has(signerId));
  const isWanted = (one: ToAsk) => {
    const id = idOf(one.subject);
    const request = requestOf.get(keyOf(id, one.signerId));
    if (request && request.sheets.length > 0 && !wanted.isAgain) return false;
    if (classId !== undefined && placeOf.get(id)?.classId !== classId) return false;
    if (participantId !== undefined) return participantId === id;
    return isOpen.has(id) && request?.state !== 'answered' && (wanted.isForEverybody || !isReached(one));
  };
  return everybody
    .filter(isWanted)
    .map((one): Planned => {
      const id = idOf(one.subject);
      const place = placeOf.get(id);
      const own = languageOf.get(one.signerId ?? '') ?? school.language;
      return {
        ...one,
        className: place?.class?.name ?? null,
        language: isLanguage(own) ? own : languageTags[0],
        requestId: requestOf.get(keyOf(id, one.signerId))?.id ?? null,
        relation: relationOf(one, place?.person.guardians ?? []),
      };
    })
    .toSorted(inOrder);
}

function relationOf(
  { capacity, signerId }: ToAsk,
  guardians: readonly { readonly guardianId: Id; readonly relation: Relation }[],
): Planned['relation'] {
  if (capacity === 'site_representative') return null;
  if (capacity === 'self') return 'self';
  return guardians.find(({ guardianId }) => guardianId === signerId)?.relation ?? 'carer';
}

const byName = new Intl.Collator('tr');
const inOrder = (a: Planned, b: Planned) =>
  byName.compare(a.className ?? '', b.className ?? '') ||
  byName.compare(a.subjectName, b.subjectName) ||
  byName.compare(a.signerName, b.signerName);

const isSamePlan = (before: readonly Planned[], after: readonly Planned[]) =>
  JSON.stringify(before) === JSON.stringify(after);

function toSheet(
  { code, language, subjectName, className, signerName, relation }: Planned & { readonly code: SheetCode },
  { terms }: NamedTerms,
  office: string,
): SheetToPrint {
  return {
    code,
    language,
    terms,
    subject: { name: subjectName, className },
    signer: relation === null ? null : { name: signerName, relation },
    withdrawal: { office, address: null },
  };
}

/** The request of each, made for those who have none. One that had lapsed is asked anew. */
async function askOnPaper(
  tx: Transaction,
  plan: readonly Planned[],
  { courseId, digest, now }: { readonly courseId: Id; readonly digest: string; readonly now: Date },
): Promise<Id[]> {
  const { answerDays } = await findPermissionRules(tx.db);
  const requests = plan.map((one) => ({ ...one, id: one.requestId ?? randomUUID() }));
  const made = requests.filter(({ requestId }) => requestId === null);
  for (const { subject, signerId } of made)
    await tx.db.request.updateMany({
      where: { courseId, ...subject, signerId, digest, state: 'lapsed' },
      data: { state: 'superseded', remindAt: null },
    });
  await tx.db.request.createMany({
    data: made.map(({ id, subject, signerId, capacity }) => ({
      id,
      courseId,
      ...subject,
      signerId,
      capacity,
      digest,
      askedAt: now,
      answerBy: new Date(now.getTime() + answerDays * dayMs),
    })),
  });
  return requests.map(({ id }) => id);
}
