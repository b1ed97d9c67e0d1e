import type { Id } from '../../domain/ids.ts';
import { dropReports } from '../attendance/drop-reports.ts';
import { folderOf } from '../core/sealed-object.ts';
import { storableJson } from '../core/storable.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { type ErasedObject, readErasedObjects } from './begin-erasure.ts';
import { issueCertificate } from './issue-certificate.ts';
import { putTombstone } from './put-tombstone.ts';
import { findStoredCertificate, storeCertificate } from './store-certificate.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'erasure' } };
const dayMs = 24 * 60 * 60_000;

/** Everything of a recording lies below these. */
function foldersOf(recordingId: Id): string[] {
  return [folderOf('recordings', recordingId), `uploads/${recordingId}/`];
}

/**
 * Removes from the store what is left of an erased recording, envelopes first, in every version, makes sure that it is
 * gone, and certifies it. The certificate states what the store still holds. That is retried when its lock is over;
 * then a second certificate replaces the first. Repeatable from every point: what is gone stays noted with the time it
 * went.
 */
export async function finishErasure(outside: Needs, recordingId: Id, signal: AbortSignal): Promise<void> {
  const { database, objects, clock } = outside;
  const row = await database.read.erasure.findUnique({ where: { recordingId }, include: { recording: true } });
  if (!row || row.state === 'done') return;
  await putTombstone(outside, row);
  // Whatever is being written there belongs to nobody any more.
  for (const folder of foldersOf(recordingId))
    await objects.abortUnfinished(folder, new Date(clock().getTime() + dayMs));

  const known = new Map(readErasedObjects(row.objects).map((object) => [object.key, object]));
  for (const object of await listFolders(outside, recordingId))
    if (!known.has(object.key)) known.set(object.key, object);
  for (const object of envelopesFirst([...known.values()])) {
    signal.throwIfAborted();
    const purged = await objects.purge(object.key);
    const isHeld = purged.held > 0;
    known.set(object.key, {
      ...object,
      goneAt: isHeld ? null : (object.goneAt ?? clock().toISOString()),
      held: isHeld,
      heldUntil: purged.heldUntil?.toISOString() ?? null,
    });
    await database.read.erasure.update({
      where: { recordingId },
      data: { objects: [...known.values()].map(storableJson) },
    });
  }
  const left = (await listFolders(outside, recordingId)).filter(({ key }) => !known.get(key)?.held);
  if (left.length > 0) throw new Error(`${left.length} objects of the recording are still in the store`);

  const held = [...known.values()].filter((object) => object.held);
  const retryAt = held.length === 0 ? null : nextTry(held, clock());
  if (row.state === 'held' && retryAt !== null) {
    await database.read.erasure.update({ where: { recordingId }, data: { retryAt } });
    return;
  }
  const isReplay = row.byId === 'tombstone';
  const certificate =
    (isReplay ? await findStoredCertificate(outside, recordingId) : null) ??
    (await issueCertificate(outside, { ...row, lessonId: row.recording.lessonId, previous: row.certificate }, [
      ...known.values(),
    ]));
  await storeCertificate(outside, recordingId, certificate);
  await database.transact(caller, async (tx) => {
    const { count } = await tx.db.erasure.updateMany({
      where: { recordingId, state: row.state },
      data: {
        state: retryAt === null ? 'done' : 'held',
        retryAt,
        finishedAt: clock(),
        certificate: certificate.text,
        signature: certificate.signature,
      },
    });
    if (count === 0) return;
    await tx.log({
      action: 'recording.erasure_finished',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId: row.recording.lessonId },
      details: { objects: known.size, heldByStore: held.length, heldUntil: retryAt?.toISOString() ?? null },
    });
  });
  await dropReports(outside, caller, row.recording.lessonId);
}

async function listFolders({ objects }: Needs, recordingId: Id): Promise<ErasedObject[]> {
  const found = new Map<string, ErasedObject>();
  for (const folder of foldersOf(recordingId))
    for await (const { key, bytes } of objects.listVersions(folder)) {
      const part = key.endsWith('/envelope') ? 'envelope' : key.endsWith('/body') ? 'body' : 'unknown';
      found.set(key, { key, kind: 'other', part, bytes, sha256: null, goneAt: null, held: false, heldUntil: null });
    }
  return [...found.values()];
}

const envelopesFirst = (objects: readonly ErasedObject[]) =>
  objects.toSorted((a, b) => Number(b.part === 'envelope') - Number(a.part === 'envelope') || (a.key < b.key ? -1 : 1));

/** When the first lock ends; tomorrow if that is unknown. */
function nextTry(held: readonly ErasedObject[], now: Date): Date {
  const ends = held.map(({ heldUntil }) => (heldUntil === null ? now.getTime() + dayMs : Date.parse(heldUntil)));
  return new Date(Math.max(Math.min(...ends), now.getTime() + 1_000));
}
