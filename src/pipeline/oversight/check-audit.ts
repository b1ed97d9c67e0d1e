import { formatLine } from '../../audit/export-format.ts';
import { parseVerifierKey } from '../../audit/signed-note.ts';
import { type ExportFault, verifyExport } from '../../audit/verify-export.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { AuditQuery } from './audit-query.ts';
import { exportLines } from './export-audit.ts';
import { integrateLog } from './integrate-log.ts';
import { noteReading, ownKey, shown } from './note-reading.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/** Recomputes every hash and every checkpoint, as the offline verifier does. Reading the whole log is on the log as well. */
export async function checkAudit(outside: Needs, caller: Caller) {
  const checkpoint = await integrateLog(outside);
  await noteReading(outside, caller, { action: 'audit.read', outcome: 'done', details: { filter: {} } });
  const keys = [parseVerifierKey(ownKey(outside))];
  const faults: ExportFault[] = [];
  const query = await AuditQuery.of(outside.database.read, {});
  async function* lines() {
    for await (const line of exportLines(outside, checkpoint, query)) yield [formatLine(line)];
  }
  const check = verifyExport(lines(), { keys, checkpoints: [] });
  let step = await check.next();
  for (; !step.done; step = await check.next()) if (faults.length < 100) faults.push(step.value);
  return { intact: faults.length === 0, entries: step.value.entries, checkpoint: shown(checkpoint), faults };
}
