import { isPseudonym } from '../../audit/pseudonym.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Database } from '../ports/database.ts';
import { pseudonymsOf } from './resolve-persons.ts';

export interface AuditFilter {
  from?: string | undefined;
  until?: string | undefined;
  /** Id or pseudonym of who acted. */
  actor?: string | undefined;
  /** Id or pseudonym of the actor or of a person named. */
  person?: string | undefined;
  action?: string | undefined;
  outcome?: string | undefined;
  object?: string | undefined;
  recording?: string | undefined;
  lesson?: string | undefined;
  /** Words in the payload, as in a search engine: `word`, `"a phrase"`, `-not`, `or`. */
  text?: string | undefined;
}

/** Everything that touches one of these: what a recording or a person went through. */
export interface AuditScope {
  readonly persons: readonly string[];
  readonly lessons: readonly Id[];
  readonly recordings: readonly Id[];
  /** Objects of other kinds: the permissions of a course. */
  readonly objects: readonly Id[];
}

export interface FoundEntry {
  readonly seq: number;
  readonly at: string;
  readonly canonical: string;
  readonly leafHash: Buffer;
  readonly address: string | null;
}

const isPerson = (name: string) => name === 'actor' || name === 'person' || name === 'object';

/**
 * The log gets what was asked, but nothing that may be a name: of words only that there were some, of persons and
 * objects only pseudonyms and identifiers.
 */
function onLog(name: string, value: string): string {
  const isIdentifier = isPseudonym(value) || /^(?=.*\d)[\da-f-]+$/i.test(value);
  return name === 'text' || (isPerson(name) && !isIdentifier) ? '*' : value;
}

/** A filter as conditions in SQL; every value is a parameter. */
export class AuditQuery {
  readonly #conditions: string[] = [];
  readonly #values: unknown[] = [];
  #isMention = false;
  #asked: Readonly<Record<string, string>> = {};
  /** A span of time is read along its own index: along the numbers, all that came after it would be passed over first. */
  readonly byTime: boolean;

  private constructor(byTime: boolean) {
    this.byTime = byTime;
  }

  /** Looks up the pseudonyms of the people that the filter names by id. */
  static async of(read: Database['read'], filter: AuditFilter, scope?: AuditScope): Promise<AuditQuery> {
    const query = new AuditQuery(filter.from !== undefined || filter.until !== undefined);
    const named = [filter.actor, filter.person, filter.object].filter((id) => id !== undefined && !isPseudonym(id));
    const pseudonyms = await pseudonymsOf(read, named as string[]);
    const nameOf = (id: string) => pseudonyms.get(id) ?? id;
    query.#asked = Object.fromEntries(
      Object.entries(filter)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => [name, onLog(name, isPerson(name) ? nameOf(value) : value)]),
    );
    // Times in entries are UTC with milliseconds, so that they sort as text.
    const utc = (text: string) => new Date(text).toISOString();
    if (filter.from) query.#add('e.at >= $', utc(filter.from));
    if (filter.until) query.#add('e.at < $', utc(filter.until));
    if (filter.actor) query.#add('e.actor_id = $', nameOf(filter.actor));
    if (filter.person) {
      query.#isMention = true;
      query.#add('m.person = $', nameOf(filter.person));
    }
    if (filter.action) query.#add('e.action = $', filter.action);
    if (filter.outcome) query.#add('e.outcome = $', filter.outcome);
    if (filter.object) query.#add('e.object_id = $', nameOf(filter.object));
    if (filter.recording) query.#add('e.recording_id = $', filter.recording);
    if (filter.lesson) query.#add('e.lesson_id = $', filter.lesson);
    if (filter.text) query.#add(`e.words @@ websearch_to_tsquery('simple', $)`, filter.text);
    if (scope)
      query.#add(
        '(e.seq IN (SELECT seq FROM audit_mention WHERE person = ANY ($)) OR e.lesson_id = ANY ($) OR e.recording_id = ANY ($) OR e.object_id = ANY ($))',
        scope.persons,
        scope.lessons,
        scope.recordings,
        scope.objects,
      );
    return query;
  }

  /** The filter as it may stand on the log and in an export. */
  get asked(): Readonly<Record<string, string>> {
    return this.#asked;
  }

  /** Whether it finds the whole log. */
  get isEverything(): boolean {
    return this.#conditions.length === 0;
  }

  /** Newest first, after `cursor`. @throws Refusal `INVALID_REQUEST`: that is no cursor of this query. */
  page(read: Database['read'], last: number, limit: number, cursor?: string): Promise<FoundEntry[]> {
    const query = this.#copy();
    query.#add(`${query.#seq} <= $`, last);
    if (cursor !== undefined) query.#continueAt(cursor);
    return query.#run(read, this.byTime ? `e.at DESC, ${query.#seq} DESC` : `${query.#seq} DESC`, limit);
  }

  /** Oldest first, in constant memory, up to entry `last`. */
  async *walk(read: Database['read'], last: number): AsyncGenerator<FoundEntry> {
    const batch = 500;
    for (let after = 0; ; ) {
      const query = this.#copy();
      query.#add(`${query.#seq} > $`, after);
      query.#add(`${query.#seq} <= $`, last);
      const rows = await query.#run(read, query.#seq, batch);
      yield* rows;
      const end = rows.at(-1);
      if (!end || rows.length < batch) return;
      after = end.seq;
    }
  }

  /** How many entries up to `last` match. */
  async count(read: Database['read'], last: number): Promise<number> {
    const query = this.#copy();
    query.#add(`${query.#seq} <= $`, last);
    const [row] = await read.$queryRawUnsafe<{ count: bigint }[]>(
      `SELECT count(*) AS count FROM ${query.#from} WHERE ${query.#where}`,
      ...query.#values,
    );
    return Number(mustHave(row, 'row of a count').count);
  }

  /** Where a page ended: entries never change, so that what comes after it is the same whatever has been added since. */
  cursorAt({ at, seq }: FoundEntry): string {
    return this.byTime ? `t${at}s${seq}` : `s${seq}`;
  }

  #continueAt(cursor: string): void {
    const [, at, digits] = /^(?:t(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z))?s(\d{1,15})$/.exec(cursor) ?? [];
    if (digits === undefined || (at !== undefined) !== this.byTime) throw new Refusal('INVALID_REQUEST');
    if (at === undefined) this.#add(`${this.#seq} < $`, Number(digits));
    else this.#add(`(e.at, ${this.#seq}) < ($, $)`, at, Number(digits));
  }

  /** The column that the rows come ordered by. */
  get #seq(): string {
    return this.#isMention ? 'm.seq' : 'e.seq';
  }

  get #from(): string {
    return this.#isMention ? 'audit_mention m JOIN audit_entry e USING (seq)' : 'audit_entry e';
  }

  get #where(): string {
    return this.#conditions.length === 0 ? 'true' : this.#conditions.join(' AND ');
  }

  #add(condition: string, ...values: unknown[]): void {
    const given = values[Symbol.iterator]();
    this.#conditions.push(
      condition.replaceAll('$', () => {
        const value = given.next().value;
        this.#values.push(value);
        const type = typeof value === 'number' ? '::bigint' : '';
        return `$${this.#values.length}${type}`;
      }),
    );
  }

  #copy(): AuditQuery {
    const copy = new AuditQuery(this.byTime);
    copy.#conditions.push(...this.#conditions);
    copy.#values.push(...this.#values);
    copy.#isMention = this.#isMention;
    copy.#asked = this.#asked;
    return copy;
  }

  async #run(read: Database['read'], order: string, limit: number): Promise<FoundEntry[]> {
    // Texts and addresses are fetched of those that are shown only.
    const rows = await read.$queryRawUnsafe<
      { seq: bigint; at: string; canonical: string; leaf_hash: Uint8Array; address: string | null }[]
    >(
      `SELECT e.seq, e.at, e.leaf_hash, a.canonical, x.address
         FROM (SELECT e.seq, e.at, e.leaf_hash, e.arrival FROM ${this.#from}
                WHERE ${this.#where} ORDER BY ${order} LIMIT ${limit}) e
         JOIN audit_arrival a ON a.arrival = e.arrival
         LEFT JOIN audit_address x ON x.arrival = e.arrival
        ORDER BY ${order.replaceAll('m.seq', 'e.seq')}`,
      ...this.#values,
    );
    return rows.map(({ seq, at, canonical, leaf_hash, address }) => ({
      seq: Number(seq),
      at,
      canonical,
      leafHash: Buffer.from(leaf_hash.buffer, leaf_hash.byteOffset, leaf_hash.length),
      address,
    }));
  }
}
