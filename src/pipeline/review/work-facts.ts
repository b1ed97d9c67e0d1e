import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { pageMs } from '../../detection/picture-match.ts';
import { storableJson } from '../core/storable.ts';
import { readIdentifiers } from '../core/stored-json.ts';

export const withoutPrints = { chromaprint: true, sound: true, pictures: true, keypoints: true } as const;

/** The description of a work. Identifiers as they are written on it: ISRC, ISWC, EIDR, ISBN. */
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

type Columns = ReturnType<typeof columnsOf>;

export function sameFacts(before: { [Name in keyof Columns]: unknown }, { identifiers, ...data }: Columns): boolean {
  const sorted = (names: unknown) => JSON.stringify(Object.entries(names as object).toSorted());
  const same = (Object.keys(data) as (keyof typeof data)[]).every(
    (name) => String(before[name]) === String(data[name]),
  );
  return same && sorted(before.identifiers) === sorted(identifiers);
}

export function columnsOf({ title, rightsHolder, licence, terms, validFrom, validUntil, ...identifiers }: WorkFacts) {
  const known = Object.entries(identifiers).filter(([, value]) => value !== undefined);
  return {
    title,
    rightsHolder,
    licence: licence ?? null,
    terms: terms ?? null,
    identifiers: storableJson(Object.fromEntries(known)),
    validFrom: validFrom === undefined ? null : new Date(validFrom),
    validUntil: validUntil === undefined ? null : new Date(validUntil),
  };
}

const dateOnly = (date: Date | null): string | null => date?.toISOString().slice(0, 10) ?? null;

export function toView(row: Prisma.WorkGetPayload<{ omit: typeof withoutPrints }>) {
  const isPaged = row.kind === 'pages';
  return {
    ...row,
    kind: row.kind,
    durationMs: isPaged ? 0 : row.durationMs,
    pages: isPaged ? row.durationMs / pageMs : null,
    identifiers: readIdentifiers(row.identifiers),
    validFrom: dateOnly(row.validFrom),
    validUntil: dateOnly(row.validUntil),
  };
}
