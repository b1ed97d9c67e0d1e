import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';

/** Forgets the captions of a recording that goes; their objects in the store go with its folder. */
export async function dropCaptions({ db }: Pick<Transaction, 'db'>, recordingId: Id): Promise<void> {
  const versions = await db.captionsVersion.findMany({
    where: { captions: { recordingId } },
    select: { sealedId: true, fileId: true },
  });
  await db.captions.deleteMany({ where: { recordingId } });
  const ids = versions.flatMap(({ sealedId, fileId }) => (fileId === null ? [sealedId] : [sealedId, fileId]));
  await db.sealedObject.deleteMany({ where: { id: { in: ids } } });
}

/** Forgets a recording that is still arriving, with the captions that came before it. False: there is none. */
export async function dropArriving(tx: Pick<Transaction, 'db'>, recordingId: Id): Promise<boolean> {
  const where = { id: recordingId, state: 'receiving' } as const;
  if ((await tx.db.recording.count({ where })) === 0) return false;
  await dropCaptions(tx, recordingId);
  const { count } = await tx.db.recording.deleteMany({ where });
  return count > 0;
}
