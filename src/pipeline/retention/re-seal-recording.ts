import type { Id } from '../../domain/ids.ts';
import { lend } from '../../domain/memory.ts';
import { lockLesson } from '../core/gate-record.ts';
import { noteBytesEverySecond } from '../core/note-progress.ts';
import {
  folderOf,
  openSealed,
  purgeSealed,
  readBack,
  recordSealed,
  type SealedRow,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

const system: Caller = { actor: { kind: 'system', id: 're-seal' } };

interface Target {
  readonly of: {
    readonly kind: 'recording' | 'rendition' | 'captions';
    /** As the log names it. */
    readonly id: Id;
  };
  readonly old: SealedRow & { readonly id: Id; readonly mediaSha256: string };
}

/**
 * Reads each sealed object of the recording, seals it into the store again, reads the new one back, and exchanges the two in
 * one transaction; then the old envelope and body are destroyed. A crash leaves the old one or the new one in force, never
 * neither. Repeatable: what was exchanged is not made again.
 */
export async function reSealRecording(outside: Needs, recordingId: Id, signal: AbortSignal): Promise<void> {
  const { database, clock } = outside;
  await removeReplaced(outside, recordingId);
  const asked = await database.read.reSeal.findUnique({ where: { recordingId }, include: { recording: true } });
  if (!asked || asked.state === 'done') return;
  const targets = (await listTargets(outside, recordingId)).filter(({ old }) => !asked.resealed.includes(old.id));
  const lessonId = asked.recording.lessonId;
  // Every byte is read twice: once to seal it, once to see that it was sealed.
  const totalBytes = targets.reduce((sum, { old }) => sum + 2 * Number(old.mediaBytes), 0);
  await database.read.reSeal.updateMany({
    where: { recordingId },
    data: { state: 'running', error: null, doneBytes: 0, totalBytes },
  });
  const counted = noteBytesEverySecond((doneBytes) =>
    database.read.reSeal.updateMany({ where: { recordingId }, data: { doneBytes } }),
  );
  for (const target of targets) {
    const fresh = await sealAnew(outside, recordingId, target, counted, signal);
    await exchange(outside, { recordingId, lessonId }, target, fresh);
    await removeReplaced(outside, recordingId);
  }
  await database.read.reSeal.updateMany({
    where: { recordingId, state: 'running' },
    data: { state: 'done', finishedAt: clock(), doneBytes: totalBytes },
  });
}

async function listTargets({ database }: Needs, recordingId: Id): Promise<Target[]> {
  const row = await database.read.recording.findUnique({
    where: { id: recordingId },
    include: {
      sealed: true,
      renditions: { include: { sealed: true } },
      captions: { include: { versions: { include: { sealed: true, file: true } } } },
    },
  });
  if (!row?.sealed) return [];
  return [
    { of: { kind: 'recording', id: row.id }, old: row.sealed },
    ...row.renditions.flatMap(({ id, sealed }): Target[] =>
      sealed ? [{ of: { kind: 'rendition', id }, old: sealed }] : [],
    ),
    ...row.captions.flatMap(({ id, versions }) =>
      versions
        .flatMap(({ sealed, file }) => (file ? [sealed, file] : [sealed]))
        .map((old): Target => ({ of: { kind: 'captions', id }, old })),
    ),
  ];
}

async function sealAnew(
  outside: Needs,
  recordingId: Id,
  { old }: Target,
  counted: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<StoredSealed> {
  const source = await openSealed(outside, old, signal);
  let fresh: StoredSealed;
  try {
    fresh = await sealIntoStore(
      outside,
      folderOf('recordings', recordingId),
      lend(counted(source.read(0, source.bytes, signal))),
      {
        mediaLength: source.bytes,
        signal,
      },
    );
  } finally {
    source.close();
  }
  if (fresh.mediaSha256 !== old.mediaSha256) {
    await purgeSealed(outside, fresh.bodyKey);
    throw new Error('what was read of the old object is not the media that was sealed');
  }
  await readBack(outside, fresh, counted, signal);
  return fresh;
}

/** Compare and swap: only if the object that was read is still the one in force. Then the old envelope is gone from here. */
async function exchange(
  outside: Needs,
  { recordingId, lessonId }: { recordingId: Id; lessonId: Id },
  { of, old }: Target,
  fresh: StoredSealed,
): Promise<void> {
  const isInForce = await outside.database.transact(system, async (tx) => {
    await lockLesson(tx.db, lessonId);
    const place = placeOf(tx.db, of, old.id);
    if ((await place.count()) === 0) {
      // An earlier try may have committed without our hearing of it.
      return (await tx.db.sealedObject.count({ where: { id: fresh.id } })) > 0;
    }
    const binding = await recordSealed(tx, fresh);
    await place.put(fresh.id);
    await tx.db.sealedObject.delete({ where: { id: old.id } });
    await tx.db.reSeal.update({
      where: { recordingId },
      data: { resealed: { push: fresh.id }, replaced: { push: old.bodyKey } },
    });
    await tx.log({
      action: 'recording.resealed',
      outcome: 'done',
      object: { kind: of.kind, id: of.id, recordingId, lessonId },
      details: { ...binding, replaces: old.id },
    });
    return true;
  });
  if (!isInForce) await purgeSealed(outside, fresh.bodyKey);
}

/** The row that names a sealed object. */
function placeOf(db: Transaction['db'], { kind, id }: Target['of'], sealedId: Id) {
  const where = { id, sealedId };
  if (kind === 'recording')
    return {
      count: () => db.recording.count({ where }),
      put: (fresh: Id) => db.recording.updateMany({ where, data: { sealedId: fresh } }),
    };
  if (kind === 'rendition')
    return {
      count: () => db.rendition.count({ where }),
      put: (fresh: Id) => db.rendition.updateMany({ where, data: { sealedId: fresh } }),
    };
  // The text of a version, or the file that it came in.
  return {
    count: () => db.captionsVersion.count({ where: { captionsId: id, OR: [{ sealedId }, { fileId: sealedId }] } }),
    async put(fresh: Id) {
      await db.captionsVersion.updateMany({ where: { captionsId: id, sealedId }, data: { sealedId: fresh } });
      await db.captionsVersion.updateMany({ where: { captionsId: id, fileId: sealedId }, data: { fileId: fresh } });
    },
  };
}

/** Destroys what was replaced, envelopes first; what the store holds on to stays on the list. */
async function removeReplaced(outside: Needs, recordingId: Id): Promise<void> {
  const row = await outside.database.read.reSeal.findUnique({ where: { recordingId } });
  for (const bodyKey of row?.replaced ?? []) {
    if (!(await purgeSealed(outside, bodyKey))) continue;
    await outside.database.read.$executeRaw`
      UPDATE re_seal SET replaced = array_remove(replaced, ${bodyKey}) WHERE "recordingId" = ${recordingId}::uuid`;
  }
}
