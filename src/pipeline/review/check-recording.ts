import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { type Finding, findingsOf } from '../../detection/findings.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../lesson/load-lesson.ts';
import { moveRecording } from '../move-recording.ts';
import { noteEverySecond } from '../note-progress.ts';
import type { Caller, MediaProbe, Outside } from '../ports.ts';
import { openSealed } from '../sealed-object.ts';
import { storableJson, storableMs, storableText } from '../storable.ts';
import { findWorks } from './find-works.ts';
import { reopenReview } from './segments.ts';
import { watchRecording } from './watch-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock'>;

const checkable: readonly string[] = ['sealed', 'in_review', 'cleared', 'approved', 'released'];

/**
 * Raised whenever a detector changes what it may find: recordings that an earlier one looked at are then looked at again.
 */
export const detectorsVersion = 2;

/** An entry has room for 64 KiB. */
const mostFoundOnLog = 200;
const caller: Caller = { actor: { kind: 'system', id: 'third-party-check' } };

/**
 * The third-party check (P5): decodes the sealed recording once, through the decrypting loopback server, and turns what is
 * seen into segments for a reviewer. What could not be analysed becomes a segment too, never "clean".
 * Repeatable: a finding that is there already is not added again, and decisions on it stay.
 */
export async function checkRecording(outside: Needs, recordingId: Id, signal: AbortSignal): Promise<void> {
  const { database, clock } = outside;
  const row = await database.read.recording.findUnique({ where: { id: recordingId }, include: { sealed: true } });
  // Erased or rejected since the job was queued: nothing to do.
  if (!row?.sealed || !checkable.includes(row.state)) return;
  await database.read.recording.update({
    where: { id: recordingId },
    data: { checkState: 'running', checkedMs: 0, checkError: null },
  });
  const probe = row.probe as unknown as MediaProbe;
  const source = await openSealed(outside, row.sealed, signal);
  try {
    const watch = watchRecording();
    const features = await outside.media.analyse(source, probe, {
      signal,
      watcher: watch.watcher,
      onProgress: noteEverySecond((checkedMs) =>
        database.read.recording.update({ where: { id: recordingId }, data: { checkedMs } }),
      ),
    });
    const searchedWork = await newestWork(database.read);
    const findings = findingsOf(probe, features, await findWorks(database.read, features, watch.end(), signal));
    await database.transact(caller, async (tx) => {
      await lockLesson(tx.db, row.lessonId);
      const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
      // Erased while the machine looked: what it saw and heard is kept nowhere.
      if (state === 'erased') return;
      const known = await tx.db.segment.findMany({
        where: { recordingId },
        select: { findingKey: true, source: true, workId: true, startMs: true, endMs: true },
      });
      const fresh = findings.filter((finding) => !known.some((segment) => isSame(segment, finding)));
      await tx.db.segment.createMany({ data: fresh.map((finding) => toSegment(recordingId, finding)) });
      await tx.db.recording.update({
        where: { id: recordingId },
        data: {
          checkState: 'done',
          checkedMs: storableMs(features.analysedDurationMs),
          analysedDurationMs: storableMs(features.analysedDurationMs),
          searchedWork,
          detectors: detectorsVersion,
        },
      });
      if (state === 'sealed') await moveRecording(tx, recordingId, 'open_review');
      else if (fresh.length > 0 && ['cleared', 'approved', 'released'].includes(state))
        await reopenReview(tx, recordingId, row.lessonId, clock());
      await tx.log({
        action: 'recording.checked',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
        details: {
          findings: findings.length,
          fresh: fresh.length,
          notAnalysed: features.notAnalysed.length,
          analysedMs: Math.round(features.analysedDurationMs),
          found: fresh.slice(0, mostFoundOnLog).map(({ source, startMs, endMs }) => ({ source, startMs, endMs })),
        },
      });
    });
  } finally {
    source.close();
  }
}

/** The last try failed: the recording stays sealed, administrators see why, and the log says so. */
export async function noteCheckFailed(
  { database }: Pick<Needs, 'database'>,
  recordingId: Id,
  why: string,
): Promise<void> {
  await database.transact(caller, async (tx) => {
    const { count } = await tx.db.recording.updateMany({
      where: { id: recordingId },
      data: { checkState: 'failed', checkError: why },
    });
    if (count === 1)
      await tx.log({
        action: 'recording.check_failed',
        outcome: 'failed',
        object: { kind: 'recording', id: recordingId, recordingId },
      });
  });
}

type Reads = Outside['database']['read'];

/** The newest work, as far as this search reaches: one that is registered while it runs has the next search. */
export async function newestWork(read: Reads): Promise<number> {
  const { _max } = await read.work.aggregate({ _max: { number: true } });
  return _max.number ?? 0;
}

/** A newer detector may see the edges of the same thing elsewhere: half of the shorter one in common is the same. */
function isSame(
  known: { findingKey: string; source: string; workId: string | null; startMs: number; endMs: number },
  { key, source, workId, startMs, endMs }: Finding,
): boolean {
  if (known.findingKey === key) return true;
  if (workId === undefined || known.source !== source || known.workId !== workId) return false;
  const overlapMs = Math.min(known.endMs, endMs) - Math.max(known.startMs, startMs);
  return overlapMs > Math.min(known.endMs - known.startMs, endMs - startMs) / 2;
}

function toSegment(recordingId: Id, finding: Finding): Prisma.SegmentCreateManyInput {
  return {
    recordingId,
    findingKey: finding.key,
    source: finding.source,
    startMs: storableMs(Math.floor(finding.startMs)),
    endMs: storableMs(Math.ceil(finding.endMs)),
    title: finding.title === undefined ? null : storableText(finding.title),
    rightsHolder: finding.rightsHolder === undefined ? null : storableText(finding.rightsHolder),
    workId: finding.workId ?? null,
    confidence: finding.confidence,
    evidence: storableJson(finding.evidence) as Prisma.InputJsonValue,
  };
}

/** Queues the check again: after a failure, or because works were registered since. @throws Refusal `NOT_FOUND`, `WRONG_STATE`. */
export async function requestCheck({ database }: Pick<Needs, 'database'>, by: Caller, recordingId: Id): Promise<void> {
  await database.transact(by, async (tx) => {
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (!checkable.includes(row.state)) throw new Refusal('WRONG_STATE');
    await tx.db.recording.update({ where: { id: recordingId }, data: { checkState: 'waiting', checkError: null } });
    await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    await tx.log({
      action: 'recording.check_requested',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.lessonId },
    });
  });
}
