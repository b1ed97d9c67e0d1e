import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside } from '../ports.ts';
import { emptyFolder, folderOf, limitBytes, openSealed, sealIntoStore } from '../sealed-object.ts';
import { toBytes } from './check-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock' | 'settings'>;

export async function listWorks({ database }: Pick<Needs, 'database'>) {
  return database.read.work.findMany({ orderBy: { createdAt: 'desc' }, omit: { fingerprint: true } });
}

/**
 * Registers a third-party work from a file. The file passes through the vault like everything else and is then destroyed:
 * only its fingerprint stays. The same file again is the same work.
 * @throws Refusal `ALREADY_EXISTS`, `NOT_MEDIA`, `TOO_LARGE`.
 */
export async function registerWork(
  outside: Needs,
  caller: Caller,
  work: { title: string; rightsHolder: string; licence?: string | undefined },
  file: { bytes: AsyncIterable<Uint8Array>; signal: AbortSignal },
) {
  const folder = folderOf('documents', randomUUID());
  try {
    const sealed = await sealIntoStore(outside, folder, limitBytes(file.bytes, outside.settings.maxRecordingBytes), {
      signal: file.signal,
    });
    if (await outside.database.read.work.findUnique({ where: { sha256: sealed.mediaSha256 } }))
      throw new Refusal('ALREADY_EXISTS');
    const source = await openSealed(outside, sealed, file.signal);
    const { fingerprint, durationMs } = await outside.media
      .fingerprint(source, { signal: file.signal })
      .finally(() => source.close());
    return await outside.database.transact(caller, async (tx) => {
      const row = await tx.db.work.create({
        data: {
          title: work.title,
          rightsHolder: work.rightsHolder,
          licence: work.licence ?? null,
          sha256: sealed.mediaSha256,
          durationMs: Math.round(durationMs),
          fingerprint: toBytes(fingerprint),
          registeredById: staffIdOf(caller),
        },
      });
      await tx.log({
        action: 'work.registered',
        outcome: 'done',
        object: { kind: 'work', id: row.id },
        details: { sha256: sealed.mediaSha256, durationMs: Math.round(durationMs) },
      });
      return row;
    });
  } finally {
    await emptyFolder(outside, folder, new Date(outside.clock().getTime() + 1_000));
  }
}
