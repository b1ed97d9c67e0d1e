import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** What an authority sees of a school: never people or media. */
export interface SchoolFigures {
  readonly id: Id;
  readonly name: string;
  readonly openedAt: Date;
  readonly closedAt: Date | null;
  readonly takenOutAt: Date | null;
  readonly isFirst: boolean;
  readonly staff: number;
  readonly recordings: number;
  readonly bytes: number;
  readonly lastUploadAt: Date | null;
}

type Counted = 'staff' | 'recordings' | 'bytes';
type Row = Omit<SchoolFigures, Counted> & { readonly [Count in Counted]: bigint };

/** Every school, in the order in which they were opened. */
export async function readFigures(db: Transaction['db'] | Database['read']): Promise<SchoolFigures[]> {
  const rows = await db.$queryRaw<Row[]>`SELECT * FROM school_figures()`;
  return rows.map((row) => ({
    ...row,
    staff: Number(row.staff),
    recordings: Number(row.recordings),
    bytes: Number(row.bytes),
  }));
}
