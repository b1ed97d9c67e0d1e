import { list, number, object, text } from '../../domain/json.ts';
import { one, openSmall, readSmall, sealSmall } from '../core/sealed-message.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring'>;

/** Beside the mirror of the tree, which has hashes only. */
export const entriesPrefix = 'log/entries/';
const mostInOne = 1_000;
const mostBytes = 128 * 2 ** 20;
const readBundle = object({ after: number, entries: list(text) });

/**
 * Keeps the texts of entries `(after, last]` in the store, sealed for the vault and the recovery keys: a database that is
 * restored from before them goes on from where this log ended (`backup/catch-up-log.ts`). Repeatable.
 */
export async function keepEntries({ database, objects, keyring }: Needs, after: number, last: number): Promise<void> {
  for (let from = after; from < last; from += mostInOne) {
    const to = Math.min(from + mostInOne, last);
    const rows = await database.read.$queryRaw<{ canonical: string }[]>`
      SELECT a.canonical FROM audit_entry e JOIN audit_arrival a USING (arrival)
       WHERE e.seq > ${from} AND e.seq <= ${to} ORDER BY e.seq`;
    const bundle = JSON.stringify({ after: from, entries: rows.map(({ canonical }) => canonical) });
    const sealed = await sealSmall(Buffer.from(bundle, 'utf8'), keyring.recipients);
    await objects.put(`${entriesPrefix}${String(to).padStart(16, '0')}`, one(sealed));
  }
}

/**
 * The texts of entries from number `after` + 1 on, as far as the store has them without a gap. What they say counts only when
 * their hashes give a root that the log signed.
 */
export async function* readKeptEntries(
  { objects, keyring }: Pick<Needs, 'objects' | 'keyring'>,
  after: number,
): AsyncGenerator<string> {
  const keys: string[] = [];
  for await (const { key } of objects.list(entriesPrefix))
    if (Number(key.slice(entriesPrefix.length)) > after) keys.push(key);
  let next = after;
  for (const key of keys.toSorted()) {
    const octets = await openSmall(await readSmall(objects, key, mostBytes), keyring.openingKeys);
    const { after: from, entries } = readBundle(JSON.parse(octets.toString('utf8')));
    if (from > next) return;
    for (const entry of entries.slice(next - from)) {
      next += 1;
      yield entry;
    }
  }
}
