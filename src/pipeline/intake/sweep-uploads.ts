import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { keptUnknownDays } from '../../domain/backup.ts';
import { isUnavailable, Refusal } from '../../domain/errors.ts';
import { isId } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { dropArriving } from '../captions/drop-captions.ts';
import { emptyFolder, folderOf, isRecorded } from '../core/sealed-object.ts';
import { LogForked, sizeOfMirror } from '../oversight/publish-log.ts';
import type { Caller } from '../ports/caller.ts';
import type { StoredObject } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { closeUpload } from './close-upload.ts';
import { dropUpload } from './drop-upload.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'clock' | 'settings' | 'logSigner'>;

/**
 * Removes uploads whose process died (no renewal of the lease) and objects that no row knows. Repeatable and safe beside
 * running uploads: a live one renews its lease, and objects younger than `orphanAgeMs` are left alone.
 * Returns how many uploads and orphans went.
 */
export async function sweepUploads(
  outside: Needs,
  options: { orphanAgeMs?: number } = {},
): Promise<{ uploads: number; orphans: number }> {
  const { database, clock, settings } = outside;
  const caller: Caller = { actor: { kind: 'system', id: 'sweep' } };
  const overdue: Prisma.RecordingWhereInput = {
    state: 'receiving',
    OR: [{ leaseUntil: null }, { leaseUntil: { lt: clock() } }],
  };
  // No lease can be renewed while the database is away: after it has come back, each has its whole time once more.
  const [since] = await database.read.$queryRaw<{ up: Date }[]>`SELECT pg_postmaster_start_time() AS up`;
  const { up } = mustHave(since, 'time at which the database came up');
  const isTooEarly = clock().getTime() < up.getTime() + settings.receivingLeaseMs;
  const abandoned = isTooEarly
    ? []
    : await database.read.recording.findMany({ where: overdue, select: { id: true, lessonId: true } });
  let uploads = await sweepResumable(outside, caller);
  for (const { id, lessonId } of abandoned) {
    // A resumable upload has an end of its own, and may have moved it on this very moment.
    if (await database.read.upload.findUnique({ where: { id }, select: { id: true } })) continue;
    // Ending the lease takes the upload over: its process, should it still live, can no longer seal it.
    const { count } = await database.read.recording.updateMany({
      where: { id, ...overdue },
      data: { leaseUntil: null },
    });
    if (count === 0) continue;
    uploads++;
    await emptyFolder(outside, folderOf('recordings', id), clock());
    // The row goes last: a crash before this line leaves it for the next sweep.
    await database.transact(caller, async (tx) => {
      if (!(await dropArriving(tx, id))) return;
      await tx.log({
        action: 'recording.upload_abandoned',
        outcome: 'done',
        object: { kind: 'recording', id, recordingId: id, lessonId },
      });
    });
  }
  return { uploads, orphans: await removeOrphans(outside, options.orphanAgeMs ?? 60 * 60_000) };
}

/**
 * Resumable uploads: removes those that were not resumed in time, key first. Closes those that have arrived whole but
 * were not closed, because the process or the client ended in between. Returns how many were removed.
 */
async function sweepResumable(
  outside: Pick<Outside, 'database' | 'clock' | 'settings'>,
  caller: Caller,
): Promise<number> {
  const { database, clock, settings } = outside;
  let dropped = 0;
  const overdue = { expiresAt: { lt: clock() } };
  for (const { id } of await database.read.upload.findMany({ where: overdue, select: { id: true } })) {
    await database.transact(caller, async (tx) => {
      // Another byte may have arrived meanwhile.
      const { count } = await tx.db.upload.updateMany({ where: { id, ...overdue }, data: { fence: { increment: 1 } } });
      if (count === 1 && (await dropUpload(tx, id, 'recording.upload_abandoned'))) dropped++;
    });
  }
  const quietSince = new Date(clock().getTime() + settings.uploadKeepMs - settings.receivingLeaseMs);
  const whole = await database.read.upload.findMany({
    where: { state: 'receiving', offset: { equals: database.read.upload.fields.bytes }, expiresAt: { lt: quietSince } },
    select: { id: true },
  });
  for (const { id } of whole)
    await closeUpload(outside, caller, id).catch((error) => {
      // Refused by the gate, on the log as that; or ended by somebody else meanwhile.
      if (!(error instanceof Refusal) || isUnavailable(error)) throw error;
    });
  // A sealing whose process was killed again and again has used up its tries without a word.
  const sealing = await database.read.upload.findMany({ where: { state: 'sealing' }, select: { id: true } });
  for (const { id } of sealing) {
    const key = `seal:${id}`;
    const live = await database.read.$queryRaw<unknown[]>`
      SELECT 1 FROM graphile_worker.jobs WHERE key = current_school() || ' ' || ${key}
        AND (attempts < max_attempts OR locked_at IS NOT NULL)`;
    if (live.length === 0)
      await database.transact(caller, (tx) => tx.enqueue('seal-upload', { uploadId: id }, { key }));
  }
  return dropped;
}

/**
 * Objects and unfinished writes that no row of the database accounts for: what a crash between two steps leaves. None, where
 * the database may be the one that lacks something: where the log in the store is not one that this database signed, as when
 * the database was lost and made again; and for a while where it was restored from a backup.
 */
async function removeOrphans(outside: Needs, ageMs: number): Promise<number> {
  const { database, objects, clock } = outside;
  if (!(await isOwnStore(outside))) return 0;
  const before = new Date(clock().getTime() - ageMs);
  const since = await restoredAt(outside);
  const isAfterBackup = ({ modifiedAt }: StoredObject) => since !== null && modifiedAt <= since;
  // A rendition or an upload of a live process may write for hours; a signed document does not.
  let orphans = await objects.abortUnfinished('documents/', before);
  orphans += await objects.abortUnfinished('recordings/', new Date(before.getTime() - 48 * 60 * 60_000));
  for await (const object of objects.list('uploads/')) {
    const [, uploadId, id] = object.key.split('/') as [string, string, string];
    if (object.modifiedAt >= before) continue;
    const isOurs = isId(uploadId) && isId(id);
    if (isOurs && (await database.read.uploadPart.findUnique({ where: { id } }))) continue;
    await objects.purge(object.key);
    orphans++;
  }
  for (const prefix of ['recordings/', 'documents/']) {
    for await (const object of objects.list(prefix)) {
      if (object.modifiedAt >= before || isAfterBackup(object)) continue;
      if (await isRecorded({ database }, object.key)) continue;
      // In every version: an envelope that was written beside an erasure must not stay as an old version.
      await objects.purge(object.key);
      orphans++;
    }
  }
  return orphans;
}

async function isOwnStore(outside: Needs): Promise<boolean> {
  try {
    await sizeOfMirror(outside);
    return true;
  } catch (error) {
    if (error instanceof LogForked) return false;
    throw error;
  }
}

/** When this database was restored from a backup, if that is not long ago. */
async function restoredAt({ database, clock }: Needs): Promise<Date | null> {
  const since = new Date(clock().getTime() - keptUnknownDays * 24 * 60 * 60_000);
  const restored = await database.read.restore.findFirst({
    where: { finishedAt: { gt: since } },
    orderBy: { finishedAt: 'desc' },
  });
  return restored?.finishedAt ?? null;
}
