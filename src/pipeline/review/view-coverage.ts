import { lengthOf, mergeStretches, missingStretches, percentOf, type Stretch } from '../../domain/coverage.ts';
import type { Id } from '../../domain/ids.ts';
import { readStretches } from '../core/stored-json.ts';
import type { Transaction } from '../ports/database.ts';

/** What one reviewer has played of the original, and what not. */
export interface Coverage {
  readonly reviewerId: Id;
  readonly reviewerName: string;
  readonly playedMs: number;
  readonly missing: Stretch[];
}

/** The longest that is known of it; 0: nothing is. */
export const lengthOfRecording = (row: {
  readonly declaredDurationMs: number | null;
  readonly analysedDurationMs: number | null;
}): number => Math.max(row.declaredDurationMs ?? 0, row.analysedDurationMs ?? 0);

/** The check may have found another length since it was written. */
export function toCoverage(
  { reviewerId, played }: { readonly reviewerId: Id; readonly played: unknown },
  reviewerName: string,
  lengthMs: number,
): Coverage {
  const merged = mergeStretches(readStretches(played), lengthMs);
  return { reviewerId, reviewerName, playedMs: lengthOf(merged), missing: missingStretches(merged, lengthMs) };
}

/** The coverage of every reviewer, by name. */
export async function getCoverage(
  db: Pick<Transaction['db'], 'coverage' | 'user'>,
  recordingId: Id,
  lengthMs: number,
): Promise<Coverage[]> {
  const rows = await db.coverage.findMany({ where: { recordingId } });
  const staff = await db.user.findMany({
    where: { id: { in: rows.map(({ reviewerId }) => reviewerId) } },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
  });
  return staff.flatMap(({ id, name }) =>
    rows.filter(({ reviewerId }) => reviewerId === id).map((row) => toCoverage(row, name, lengthMs)),
  );
}

/** What all reviewers together have played, in whole percents; null while the length is not known. */
export async function percentPlayed(
  db: Pick<Transaction['db'], 'coverage' | 'recording'>,
  recordingId: Id,
): Promise<number | null> {
  const lengthMs = lengthOfRecording(await db.recording.findUniqueOrThrow({ where: { id: recordingId } }));
  const rows = await db.coverage.findMany({ where: { recordingId } });
  const together = rows.flatMap(({ played }) => readStretches(played));
  return percentOf(lengthOf(mergeStretches(together, lengthMs)), lengthMs);
}
