import { mergeStretches, type Stretch } from '../../domain/coverage.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { storableJson } from '../core/storable.ts';
import { readStretches } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { staffMayPlay } from '../release/staff-may-play.ts';
import { type Coverage, lengthOfRecording, toCoverage } from './view-coverage.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Adds to what a reviewer has played of the original. It is what the page of the reviewer says: a memory for the review,
 * while the log holds what the server sent. So it is no event of its own; clearing puts the share on the log.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`, `SAME_PERSON`.
 */
export async function noteCoverage(
  { database, clock }: Needs,
  caller: Caller,
  recordingId: Id,
  stretches: readonly Stretch[],
): Promise<Coverage> {
  const reviewerId = staffIdOf(caller);
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, await lessonOf(tx.db, recordingId));
    const refusal = await staffMayPlay({ database: { read: tx.db } }, recordingId);
    if (refusal !== null) throw refusal;
    const row = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    if (row.uploaderId === reviewerId)
      throw new Refusal('SAME_PERSON', { reasons: [{ code: 'REVIEWER_IS_UPLOADER' }] });
    const lengthMs = lengthOfRecording(row);
    // Some files say no length: the check finds it out.
    if (lengthMs === 0) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'CHECK_NOT_DONE' }] });
    const where = { recordingId_reviewerId: { recordingId, reviewerId } };
    const known = await tx.db.coverage.findUnique({ where });
    const merged = mergeStretches([...(known ? readStretches(known.played) : []), ...stretches], lengthMs);
    const kept = { played: merged.map(storableJson), updatedAt: clock() };
    await tx.db.coverage.upsert({ where, create: { recordingId, reviewerId, ...kept }, update: kept });
    const { name } = await tx.db.user.findFirstOrThrow({ where: { id: reviewerId }, select: { name: true } });
    return toCoverage({ reviewerId, played: kept.played }, name, lengthMs);
  });
}
