import { type ExportLine, toEntryLine } from '../../audit/export-format.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { type AuditFilter, AuditQuery } from './audit-query.ts';
import { checkpointsBetween, integrateLog, type SignedCheckpoint } from './integrate-log.ts';
import { noteReading, ownKey } from './note-reading.ts';
import { TreeReader } from './tree-reader.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

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
    for (; note?.done === false && note.value.size <= seq; note = await notes?.next())
      yield { checkpoint: note.value.note };
  }
  yield { end: count };
}
