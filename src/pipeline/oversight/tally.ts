import type { CountableEvent } from '../../domain/audit-event.ts';
import { networkOf } from '../../domain/network.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { Tally } from '../ports/tally.ts';

const minuteMs = 60_000;

/** Entries that are open at a time, each of one minute: so many reach the log in a minute, and no more are in memory. */
const limits = {
  /** Of events about nothing that is known: junk links, unknown accounts. */
  strangers: 50,
  /** Of events about an account, and of signed-in people. */
  known: 200,
  /** Refusals of one person in a minute that are written singly. */
  singles: 10,
} as const;

interface Entry {
  caller: Caller;
  event: CountableEvent;
  count: number;
  readonly from: Date;
  until: Date;
  readonly isOverflow: boolean;
}

/**
 * Events that may happen any number of times are counted and written by the minute. A crash loses the counts of the
 * last minute (docs/audit-log.md).
 */
export class MinuteTally implements Tally {
  readonly #outside: Pick<Outside, 'database' | 'clock'>;
  readonly #onFault: (error: unknown) => void;
  #entries = new Map<string, Entry>();
  readonly #singles = new Map<string, { since: number; count: number }>();
  readonly #timer: NodeJS.Timeout;
  #writing: Promise<void> = Promise.resolve();

  constructor(outside: Pick<Outside, 'database' | 'clock'>, onFault: (error: unknown) => void) {
    this.#outside = outside;
    this.#onFault = onFault;
    this.#timer = setInterval(() => {
      this.#forgetSingles();
      this.#write((entry) => this.#now() - entry.from.getTime() >= minuteMs).catch(this.#onFault);
    }, 5_000);
    this.#timer.unref();
  }

  count(caller: Caller, event: CountableEvent): void {
    const { actor } = caller;
    const address = caller.address === undefined ? undefined : networkOf(caller.address);
    const who = 'id' in actor ? `${actor.kind}:${actor.id}` : (event.object?.id ?? '');
    const code = 'id' in actor && event.details && 'code' in event.details ? event.details.code : '';
    this.#add([event.action, who, code, address].join(' '), { ...caller, address }, event, who !== '');
  }

  isSingle(caller: Caller, event: CountableEvent): boolean {
    const { actor } = caller;
    const who = 'id' in actor ? `${actor.kind}:${actor.id}` : actor.kind;
    const now = this.#now();
    const before = this.#singles.get(who);
    const singles = before && now - before.since < minuteMs ? before : { since: now, count: 0 };
    this.#singles.set(who, singles);
    singles.count += 1;
    if (singles.count <= limits.singles) return true;
    this.count(caller, event);
    return false;
  }

  flush(): Promise<void> {
    return this.#write(() => true);
  }

  /** Writes what is left, for the end of the process. @throws what the database says. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  #now(): number {
    return this.#outside.clock().getTime();
  }

  #add(key: string, caller: Caller, event: CountableEvent, isKnown: boolean): void {
    const at = this.#outside.clock();
    const present = this.#entries.get(key);
    if (present) {
      present.count += 1;
      present.until = at;
      present.event = merge(present.event, event);
      return;
    }
    const most = limits[isKnown ? 'known' : 'strangers'];
    const prefix = isKnown ? 'known ' : 'strangers ';
    const open = [...this.#entries.values()].filter((entry) => !entry.isOverflow && isKnownEntry(entry) === isKnown);
    const isOverflow = key.startsWith(`more ${prefix}`);
    if (isOverflow || open.length < most) {
      this.#entries.set(key, { caller, event, count: 1, from: at, until: at, isOverflow });
      return;
    }
    // No address and no object: an entry that stands for everybody whom there was no room for.
    const { object: _, ...rest } = event;
    this.#add(`more ${prefix}${event.action}`, { actor: { kind: 'nobody' } }, rest as CountableEvent, isKnown);
  }

  /** One writing at a time; an entry that cannot be written goes on counting. */
  #write(isDue: (entry: Entry) => boolean): Promise<void> {
    const next = this.#writing
      .catch(() => undefined)
      .then(async () => {
        for (const [key, entry] of [...this.#entries]) {
          if (!isDue(entry)) continue;
          const { caller, event, count, from, until, isOverflow } = entry;
          this.#entries.delete(key);
          const times = {
            count,
            from: from.toISOString(),
            until: until.toISOString(),
            ...(isOverflow ? { more: true } : {}),
          };
          try {
            await this.#outside.database.transact(caller, (tx) =>
              tx.log({ ...event, details: { ...event.details, times } } as CountableEvent),
            );
          } catch (error) {
            this.#putBack(key, entry);
            throw error;
          }
        }
      });
    this.#writing = next;
    return next;
  }

  #putBack(key: string, entry: Entry): void {
    const since = this.#entries.get(key);
    this.#entries.set(
      key,
      since
        ? { ...entry, count: entry.count + since.count, until: since.until, event: merge(entry.event, since.event) }
        : entry,
    );
  }

  #forgetSingles(): void {
    for (const [who, { since }] of this.#singles) if (this.#now() - since >= minuteMs) this.#singles.delete(who);
  }
}

function isKnownEntry({ caller, event }: Entry): boolean {
  return 'id' in caller.actor || event.object !== undefined;
}

/** What two events of one entry have in common. */
function merge(first: CountableEvent, second: CountableEvent): CountableEvent {
  const { object, ...event } = first;
  const details = mergeDetails(
    (first.details ?? {}) as Record<string, unknown>,
    (second.details ?? {}) as Record<string, unknown>,
  );
  const isSameObject = object !== undefined && JSON.stringify(object) === JSON.stringify(second.object);
  return { ...event, ...(isSameObject ? { object } : {}), details } as CountableEvent;
}

function mergeDetails(first: Record<string, unknown>, second: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(first).map(([name, value]) => {
      const other = second[name];
      if (JSON.stringify(value) === JSON.stringify(other)) return [name, value];
      if (typeof value === 'boolean') return [name, value || other === true];
      return [name, Array.isArray(value) ? [] : 'various'];
    }),
  );
}
