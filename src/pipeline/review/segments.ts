import { randomUUID } from 'node:crypto';
import { assertAllDecided, assertDecision, type DecisionInput, editsOf, type Ground } from '../../domain/decision.ts';
import { Refusal } from '../../domain/errors.ts';
import { assertGateHolds } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import { getGateRecord, lockLesson } from '../lesson/load-lesson.ts';
import { lessonOf, moveRecording, putBackIntoReview } from '../move-recording.ts';
import type { Caller, Outside, Transaction } from '../ports.ts';
import { getSegments } from './view-recording.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Third-party material that somebody knows to be in the recording. Policy P5. What was cleared already goes back to review.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE` once the recording is over, `INVALID_REQUEST` for a range outside of it.
 */
export async function declareSegment(
  { database, clock }: Needs,
  caller: Caller,
  recordingId: Id,
  input: {
    title: string;
    rightsHolder?: string | undefined;
    startMs: number;
    endMs: number;
    ground?: Ground | undefined;
    note?: string | undefined;
  },
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    const durationMs = Math.max(row.declaredDurationMs ?? 0, row.analysedDurationMs ?? 0);
    if (durationMs > 0 && input.startMs >= durationMs)
      throw new Refusal('INVALID_REQUEST', {
        reasons: [
          {
            code: 'RANGE_OUTSIDE',
            subject: { kind: 'field', id: 'startMs' },
            tr: 'Bölüm kaydın sonundan sonra başlıyor.',
            en: 'The segment starts after the end of the recording.',
          },
        ],
      });
    if (['cleared', 'approved', 'released'].includes(row.state)) await reopenReview(tx, recordingId, lessonId, clock());
    else if (!['sealed', 'in_review', 'quarantined'].includes(row.state)) throw new Refusal('WRONG_STATE');
    const id = randomUUID();
    const range = {
      startMs: input.startMs,
      endMs: durationMs > 0 ? Math.min(input.endMs, durationMs) : input.endMs,
    };
    await tx.db.segment.create({
      data: {
        id,
        recordingId,
        ...range,
        claimedGround: input.ground ?? null,
        declaredById: staffIdOf(caller),
        findings: {
          create: {
            recordingId,
            key: `declared:${id}`,
            source: 'declared',
            ...range,
            title: input.title,
            rightsHolder: input.rightsHolder ?? null,
            confidence: 1,
            evidence: { note: input.note ?? null },
          },
        },
      },
    });
    await tx.log({
      action: 'segment.declared',
      outcome: 'done',
      object: { kind: 'segment', id, recordingId, lessonId },
      details: { startMs: input.startMs, endMs: input.endMs, ground: input.ground ?? null },
    });
  });
}

/** What was cleared has to be looked at again; an open release ends and its rendition no longer counts. */
export async function reopenReview(tx: Transaction, recordingId: Id, lessonId: Id, at: Date): Promise<void> {
  await putBackIntoReview(tx, recordingId, 'reopen_review', at);
  await tx.log({
    action: 'recording.reopened',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId },
  });
}

/**
 * A reviewer's decision on one segment; a later one replaces it while the review is open. `refuse` rejects the recording.
 * Nobody reviews what they uploaded.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`, `SAME_PERSON`, `INVALID_REQUEST`. Returns the recording's id.
 */
export async function decideSegment(
  { database, clock }: Needs,
  caller: Caller,
  segmentId: Id,
  decision: DecisionInput & { note?: string | undefined },
): Promise<Id> {
  return database.transact(caller, async (tx) => {
    const segment = await tx.db.segment.findUnique({ where: { id: segmentId } });
    if (!segment) throw new Refusal('NOT_FOUND');
    const { recordingId } = segment;
    assertDecision(decision, segment);
    const lessonId = await assertInReview(tx, caller, recordingId);
    const place = {
      ...(decision.region ? { region: { ...decision.region } } : {}),
      ...(typeof decision.startMs === 'number' ? { startMs: decision.startMs } : {}),
      ...(typeof decision.endMs === 'number' ? { endMs: decision.endMs } : {}),
    };
    await tx.db.decision.create({
      data: {
        segmentId,
        kind: decision.kind,
        ground: decision.kind === 'permitted' ? (decision.ground ?? null) : null,
        note: decision.note ?? null,
        ...place,
        decidedById: staffIdOf(caller),
        decidedAt: clock(),
      },
    });
    const object = { kind: 'segment', id: segmentId, recordingId, lessonId };
    await tx.log({
      action: 'segment.decided',
      outcome: 'done',
      object,
      details: { kind: decision.kind, ground: decision.ground ?? null, ...place },
    });
    if (decision.kind === 'refuse') {
      await moveRecording(tx, recordingId, 'reject', { stateReason: 'SEGMENT_REFUSED' });
      await tx.log({
        action: 'recording.rejected',
        outcome: 'done',
        object: { ...object, kind: 'recording', id: recordingId },
        details: { segment: segmentId },
      });
    }
    return recordingId;
  });
}

/**
 * Ends the review: every segment is decided and the gate holds. A rendition without the removed parts is then made.
 * @throws Refusal `SEGMENTS_OPEN`, `PERMISSION_MISSING`, `WRONG_STATE`, `SAME_PERSON`, `NOT_FOUND`.
 */
export async function clearRecording({ database, clock }: Needs, caller: Caller, recordingId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await assertInReview(tx, caller, recordingId);
    await assertChecked(tx, recordingId);
    const { lesson, permissions } = await getGateRecord(tx.db, lessonId);
    assertGateHolds(lesson, permissions, clock());
    const segments = await getSegments(tx.db, recordingId);
    assertAllDecided(segments);
    await moveRecording(tx, recordingId, 'clear', { clearedById: staffIdOf(caller), clearedAt: clock() });
    const edits = editsOf(segments);
    await tx.db.rendition.create({
      data: {
        recordingId,
        state: 'making',
        requestedById: staffIdOf(caller),
        edits: edits.map(({ region, ...edit }) => ({ ...edit, ...(region ? { region: { ...region } } : {}) })),
      },
    });
    await tx.enqueue('make-rendition', { recordingId }, { key: `rendition:${recordingId}` });
    await tx.log({
      action: 'recording.cleared',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { segments: segments.length, edits: edits.length },
    });
  });
}

/** A review ends only after the machine has looked: also when the check runs again. @throws Refusal `WRONG_STATE`. */
async function assertChecked(tx: Transaction, recordingId: Id): Promise<void> {
  const { checkState } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
  if (checkState === 'done') return;
  throw new Refusal('WRONG_STATE', {
    reasons: [
      {
        code: 'CHECK_NOT_DONE',
        tr: 'Üçüncü taraf içerik denetimi henüz bitmedi.',
        en: 'The third-party check is not done yet.',
      },
    ],
  });
}

/** @throws Refusal `WRONG_STATE`, `NOT_FOUND`. */
export async function rejectRecording(
  { database }: Needs,
  caller: Caller,
  recordingId: Id,
  why: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    await moveRecording(tx, recordingId, 'reject', { stateReason: why });
    await tx.log({
      action: 'recording.rejected',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { segment: null },
    });
  });
}

async function assertInReview(tx: Transaction, caller: Caller, recordingId: Id): Promise<Id> {
  const lessonId = await lessonOf(tx.db, recordingId);
  await lockLesson(tx.db, lessonId);
  const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
  if (row.state !== 'in_review')
    throw new Refusal('WRONG_STATE', {
      reasons: [
        { code: 'NOT_IN_REVIEW', tr: 'Kayıt şu anda incelemede değil.', en: 'The recording is not in review now.' },
      ],
    });
  if (row.uploaderId === staffIdOf(caller))
    throw new Refusal('SAME_PERSON', {
      reasons: [
        {
          code: 'REVIEWER_IS_UPLOADER',
          tr: 'Bu kaydı siz yüklediniz; incelemeyi başkası yapmalı.',
          en: 'You uploaded this recording; somebody else has to review it.',
        },
      ],
    });
  return lessonId;
}
