import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Audience } from '../../domain/permission.ts';
import { assertForRecording, lockLesson } from '../core/gate-record.ts';
import { lessonOf, moveRecording } from '../core/move-recording.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertFuture } from './find-release.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Opens an approved recording to an audience until a date. The gate is asked for this very audience. Policy P1, P9.
 * @throws Refusal `RENDITION_NOT_READY`, `PERMISSION_MISSING`, `WRONG_STATE`, `INVALID_REQUEST`, `NOT_FOUND`.
 */
export async function releaseRecording(
  { database, clock }: Needs,
  caller: Caller,
  recordingId: Id,
  input: { audience: Audience; endsAt: Date },
) {
  assertFuture(input.endsAt, clock(), 'endsAt');
  return database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const lessonId = await lessonOf(tx.db, recordingId);
    await lockLesson(tx.db, lessonId);
    const question = { kind: 'release', audience: input.audience } as const;
    await assertForRecording(tx.db, { recordingId, lessonId }, clock(), question);
    await moveRecording(tx, recordingId, 'release');
    const rendition = await tx.db.rendition.findFirst({ where: { recordingId, supersededAt: null, state: 'ready' } });
    if (!rendition)
      throw new Refusal('RENDITION_NOT_READY', {
        reasons: [{ code: 'RENDITION_NOT_READY' }],
      });
    const row = await tx.db.release.create({
      data: { recordingId, renditionId: rendition.id, ...input, releasedById: staffIdOf(caller), releasedAt: clock() },
    });
    await tx.log({
      action: 'recording.released',
      outcome: 'done',
      object: { kind: 'release', id: row.id, recordingId, lessonId },
      details: { audience: input.audience, endsAt: input.endsAt.toISOString(), rendition: rendition.id },
    });
    return row;
  });
}
