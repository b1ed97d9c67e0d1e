import { randomUUID } from 'node:crypto';
import { emptyFolder, folderOf, limitBytes, openSealed, sealIntoStore } from '../core/sealed-object.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { isPdf, printPages } from './print-pages.ts';
import { keysOf, printWork, type WorkPrints } from './print-work.ts';
import { columnsOf, sameFacts, toView, type WorkFacts, withoutPrints } from './work-facts.ts';
import { indexWork } from './work-index.ts';
import { chromaprintToBytes, keypointsToBytes, picturesToBytes, soundToBytes } from './work-prints.ts';

export type WorkNeeds = Pick<Outside, 'database' | 'objects' | 'media' | 'pages' | 'keyring' | 'clock' | 'settings'>;

/**
 * Registers a third-party work from a file: sound, film, picture or PDF. The file passes through the vault like
 * everything else and is then destroyed: only prints of it stay. The same file again is the same work (`known`): its
 * description is updated.
 * @throws Refusal `NOT_MEDIA`, `MEDIA_NOT_ALLOWED`, `TOO_LARGE`.
 */
export async function registerWork(
  outside: WorkNeeds,
  caller: Caller,
  facts: WorkFacts,
  file: { bytes: AsyncIterable<Uint8Array>; signal: AbortSignal },
) {
  const folder = folderOf('documents', randomUUID());
  try {
    const sealed = await sealIntoStore(outside, folder, limitBytes(file.bytes, outside.settings.maxRecordingBytes), {
      signal: file.signal,
    });
    const sha256 = sealed.mediaSha256;
    if (await outside.database.read.work.findFirst({ where: { sha256 }, select: { id: true } }))
      return await describeAgain(outside, caller, sha256, facts);
    const source = await openSealed(outside, sealed, file.signal);
    const prints = await printsOf(outside, source, file.signal).finally(() => source.close());
    const keys = keysOf(prints);
    const added = await outside.database.transact(caller, async (tx) => {
      const durationMs = Math.round(prints.durationMs);
      const [row] = await tx.db.work.createManyAndReturn({
        data: {
          ...columnsOf(facts),
          kind: prints.kind,
          sha256,
          durationMs,
          chromaprint: prints.chromaprint && chromaprintToBytes(prints.chromaprint),
          sound: prints.peaks && soundToBytes(prints.peaks),
          pictures: prints.pictures && picturesToBytes(prints.pictures),
          keypoints: prints.keypoints && keypointsToBytes(prints.keypoints),
          registeredById: staffIdOf(caller),
        },
        skipDuplicates: true,
        omit: withoutPrints,
      });
      if (row === undefined) return null; // somebody else has registered it meanwhile
      await indexWork(tx, row.number, keys);
      await tx.log({
        action: 'work.registered',
        outcome: 'done',
        object: { kind: 'work', id: row.id },
        details: { sha256, durationMs },
      });
      return { ...toView(row), known: false };
    });
    return added ?? (await describeAgain(outside, caller, sha256, facts));
  } finally {
    await emptyFolder(outside, folder, new Date(outside.clock().getTime() + 1_000));
  }
}

async function printsOf({ media, pages }: WorkNeeds, source: MediaSource, signal: AbortSignal): Promise<WorkPrints> {
  return (await isPdf(source, signal)) ? printPages(pages, source, { signal }) : printWork(media, source, { signal });
}

/** Nothing is written or logged if the description is the same. */
async function describeAgain({ database }: WorkNeeds, caller: Caller, sha256: string, facts: WorkFacts) {
  return database.transact(caller, async (tx) => {
    const data = columnsOf(facts);
    const before = await tx.db.work.findFirstOrThrow({ where: { sha256 }, omit: withoutPrints });
    if (sameFacts(before, data)) return { ...toView(before), known: true };
    const row = await tx.db.work.update({ where: { id: before.id }, data, omit: withoutPrints });
    await tx.log({
      action: 'work.described',
      outcome: 'done',
      object: { kind: 'work', id: row.id },
      details: { sha256 },
    });
    return { ...toView(row), known: true };
  });
}
