import { randomBytes } from 'node:crypto';
import { personKeyBytes, pseudonymOf } from '../../audit/pseudonym.ts';
import type { Person } from '../../domain/audit-event.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Prisma } from './generated/client.ts';

/** The pseudonyms of people on the log, within one transaction. */
export interface NamesInTransaction {
  /** Gives a key to each person who has none. */
  find(db: Prisma.TransactionClient, persons: readonly Person[]): Promise<(person: Person) => string>;
  /** Other transactions may now see the keys that were made. */
  committed(): void;
}

/**
 * Long enough that a viewing does not look it up for each of its ranges; short enough that an erased key is soon used
 * nowhere.
 */
const keptMs = 60_000;
const mostKept = 10_000;

export function createPersonNames(clock: () => Date): { begin(): NamesInTransaction } {
  const kept = new Map<string, { readonly pseudonym: string; readonly until: number }>();
  return {
    begin() {
      const own = new Map<string, string>();
      return {
        async find(db, persons) {
          const now = clock().getTime();
          for (const person of persons) {
            const key = keyOf(person);
            if (own.has(key)) continue;
            const known = kept.get(key);
            own.set(key, known && known.until > now ? known.pseudonym : await findOrCreate(db, person));
          }
          return (person) => mustHave(own.get(keyOf(person)), 'pseudonym of a person who was asked for');
        },
        committed() {
          const until = clock().getTime() + keptMs;
          for (const [key, pseudonym] of own) {
            const known = kept.get(key);
            if (known?.pseudonym === pseudonym && known.until > clock().getTime()) continue;
            if (kept.size >= mostKept) kept.clear();
            kept.set(key, { pseudonym, until });
          }
        },
      };
    },
  };
}

async function findOrCreate(db: Prisma.TransactionClient, { person: kind, id }: Person): Promise<string> {
  const find = () => db.personKey.findFirst({ where: { kind, id }, select: { pseudonym: true } });
  const there = await find();
  if (there) return there.pseudonym;
  const key = randomBytes(personKeyBytes);
  const pseudonym = pseudonymOf(key, kind, id);
  // Another process may make one at the same moment: that one counts then.
  const { count } = await db.personKey.createMany({
    data: [{ kind, id, key: new Uint8Array(key), pseudonym }],
    skipDuplicates: true,
  });
  return count === 1 ? pseudonym : mustHave(await find(), 'key that another transaction made').pseudonym;
}

function keyOf({ person, id }: Person): string {
  return `${person}:${id}`;
}
