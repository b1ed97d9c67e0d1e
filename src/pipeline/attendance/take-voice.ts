import { randomUUID } from 'node:crypto';
import { createHeardStretches } from '../../detection/heard-stretches.ts';
import { type Interval, lengthOfAll, unite } from '../../domain/attendance/interval.ts';
import { rowsOfZoomAudio } from '../../domain/attendance/zoom-audio.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { lockLesson } from '../core/gate-record.ts';
import { lessonOf } from '../core/move-recording.ts';
import { emptyFolder, folderOf, limitBytes, openSealed, sealIntoStore } from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { storableMs } from '../core/storable.ts';
import type { Caller } from '../ports/caller.ts';
import type { Database } from '../ports/database.ts';
import type { MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { toReportedRow } from './attendance-rows.ts';
import { settleLesson } from './settle-lesson.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock' | 'settings'>;

export interface ArrivingVoice {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** As its owner calls it; null: it has no name. */
  readonly fileName: string | null;
  /** The row of a report whose attendee it is. */
  readonly rowId: Id;
  /** Where in the recording the sound begins, in milliseconds. */
  readonly atMs: number;
  readonly signal: AbortSignal;
}

/**
 * Notes when an attendee is heard in a recording, from a sound file with their voice alone, such as one of Zoom's separate audio
 * files. The sound passes through the vault and is destroyed: only the stretches stay. While the attendee was there and no file
 * has sound, they count as heard (`domain/attendance/voice.ts`). The same file again replaces what it said. Answers with how many
 * stretches there are and how long they are together, in milliseconds.
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST` `VOICE_OF_ANOTHER` where the file's name is that of other rows; `NOT_MEDIA`
 * `VOICE_NOT_HEARD`, `VOICE_DAMAGED`; `MEDIA_NOT_ALLOWED`, `TOO_LARGE`, `WRONG_STATE`.
 */
export async function takeVoice(
  outside: Needs,
  caller: Caller,
  recordingId: Id,
  { bytes, fileName, rowId, atMs, signal }: ArrivingVoice,
): Promise<{ stretches: number; heardMs: number }> {
  const { database, clock, settings } = outside;
  await assertName(database.read, { recordingId, rowId, fileName });
  const folder = folderOf('documents', randomUUID());
  try {
    const sealed = await sealIntoStore(outside, folder, limitBytes(bytes, settings.maxRecordingBytes), { signal });
    const source = await openSealed(outside, sealed, signal);
    const sound = await listen(outside.media, source, fileName, signal).finally(() => source.close());
    const place = { startMs: atMs, endMs: storableMs(atMs + sound.durationMs) };
    const heard = sound.stretches.map(({ startMs, endMs }) => ({ startMs: atMs + startMs, endMs: atMs + endMs }));
    return await database.transact(caller, async (tx) => {
      const lessonId = await lessonOf(tx.db, recordingId);
      await lockLesson(tx.db, lessonId);
      const row = await tx.db.attendanceRow.findFirst({ where: { id: rowId, report: { lessonId } } });
      if (!row) throw new Refusal('NOT_FOUND');
      const { state } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
      if (['rejected', 'expired', 'erased'].includes(state)) throw new Refusal('WRONG_STATE');
      const key = { rowId, recordingId, sha256: sealed.mediaSha256 };
      const said = { ...place, heard, takenById: staffIdOf(caller), takenAt: clock() };
      await tx.db.attendeeVoice.upsert({
        where: { rowId_recordingId_sha256: key },
        create: { ...key, ...said },
        update: said,
      });
      await tx.log({
        action: 'attendance.voice_taken',
        outcome: 'done',
        object: { kind: 'attendance_row', id: rowId, recordingId, lessonId },
        details: { line: row.line, sha256: sealed.mediaSha256, atMs, stretches: heard.length },
      });
      await settleLesson(tx, lessonId, clock());
      return { stretches: heard.length, heardMs: lengthOfAll(heard) };
    });
  } finally {
    await emptyFolder(outside, folder, new Date(clock().getTime() + 1_000));
  }
}

/**
 * A name in which the tool says whose voice it is, and that says somebody else. Other names say nothing. @throws Refusal
 * `NOT_FOUND`, `INVALID_REQUEST`.
 */
async function assertName(
  db: Database['read'],
  { recordingId, rowId, fileName }: Pick<ArrivingVoice, 'rowId' | 'fileName'> & { readonly recordingId: Id },
): Promise<void> {
  const found = await db.attendanceRow.findMany({
    where: { report: { lesson: { recordings: { some: { id: recordingId } } } } },
  });
  if (!found.some(({ id }) => id === rowId)) throw new Refusal('NOT_FOUND');
  const named = fileName === null ? [] : rowsOfZoomAudio(fileName, found.map(toReportedRow));
  if (named.length === 0 || named.some(({ key }) => key === rowId)) return;
  throw new Refusal('INVALID_REQUEST', {
    reasons: [{ code: 'VOICE_OF_ANOTHER', params: { file: fileName ?? '', name: named[0]?.name ?? '' } }],
  });
}

/** What is heard in any sound stream of the file. A file that cannot be decoded whole says nothing of when somebody was silent. */
async function listen(
  media: Outside['media'],
  source: MediaSource,
  fileName: string | null,
  signal: AbortSignal,
): Promise<{ readonly stretches: readonly Interval[]; readonly durationMs: number }> {
  const probe = await media.probe(source, { signal, ...(fileName === null ? {} : { fileName }) });
  const streams: ReturnType<typeof createHeardStretches>[] = [];
  const { notAnalysed } = await media.analyse(source, probe, {
    signal,
    watcher: {
      sound() {
        const stream = createHeardStretches();
        streams.push(stream);
        return stream.push;
      },
    },
  });
  // Too short for a fingerprint, which nobody asks for here, is not damaged.
  if (notAnalysed.some(({ why }) => why !== 'TOO_SHORT')) throw badVoice('VOICE_DAMAGED', fileName);
  const heard = streams.map((stream) => stream.end());
  const stretches = unite(heard.flatMap((one) => one.stretches));
  if (stretches.length === 0) throw badVoice('VOICE_NOT_HEARD', fileName);
  return { stretches, durationMs: Math.max(1, Math.min(...heard.map(({ durationMs }) => durationMs))) };
}

const badVoice = (code: 'VOICE_DAMAGED' | 'VOICE_NOT_HEARD', file: string | null): Refusal =>
  new Refusal('NOT_MEDIA', { reasons: [{ code, params: { file: file ?? '–' } }] });
