import { randomUUID } from 'node:crypto';
import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { pageMs } from '../../detection/picture-match.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, MediaSource, Outside } from '../ports.ts';
import { emptyFolder, folderOf, limitBytes, openSealed, sealIntoStore } from '../sealed-object.ts';
import { isPdf, printPages } from './print-pages.ts';
import { keysOf, printWork, type WorkPrints } from './print-work.ts';
import { indexWork } from './work-index.ts';
import { chromaprintToBytes, picturesToBytes, soundToBytes } from './work-prints.ts';

export type WorkNeeds = Pick<Outside, 'database' | 'objects' | 'media' | 'pages' | 'keyring' | 'clock' | 'settings'>;

const withoutPrints = { chromaprint: true, sound: true, pictures: true } as const;

export async function listWorks({ database }: Pick<WorkNeeds, 'database'>) {
  const rows = await database.read.work.findMany({ orderBy: { createdAt: 'desc' }, omit: withoutPrints });
  return rows.map(toView);
}

/** What is said of a work. Identifiers as they are written on it: ISRC, ISWC, EIDR, ISBN. */
export interface WorkFacts {
  readonly title: string;
  readonly rightsHolder: string;
  readonly licence?: string | undefined;
  readonly terms?: string | undefined;
  readonly isrc?: string | undefined;
  readonly iswc?: string | undefined;
  readonly eidr?: string | undefined;
  readonly isbn?: string | undefined;
  /** Dates, `2026-11-26`. */
  readonly validFrom?: string | undefined;
  readonly validUntil?: string | undefined;
}

/**
 * Registers a third-party work from a file: sound, film, picture or PDF. The file passes through the vault like everything
 * else and is then destroyed: only prints of it stay. The same file again is the same work (`known`): what is said of it is
 * brought up to date.
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
    if (await outside.database.read.work.findUnique({ where: { sha256 }, select: { id: true } }))
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

/** Nothing is written, and nothing is on the log, when the same is said again. */
async function describeAgain({ database }: WorkNeeds, caller: Caller, sha256: string, facts: WorkFacts) {
  return database.transact(caller, async (tx) => {
    const data = columnsOf(facts);
    const before = await tx.db.work.findUniqueOrThrow({ where: { sha256 }, omit: withoutPrints });
    if (sameFacts(before, data)) return { ...toView(before), known: true };
    const row = await tx.db.work.update({ where: { sha256 }, data, omit: withoutPrints });
    await tx.log({
      action: 'work.described',
      outcome: 'done',
      object: { kind: 'work', id: row.id },
      details: { sha256 },
    });
    return { ...toView(row), known: true };
  });
}

type Columns = ReturnType<typeof columnsOf>;

function sameFacts(before: { [Name in keyof Columns]: unknown }, { identifiers, ...data }: Columns): boolean {
  const sorted = (names: unknown) => JSON.stringify(Object.entries(names as object).toSorted());
  const same = (Object.keys(data) as (keyof typeof data)[]).every(
    (name) => String(before[name]) === String(data[name]),
  );
  return same && sorted(before.identifiers) === sorted(identifiers);
}

function columnsOf({ title, rightsHolder, licence, terms, validFrom, validUntil, ...identifiers }: WorkFacts) {
  const known = Object.entries(identifiers).filter(([, value]) => value !== undefined);
  return {
    title,
    rightsHolder,
    licence: licence ?? null,
    terms: terms ?? null,
    identifiers: Object.fromEntries(known) as Prisma.InputJsonObject,
    validFrom: validFrom === undefined ? null : new Date(validFrom),
    validUntil: validUntil === undefined ? null : new Date(validUntil),
  };
}

const dateOnly = (date: Date | null): string | null => date?.toISOString().slice(0, 10) ?? null;

function toView(row: Prisma.WorkGetPayload<{ omit: typeof withoutPrints }>) {
  const isPaged = row.kind === 'pages';
  return {
    ...row,
    kind: row.kind as WorkPrints['kind'],
    durationMs: isPaged ? 0 : row.durationMs,
    pages: isPaged ? row.durationMs / pageMs : null,
    identifiers: row.identifiers as Record<string, string>,
    validFrom: dateOnly(row.validFrom),
    validUntil: dateOnly(row.validUntil),
  };
}
