import type { Id } from '../../domain/ids.ts';
import { type ExportSide, isNameTheirs } from '../../domain/person-export.ts';
import type { Transaction } from '../ports/database.ts';

/** Whom somebody stands for and who for them; whose names are theirs to know. */
export async function findTies(db: Transaction['db'], personId: Id, now: Date) {
  const rows = await db.guardianship.findMany({
    where: { OR: [{ pupilId: personId }, { guardianId: personId }] },
    orderBy: { from: 'asc' },
    include: {
      pupil: { select: { id: true, name: true, adultFrom: true } },
      guardian: { select: { id: true, name: true } },
    },
  });
  const known = new Map<Id, string>();
  const guardianships = rows.map(({ id, pupil, guardian, relation, authority, from, until, importId, file, line }) => {
    const as = pupil.id === personId ? ('pupil' as const) : ('guardian' as const);
    const other = as === 'pupil' ? guardian : pupil;
    const isTheirs = isNameTheirs({ authority, until }, pupil.adultFrom, as, now);
    if (isTheirs) known.set(other.id, other.name);
    return { id, as, other: isTheirs ? other.name : null, relation, authority, from, until, importId, file, line };
  });
  /** What a row about a subject and a signer makes of them, and the name of the other; null: it is not theirs to know. */
  const sidesOf = (subjectId: Id | null, signerId: Id | null) => {
    const as = sideOf(personId, subjectId, signerId);
    const other = as === 'self' ? null : as === 'subject' ? signerId : subjectId;
    return { as, other: known.get(other ?? '') ?? null };
  };
  return { guardianships, sidesOf };
}
export type Ties = Awaited<ReturnType<typeof findTies>>;

/** Whom a row about a subject and a signer makes of somebody. */
export function sideOf(personId: Id, subjectId: Id | null, signerId: Id | null): ExportSide {
  if (subjectId === personId) return signerId === personId ? 'self' : 'subject';
  return 'signer';
}
