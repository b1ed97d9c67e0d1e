import type { AuditEntry } from '../../audit/entry.ts';
import { toBase64 } from '../../audit/export-format.ts';
import { pseudonymsIn } from '../../audit/pseudonym.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { type AuditFilter, AuditQuery } from './audit-query.ts';
import { integrateLog, type SignedCheckpoint } from './integrate-log.ts';
import { noteReading, shown } from './note-reading.ts';
import { resolvePersons } from './resolve-persons.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/**
 * A page of the log, newest first (by time within a span of time, else by number), with the checkpoint that it was read at:
 * everything that had happened before is in. `persons` says whose the pseudonyms on it are. That it was read is an entry
 * too. Policy P4.
 */
export async function readAudit(
  outside: Needs,
  caller: Caller,
  filter: AuditFilter,
  page: { cursor?: string | undefined; limit: number },
) {
  const query = await AuditQuery.of(outside.database.read, filter);
  const checkpoint = await integrateLog(outside);
  const answer = await readPage(outside, query, checkpoint, page);
  await noteReading(outside, caller, { action: 'audit.read', outcome: 'done', details: { filter: query.asked } });
  return answer;
}

/** What a page of a query shows. */
export async function readPage(
  { database }: Pick<Needs, 'database'>,
  query: AuditQuery,
  checkpoint: SignedCheckpoint,
  page: { cursor?: string | undefined; limit: number },
) {
  const rows = await query.page(database.read, checkpoint.size, page.limit + 1, page.cursor);
  const entries = rows.slice(0, page.limit);
  const last = entries.at(-1);
  return {
    entries: entries.map(({ seq, canonical, leafHash, address }) => {
      const entry = JSON.parse(canonical) as AuditEntry;
      return {
        seq,
        entry,
        leafHash: toBase64(leafHash),
        address,
      };
    }),
    persons: await resolvePersons(database.read, [
      ...new Set(entries.flatMap(({ canonical }) => pseudonymsIn(canonical))),
    ]),
    next: last && rows.length > page.limit ? query.cursorAt(last) : null,
    checkpoint: shown(checkpoint),
  };
}
