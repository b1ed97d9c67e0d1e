import type { RemovalWay } from '../../domain/attendance/remove-person.ts';
import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import { personOfKey } from './removal-parts.ts';

/** Somebody who goes from a recording, and how far that is. */
export interface RemovalView {
  readonly personId: Id;
  /** Null: they were erased. */
  readonly name: string | null;
  readonly how: RemovalWay;
  readonly why: string;
  /** Of the search for their tiles; null: nothing of theirs is covered. */
  readonly tiles: 'waiting' | 'running' | 'done' | 'failed' | null;
  /** Parts of the recording that have to go because of them. */
  readonly parts: number;
  /** Parts that nobody has decided. */
  readonly open: number;
  /** Names of those who decided their parts. With no part open, the recording is without them as far as these confirmed. */
  readonly confirmedBy: string[];
}

type Db = Pick<Transaction['db'], 'attendeeRemoval' | 'finding' | 'person' | 'user'>;

/** Everybody who goes from a recording, by name. */
export async function listRemovals(db: Db, recordingId: Id): Promise<RemovalView[]> {
  const removals = await db.attendeeRemoval.findMany({ where: { recordingId } });
  if (removals.length === 0) return [];
  const findings = await db.finding.findMany({
    where: { recordingId, source: 'attendance' },
    select: {
      key: true,
      segment: { select: { isOpen: true, decisions: { orderBy: { id: 'desc' }, take: 1 } } },
    },
  });
  const persons = await db.person.findMany({
    where: { id: { in: removals.map(({ personId }) => personId) } },
    select: { id: true, name: true },
  });
  const deciders = findings.flatMap(({ segment }) => segment.decisions.map(({ decidedById }) => decidedById));
  const staff = await db.user.findMany({ where: { id: { in: deciders } }, select: { id: true, name: true } });
  return removals
    .map(({ personId, how, why, tilesState }): RemovalView => {
      const own = findings.filter(({ key }) => personOfKey(key) === personId);
      const decidedBy = own.flatMap(({ segment }) => (segment.isOpen ? [] : segment.decisions));
      return {
        ...{ personId, how, why, tiles: tilesState },
        name: persons.find(({ id }) => id === personId)?.name ?? null,
        parts: own.length,
        open: own.filter(({ segment }) => segment.isOpen).length,
        confirmedBy: staff
          .filter(({ id }) => decidedBy.some(({ decidedById }) => decidedById === id))
          .map(({ name }) => name)
          .toSorted(),
      };
    })
    .toSorted((a, b) => (a.name ?? '').localeCompare(b.name ?? '', 'tr'));
}
