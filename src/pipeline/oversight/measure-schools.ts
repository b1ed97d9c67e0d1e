import type { Id } from '../../domain/ids.ts';
import type { RecordingState } from '../../domain/lifecycle.ts';
import type { Outside } from '../ports/outside.ts';

/** Figures of one school, never names or people. Null: never, or there is nothing to be that old. */
export interface FiguresOfSchool {
  readonly school: Id;
  readonly recordings: readonly { readonly state: RecordingState; readonly count: number }[];
  /** Of its sealed objects. */
  readonly bytes: number;
  /** When the oldest entry of its log was written that no signed head covers. */
  readonly unsignedSince: Date | null;
  /** Sealed objects that are damaged or missing. */
  readonly faults: number;
  /** When the sealed object that the scrub has not read for longest was read, or sealed. */
  readonly unreadSince: Date | null;
  /** Read by the scrub, in all. */
  readonly scrubbedBytes: number;
  readonly backupAt: Date | null;
  readonly drillAt: Date | null;
}

interface Row {
  readonly school: Id;
  readonly states: readonly RecordingState[];
  readonly counts: readonly bigint[];
  readonly bytes: bigint;
  readonly unsignedSince: string | null;
  readonly faults: bigint;
  readonly unreadSince: Date | null;
  readonly scrubbedBytes: bigint;
  readonly backupAt: string | null;
  readonly drillAt: string | null;
}

/** Of every school of the installation, by one query whose cost is that of their rows, not of their number. */
export async function measureSchools({ database }: Pick<Outside, 'database'>): Promise<FiguresOfSchool[]> {
  const rows = await database.read.$queryRaw<Row[]>`SELECT * FROM school_metrics()`;
  return rows.map(({ states, counts, ...row }) => ({
    school: row.school,
    recordings: states.map((state, index) => ({ state, count: Number(counts[index]) })),
    bytes: Number(row.bytes),
    unsignedSince: dateOf(row.unsignedSince),
    faults: Number(row.faults),
    unreadSince: row.unreadSince,
    scrubbedBytes: Number(row.scrubbedBytes),
    backupAt: dateOf(row.backupAt),
    drillAt: dateOf(row.drillAt),
  }));
}

/** Null too for what is no date: whoever has the password of a role may write any text onto the log. */
function dateOf(text: string | null): Date | null {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? null : date;
}
