import { readFileSync } from 'node:fs';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { keysOf, printWork, type WorkPrints } from '../../src/pipeline/review/print-work.ts';
import { indexWork } from '../../src/pipeline/review/work-index.ts';
import {
  chromaprintToBytes,
  keypointsToBytes,
  picturesToBytes,
  soundToBytes,
} from '../../src/pipeline/review/work-prints.ts';
import { bufferSource } from './media.ts';

const caller = { actor: { kind: 'system', id: 'test' } } as const;

/** Puts a work into the registry as `registerWork` does, without the detour through the store. Returns its number. */
export async function addWork(
  { database, media }: Pick<Outside, 'database' | 'media'>,
  title: string,
  path: string,
): Promise<number> {
  const prints = await printWork(media, bufferSource(readFileSync(path)), { signal: AbortSignal.timeout(120_000) });
  return addPrints(database, title, prints);
}

/** The second half of `addWork`: a work whose prints are there already. */
export async function addPrints(database: Outside['database'], title: string, prints: WorkPrints): Promise<number> {
  return database.transact(caller, async (tx) => {
    const { number } = await tx.db.work.create({
      data: {
        title,
        kind: prints.kind,
        rightsHolder: 'Somebody',
        sha256: title,
        durationMs: Math.round(prints.durationMs),
        chromaprint: prints.chromaprint && chromaprintToBytes(prints.chromaprint),
        sound: prints.peaks && soundToBytes(prints.peaks),
        pictures: prints.pictures && picturesToBytes(prints.pictures),
        keypoints: prints.keypoints && keypointsToBytes(prints.keypoints),
        registeredById: 'test',
      },
      select: { number: true },
    });
    await indexWork(tx, number, keysOf(prints));
    return number;
  });
}

/** Empties the registry; findings stay, without their works. */
export async function forgetWorks({ database }: Pick<Outside, 'database'>): Promise<void> {
  await database.read.finding.updateMany({ data: { workId: null } });
  await database.read.work.deleteMany();
  await database.read.workKey.deleteMany();
}
