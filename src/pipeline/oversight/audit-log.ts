import type { AuditEntry } from '../../audit/entry.ts';
import { type ExportLine, formatLine, toBase64, toEntryLine } from '../../audit/export-format.ts';
import { describeFault } from '../../audit/fault-words.ts';
import { pseudonymsIn } from '../../audit/pseudonym.ts';
import { encodeVerifierKey, parseVerifierKey } from '../../audit/signed-note.ts';
import { verifyExport } from '../../audit/verify-export.ts';
import { type AuditEvent, auditActions } from '../../domain/audit-event.ts';
import type { Caller, Outside } from '../ports.ts';
import { type AuditFilter, AuditQuery } from './audit-query.ts';
import { checkpointsBetween, integrateLog, type SignedCheckpoint } from './integrate-log.ts';
import { resolvePersons } from './persons.ts';
import { TreeReader } from './tree-reader.ts';

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
  page: { cursor?: string | undefined; limit: number; language: 'tr' | 'en' },
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
  page: { cursor?: string | undefined; limit: number; language: 'tr' | 'en' },
) {
  const rows = await query.page(database.read, checkpoint.size, page.limit + 1, page.cursor);
  const entries = rows.slice(0, page.limit);
  return {
    entries: entries.map(({ seq, canonical, leafHash, address }) => {
      const entry = JSON.parse(canonical) as AuditEntry;
      return {
        seq,
        entry,
        sentence: auditActions[entry.action]?.[page.language] ?? entry.action,
        leafHash: toBase64(leafHash),
        address,
      };
    }),
    persons: await resolvePersons(database.read, [
      ...new Set(entries.flatMap(({ canonical }) => pseudonymsIn(canonical))),
    ]),
    next: rows.length > page.limit ? query.cursorAt(entries.at(-1)!) : null,
    checkpoint: shown(checkpoint),
  };
}

/**
 * Every matching entry, oldest first, in constant memory, up to the checkpoint that begins it, and how many there are. Without a
 * filter an export is complete and says so; with one each entry carries its inclusion proof. It is on the log before its first line.
 */
export async function exportAudit(
  outside: Needs,
  caller: Caller,
  filter: AuditFilter,
): Promise<{ entries: number; checkpoint: string; lines: AsyncGenerator<ExportLine> }> {
  const { read } = outside.database;
  const query = await AuditQuery.of(read, filter);
  const checkpoint = await integrateLog(outside);
  const entries = query.isEverything ? checkpoint.size : await query.count(read, checkpoint.size);
  await noteReading(outside, caller, { action: 'audit.exported', outcome: 'done', details: { filter: query.asked } });
  return { entries, checkpoint: checkpoint.note, lines: exportLines(outside, checkpoint, query) };
}

/** Recomputes every hash and every checkpoint, as the offline verifier does. Reading the whole log is on the log as well. */
export async function checkAudit(outside: Needs, caller: Caller, language: 'tr' | 'en') {
  const checkpoint = await integrateLog(outside);
  await noteReading(outside, caller, { action: 'audit.read', outcome: 'done', details: { filter: {} } });
  const keys = [parseVerifierKey(ownKey(outside))];
  const faults: { fault: string; sentence: string }[] = [];
  const query = await AuditQuery.of(outside.database.read, {});
  async function* lines() {
    for await (const line of exportLines(outside, checkpoint, query)) yield [formatLine(line)];
  }
  const check = verifyExport(lines(), { keys, checkpoints: [] });
  let step = await check.next();
  for (; !step.done; step = await check.next())
    if (faults.length < 100) faults.push({ fault: step.value.fault, sentence: describeFault(step.value, language) });
  return { intact: faults.length === 0, entries: step.value.entries, checkpoint: shown(checkpoint), faults };
}

/** The lines of an export of what `query` finds; of one that asks for nothing it is complete. */
export async function* exportLines(
  { database, logSigner }: Needs,
  checkpoint: SignedCheckpoint,
  query: AuditQuery,
): AsyncGenerator<ExportLine> {
  const { isEverything: isComplete } = query;
  yield {
    format: 'emanet-log',
    v: 1,
    entries: isComplete ? 'all' : 'some',
    filter: query.asked,
    checkpoint: checkpoint.note,
    key: ownKey({ logSigner }),
  };
  const tree = new TreeReader(database.read, checkpoint.size);
  const notes = isComplete ? checkpointsBetween(database, 0, checkpoint.size - 1) : null;
  let note = await notes?.next();
  let count = 0;
  for await (const { seq, canonical, leafHash } of query.walk(database.read, checkpoint.size)) {
    yield toEntryLine(seq, canonical, leafHash, isComplete ? undefined : await tree.inclusion(seq));
    count += 1;
    for (; note?.done === false && note.value.size <= seq; note = await notes!.next())
      yield { checkpoint: note.value.note };
  }
  yield { end: count };
}

/** The key that verifies this log's checkpoints. */
export function ownKey({ logSigner }: Pick<Outside, 'logSigner'>): string {
  return encodeVerifierKey(logSigner.name, logSigner.privateKey);
}

export function shown({ origin, size, root, note }: SignedCheckpoint) {
  return { origin, size, root: toBase64(root), note };
}

export async function noteReading(
  { database }: Pick<Needs, 'database'>,
  caller: Caller,
  event: AuditEvent,
): Promise<void> {
  await database.transact(caller, (tx) => tx.log(event));
}
