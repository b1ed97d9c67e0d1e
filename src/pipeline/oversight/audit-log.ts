import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import { type ExportLine, formatLine, toBase64, toEntryLine } from '../../audit/export-format.ts';
import { describeFault } from '../../audit/fault-words.ts';
import { encodeVerifierKey, parseVerifierKey } from '../../audit/signed-note.ts';
import { verifyExport } from '../../audit/verify-export.ts';
import { auditActions } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Caller, Outside } from '../ports.ts';
import { checkpointsBetween, integrateLog, type SignedCheckpoint } from './integrate-log.ts';
import { TreeReader } from './tree-reader.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

export interface AuditFilter {
  from?: string | undefined;
  until?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  outcome?: string | undefined;
  object?: string | undefined;
  recording?: string | undefined;
  lesson?: string | undefined;
}

/**
 * A page of the log, newest first (by time within a span of time, else by number), with the checkpoint that it was read at: everything that had happened before is in. That
 * it was read is an entry too. Policy P4.
 */
export async function readAudit(
  outside: Needs,
  caller: Caller,
  filter: AuditFilter,
  page: { cursor?: string | undefined; limit: number; language: 'tr' | 'en' },
) {
  const { database } = outside;
  const byTime = filter.from !== undefined || filter.until !== undefined;
  const after = page.cursor === undefined ? {} : afterCursor(page.cursor, byTime);
  const checkpoint = await integrateLog(outside);
  const rows = await database.read.auditEntry.findMany({
    where: { AND: [whereOf(filter), after, { seq: { lte: checkpoint.size } }] },
    // A span of time is read along its own index: along the numbers, all that came after it would be passed over first.
    orderBy: byTime ? [{ at: 'desc' }, { seq: 'desc' }] : { seq: 'desc' },
    take: page.limit + 1,
    include: { text: { select: { canonical: true } } },
  });
  const entries = rows.slice(0, page.limit);
  const addresses = new Map(
    (
      await database.read.auditAddress.findMany({ where: { arrival: { in: entries.map(({ arrival }) => arrival) } } })
    ).map((row) => [row.arrival, row.address]),
  );
  await noteReading(outside, caller, 'audit.read', filter);
  return {
    entries: entries.map((row) => {
      const entry = JSON.parse(row.text.canonical) as AuditEntry;
      return {
        seq: Number(row.seq),
        entry,
        sentence: auditActions[entry.action]?.[page.language] ?? entry.action,
        leafHash: toBase64(row.leafHash),
        address: addresses.get(row.arrival) ?? null,
      };
    }),
    next: rows.length > page.limit ? cursorAt(entries.at(-1)!, byTime) : null,
    checkpoint: shown(checkpoint),
  };
}

/**
 * Every matching entry, oldest first, in constant memory, up to the checkpoint that begins it. Without a filter an export is
 * complete and says so; with one each entry carries its inclusion proof. It is on the log before its first line.
 */
export async function* exportAudit(outside: Needs, caller: Caller, filter: AuditFilter): AsyncGenerator<ExportLine> {
  const checkpoint = await integrateLog(outside);
  await noteReading(outside, caller, 'audit.exported', filter);
  yield* exportLines(outside, checkpoint, filter);
}

/** Recomputes every hash and every checkpoint, as the offline verifier does. Reading the whole log is on the log as well. */
export async function checkAudit(outside: Needs, caller: Caller, language: 'tr' | 'en') {
  const checkpoint = await integrateLog(outside);
  await noteReading(outside, caller, 'audit.read', {});
  const keys = [parseVerifierKey(ownKey(outside))];
  const faults: { fault: string; sentence: string }[] = [];
  async function* lines() {
    for await (const line of exportLines(outside, checkpoint, {})) yield [formatLine(line)];
  }
  const check = verifyExport(lines(), { keys, checkpoints: [] });
  let step = await check.next();
  for (; !step.done; step = await check.next())
    if (faults.length < 100) faults.push({ fault: step.value.fault, sentence: describeFault(step.value, language) });
  return { intact: faults.length === 0, entries: step.value.entries, checkpoint: shown(checkpoint), faults };
}

async function* exportLines(
  { database, logSigner }: Needs,
  checkpoint: SignedCheckpoint,
  filter: AuditFilter,
): AsyncGenerator<ExportLine> {
  const asked = present(filter);
  const isComplete = Object.keys(asked).length === 0;
  yield {
    format: 'emanet-log',
    v: 1,
    entries: isComplete ? 'all' : 'some',
    filter: asked,
    checkpoint: checkpoint.note,
    key: ownKey({ logSigner }),
  };
  const tree = new TreeReader(database.read, checkpoint.size);
  const notes = isComplete ? checkpointsBetween(database, 0, checkpoint.size - 1) : null;
  let note = await notes?.next();
  let count = 0;
  for await (const { seq, canonical, leafHash } of walk(database, whereOf(filter), checkpoint.size)) {
    yield toEntryLine(seq, canonical, leafHash, isComplete ? undefined : await tree.inclusion(seq));
    count += 1;
    for (; note?.done === false && note.value.size <= seq; note = await notes!.next())
      yield { checkpoint: note.value.note };
  }
  yield { end: count };
}

async function* walk({ read }: Outside['database'], where: Prisma.AuditEntryWhereInput, last: number) {
  for (let after = 0n; ; ) {
    const rows = await read.auditEntry.findMany({
      where: { AND: [where, { seq: { gt: after, lte: last } }] },
      orderBy: { seq: 'asc' },
      take: 500,
      select: { seq: true, leafHash: true, text: { select: { canonical: true } } },
    });
    for (const row of rows)
      yield { seq: Number(row.seq), canonical: row.text.canonical, leafHash: Buffer.from(row.leafHash) };
    if (rows.length < 500) return;
    after = rows.at(-1)!.seq;
  }
}

/** The key that verifies this log's checkpoints. */
export function ownKey({ logSigner }: Pick<Outside, 'logSigner'>): string {
  return encodeVerifierKey(logSigner.name, logSigner.privateKey);
}

function shown({ origin, size, root, note }: SignedCheckpoint) {
  return { origin, size, root: toBase64(root), note };
}

async function noteReading(
  { database }: Needs,
  caller: Caller,
  action: 'audit.read' | 'audit.exported',
  filter: AuditFilter,
): Promise<void> {
  await database.transact(caller, (tx) => tx.log({ action, outcome: 'done', details: { filter: present(filter) } }));
}

function present(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}

function whereOf(filter: AuditFilter): Prisma.AuditEntryWhereInput {
  // Times in entries are UTC with milliseconds, so that they sort as text.
  const utc = (text: string) => new Date(text).toISOString();
  return {
    ...(filter.from || filter.until
      ? {
          at: { ...(filter.from ? { gte: utc(filter.from) } : {}), ...(filter.until ? { lt: utc(filter.until) } : {}) },
        }
      : {}),
    ...(filter.actor ? { actorId: filter.actor } : {}),
    ...(filter.action ? { action: filter.action } : {}),
    ...(filter.outcome ? { outcome: filter.outcome } : {}),
    ...(filter.object ? { objectId: filter.object } : {}),
    ...(filter.recording ? { recordingId: filter.recording } : {}),
    ...(filter.lesson ? { lessonId: filter.lesson } : {}),
  };
}

/** Where a page ended: entries never change, so that what comes after it is the same whatever has been added since. */
function cursorAt({ at, seq }: { at: string; seq: bigint }, byTime: boolean): string {
  return byTime ? `t${at}s${seq}` : `s${seq}`;
}

function afterCursor(cursor: string, byTime: boolean): Prisma.AuditEntryWhereInput {
  const [, at, digits] = /^(?:t(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z))?s(\d{1,18})$/.exec(cursor) ?? [];
  if (digits === undefined || (at !== undefined) !== byTime) throw new Refusal('INVALID_REQUEST');
  const before = { seq: { lt: BigInt(digits) } };
  return at === undefined ? before : { at: { lte: at }, OR: [{ at: { lt: at } }, before] };
}
