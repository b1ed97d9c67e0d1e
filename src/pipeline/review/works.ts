import { randomUUID } from 'node:crypto';
import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { staffIdOf } from '../lesson/lessons.ts';
import type { Caller, Outside } from '../ports.ts';
import { emptyFolder, folderOf, limitBytes, openSealed, sealIntoStore } from '../sealed-object.ts';
import { keysOf, printWork } from './print-work.ts';
import { indexWork, type KeyKind } from './work-index.ts';
import { chromaprintToBytes, picturesToBytes, soundToBytes } from './work-prints.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'media' | 'keyring' | 'clock' | 'settings'>;

const withoutPrints = { chromaprint: true, sound: true, pictures: true } as const;

export async function listWorks({ database }: Pick<Needs, 'database'>) {
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
 * Registers a third-party work from a file. The file passes through the vault like everything else and is then destroyed:
 * only prints of it stay. The same file again is the same work: what is said of it is brought up to date.
 * @throws Refusal `NOT_MEDIA`, `TOO_LARGE`.
 */
export async function registerWork(
  outside: Needs,
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
    const prints = await printWork(outside.media, source, { signal: file.signal }).finally(() => source.close());
    const keys = keysOf(prints);
    return await outside.database.transact(caller, async (tx) => {
      const durationMs = Math.round(prints.durationMs);
      const row = await tx.db.work.create({
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
        omit: withoutPrints,
      });
      for (const kind of Object.keys(keys) as KeyKind[]) await indexWork(tx, row.number, kind, keys[kind]);
      await tx.log({
        action: 'work.registered',
        outcome: 'done',
        object: { kind: 'work', id: row.id },
        details: { sha256, durationMs },
      });
      return toView(row);
    });
  } finally {
    await emptyFolder(outside, folder, new Date(outside.clock().getTime() + 1_000));
  }
}

async function describeAgain({ database }: Needs, caller: Caller, sha256: string, facts: WorkFacts) {
  return database.transact(caller, async (tx) => {
    const row = await tx.db.work.update({ where: { sha256 }, data: columnsOf(facts), omit: withoutPrints });
    await tx.log({
      action: 'work.described',
      outcome: 'done',
      object: { kind: 'work', id: row.id },
      details: { sha256 },
    });
    return toView(row);
  });
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
  return {
    ...row,
    kind: row.kind as 'sound' | 'film' | 'picture',
    identifiers: row.identifiers as Record<string, string>,
    validFrom: dateOnly(row.validFrom),
    validUntil: dateOnly(row.validUntil),
  };
}
