import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { findPerson } from '../core/find-person.ts';
import { AuditQuery } from '../oversight/audit-query.ts';
import { integrateLog } from '../oversight/integrate-log.ts';
import { pseudonymsOf } from '../oversight/resolve-persons.ts';
import type { Outside } from '../ports/outside.ts';
import { namesOnLog } from './names-on-log.ts';

/** Entries of the log in the file: the newest of them. */
const mostEntries = 1_000;

/** What the log says of them under their pseudonyms, without anybody else's. @throws Refusal `NOT_FOUND`. */
export async function exportLog(outside: Pick<Outside, 'database' | 'logSigner'>, personId: Id) {
  const { read } = outside.database;
  if (!(await findPerson(read, personId))) throw new Refusal('NOT_FOUND');
  const persons = [...(await pseudonymsOf(read, await namesOnLog(read, personId))).values()];
  const { size, note } = await integrateLog(outside);
  const query = await AuditQuery.of(read, {}, { persons, lessons: [], recordings: [], objects: [] });
  const newest = await query.page(read, size, mostEntries);
  const isTheirs = new Set(persons);
  return {
    pseudonyms: persons,
    total: await query.count(read, size),
    checkpoint: note,
    entries: newest.map(({ seq, canonical }) => {
      const { at, action, outcome, actor } = JSON.parse(canonical) as LoggedEntry;
      return {
        seq,
        at,
        action,
        outcome,
        isByThem: isTheirs.has(actor.id ?? ''),
      };
    }),
  };
}

interface LoggedEntry {
  readonly at: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly id?: string };
}
