import { randomUUID } from 'node:crypto';
import { startOfDay } from '../../domain/calendar.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Evidence } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import { isLanguage, type Language, languageTags } from '../../domain/language.ts';
import { mustHave } from '../../domain/must-have.ts';
import { answersOf, type SheetReading } from '../../domain/sheet-reading.ts';
import { questionsOf } from '../../domain/terms.ts';
import { type NamedTerms, toTerms } from '../core/course-terms.ts';
import { openContactBook } from '../core/people-key.ts';
import { findPermissionRules } from '../core/permission-rules.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { noteAnswer } from '../permission/note-answer.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { yesAndNo } from '../signing/answer-request.ts';
import { answerFacts } from '../signing/evidence-facts.ts';
import { keepEvidence } from '../signing/keep-evidence.ts';
import { tellOthers } from '../signing/tell-others.ts';
import {
  assertAnswer,
  lockScanPage,
  namesOf,
  readReading,
  refusePage,
  type ScanPageRow,
  type SheetRow,
} from './scan-page.ts';
import type { SheetWords } from './sheet-words.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

/** Ink on paper, seen by two people (`domain/assurance.ts`). */
const level = 4;

/**
 * Another person than who read it says that a sheet was read rightly: now it is an answer, with its evidence; the others
 * who stand for the same child are told, and the receipt is made. The other pages of the sheet belong to it.
 * @param readAt of the reading that was looked at.
 * @throws Refusal as `lockScanPage` and `assertAnswer`; `SAME_PERSON`; `STATE_CHANGED`: it was typed again meanwhile;
 * `WRONG_STATE`: `SCAN_PAGE_NOT_READ`.
 */
export async function confirmSheet(
  outside: Needs,
  caller: Caller,
  scanPageId: Id,
  readAt: Date,
  words: Pick<SheetWords, 'boxes'>,
): Promise<{ permissionId: Id }> {
  const { database, clock } = outside;
  return database.transact(caller, async (tx) => {
    const page = await lockScanPage(tx.db, scanPageId);
    const { sheet } = page;
    const { request } = sheet;
    const by = staffIdOf(caller);
    const { readById } = page;
    if (page.state !== 'read' || readById === null) throw refusePage('SCAN_PAGE_NOT_READ');
    if (readById === by) throw new Refusal('SAME_PERSON', { reasons: [{ code: 'SECOND_READER' }] });
    if (page.readAt?.getTime() !== readAt.getTime()) throw new Refusal('STATE_CHANGED');
    const reading = readReading(page.reading);
    const now = clock();
    await assertAnswer(tx.db, page, reading, now);
    const named = toTerms(request.terms);
    const { timeZone } = await findPermissionRules(tx.db);
    const toPermission = yesAndNo(named.terms, answersOf(reading));
    const language = isLanguage(sheet.language) ? sheet.language : languageTags[0];
    const permissionId = randomUUID();
    const signerName = request.signer?.name ?? (reading.name.trim() || namesOf(sheet).signer);
    const { writtenDate } = reading;
    const book = await openContactBook(outside, tx.db);
    try {
      const evidence = await toEvidence(tx, {
        ...{ page, reading, named, language, permissionId, signerName, now },
        ...{ readBy: readById, confirmedBy: by, ticks: ticksOf(words.boxes(named.terms, language), reading) },
      });
      const row = await tx.db.permission.create({
        data: {
          id: permissionId,
          courseId: request.courseId,
          siteId: request.siteId,
          participantId: request.participantId,
          ...toPermission,
          route: 'paper',
          signerName,
          signerCapacity: request.capacity,
          guardianId: request.capacity === 'guardian' ? request.signerId : null,
          signedAt: writtenDate === null ? null : startOfDay(writtenDate, timeZone),
          isDatedByDay: true,
          // Not known to have come before the lesson: then it counts from now on.
          inHandAt: reading.wasBeforeLesson ? startOfDay(reading.receivedOn, timeZone) : null,
          assurance: level,
          digest: named.digest,
          requestId: request.id,
          alternativeAt: toPermission.status === 'refused' || toPermission.declined.length > 0 ? now : null,
          reason: named.terms.reason,
          noticeVersion: String(named.terms.texts[language].notice.version),
          noticeLanguage: language,
          documentId: page.sealedId,
          documentSha256: page.sealed.mediaSha256,
          createdAt: now,
        },
      });
      const digest = await keepEvidence(tx, book, evidence, null);
      await closeRequests(tx, request, now);
      await noteAnswer(tx, caller, row, toPermission.status, now, { evidence: digest });
      await tellOthers(outside, tx, book, { request, by: { personId: request.signerId }, at: now });
    } finally {
      book.close();
    }
    await tx.db.scanPage.updateMany({
      where: { sheetId: sheet.id, OR: [{ id: scanPageId }, { state: 'seen' }] },
      data: { state: 'confirmed', decidedById: by, decidedAt: now, permissionId },
    });
    await tx.log({
      action: 'scan.page_confirmed',
      outcome: 'done',
      object: { kind: 'scan_page', id: scanPageId },
      details: { sheet: sheet.id, permission: permissionId },
    });
    return { permissionId };
  });
}

/** What was asked of the same signer about the same subject in the same terms is answered, however often it was asked. */
async function closeRequests({ db }: Transaction, request: SheetRow['request'], now: Date): Promise<void> {
  const { courseId, participantId, siteId, signerId, digest } = request;
  await db.request.updateMany({
    where: { courseId, participantId, siteId, signerId, digest, state: { in: ['open', 'lapsed', 'answered'] } },
    data: { state: 'answered', answeredAt: now, remindAt: null },
  });
}

/** Every box with its label, as printed. */
function ticksOf(boxes: ReturnType<SheetWords['boxes']>, reading: SheetReading): Evidence['act']['ticks'] {
  return [
    { label: boxes.notice, ticked: reading.isNoted },
    { label: boxes.consent, ticked: reading.isConsented },
    ...boxes.questions.flatMap((question, at) => [
      { label: `${question}: ${boxes.yes}`, ticked: reading.answers[at] === 'yes' },
      { label: `${question}: ${boxes.no}`, ticked: reading.answers[at] === 'no' },
    ]),
    { label: boxes.beforeLesson, ticked: reading.wasBeforeLesson },
  ];
}

interface Confirmed {
  readonly page: ScanPageRow & { readonly sheet: SheetRow };
  readonly reading: SheetReading;
  readonly named: NamedTerms;
  readonly language: Language;
  readonly permissionId: Id;
  readonly signerName: string;
  readonly ticks: Evidence['act']['ticks'];
  readonly readBy: Id;
  readonly confirmedBy: Id;
  readonly now: Date;
}

async function toEvidence(tx: Transaction, confirmed: Confirmed): Promise<Evidence> {
  const { page, reading, named, language, permissionId, signerName, now } = confirmed;
  const { sheet } = page;
  const { request } = sheet;
  const { facts, relation } = await answerFacts(tx, request, permissionId);
  const { notice, consent } = named.terms.texts[language];
  const answers = answersOf(reading);
  return {
    ...facts,
    signer: {
      id: request.signerId,
      name: signerName,
      typedName: reading.name.trim() === '' ? null : reading.name.trim(),
      capacity: request.capacity,
      relation,
      declaresResponsibility: null,
    },
    terms: named.digest,
    notice: reading.isNoted ? { language, version: notice.version, at: null } : null,
    consent: reading.isConsented ? { language, version: consent.version, at: null } : null,
    answers: questionsOf(named.terms).map((question, at) => ({ ...question, answer: answers[at] ?? 'no' })),
    route: 'paper',
    act: {
      kind: 'paper',
      strokesSha256: null,
      signatureSha256: null,
      ticks: confirmed.ticks,
      button: null,
      notedBy: null,
    },
    openedAt: null,
    answeredAt: now.toISOString(),
    tokenSha256: null,
    sending: null,
    assurance: { level, checks: ['two_people'], attempts: 0 },
    device: null,
    paper: {
      sheet: sheet.id,
      page: mustHave(page.page, 'page of a sheet'),
      code: sheet.code,
      imageSha256: page.sealed.mediaSha256,
      writtenDate: reading.writtenDate,
      receivedOn: reading.receivedOn,
      readBy: confirmed.readBy,
      confirmedBy: confirmed.confirmedBy,
    },
  };
}
