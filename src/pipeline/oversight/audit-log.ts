import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { type ChainedEntry, findChainFaults } from '../../audit/chain.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import { auditActions } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Caller, Outside } from '../ports.ts';

type Needs = Pick<Outside, 'database'>;

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

/** A page of the log, newest first. That it was read is an entry too. Policy P4. */
export async function readAudit(
  { database }: Needs,
  caller: Caller,
  filter: AuditFilter,
  page: { cursor?: string | undefined; limit: number; language: 'tr' | 'en' },
) {
  const before = page.cursor === undefined ? null : parseCursor(page.cursor);
  const rows = await database.read.auditEntry.findMany({
    where: { ...whereOf(filter), ...(before === null ? {} : { seq: { lt: before } }) },
    orderBy: { seq: 'desc' },
    take: page.limit + 1,
  });
  const entries = rows.slice(0, page.limit);
  const addresses = new Map(
    (await database.read.auditAddress.findMany({ where: { seq: { in: entries.map((row) => row.seq) } } })).map(
      (row) => [row.seq, row.address],
    ),
  );
  const head = await database.read.auditEntry.findFirst({ orderBy: { seq: 'desc' } });
  await noteReading({ database }, caller, 'audit.read', filter);
  return {
    entries: entries.map((row) => {
      const entry = JSON.parse(row.canonical) as AuditEntry;
      return {
        seq: Number(row.seq),
        entry,
        sentence: auditActions[entry.action]?.[page.language] ?? entry.action,
        leafHash: hex(row.leafHash),
        chainHash: hex(row.chainHash),
        address: addresses.get(row.seq) ?? null,
      };
    }),
    next: rows.length > page.limit ? `s${entries.at(-1)!.seq}` : null,
    head: { seq: Number(head?.seq ?? 0), chainHash: head ? hex(head.chainHash) : '00'.repeat(32) },
  };
}

/** Every matching entry, oldest first, in constant memory. Ends where the log ended when the export began. */
export async function* exportAudit(
  { database }: Needs,
  caller: Caller,
  filter: AuditFilter,
): AsyncGenerator<ChainedEntry> {
  const head = await database.read.auditEntry.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } });
  await noteReading({ database }, caller, 'audit.exported', filter);
  yield* walk(database, whereOf(filter), head?.seq ?? 0n);
}

/** Recomputes every hash. Reading the whole log is on the log as well. */
export async function checkAudit({ database }: Needs, caller: Caller) {
  const head = await database.read.auditEntry.findFirst({ orderBy: { seq: 'desc' }, select: { seq: true } });
  await noteReading({ database }, caller, 'audit.read', {});
  const faults: { seq: number; fault: string }[] = [];
  const check = findChainFaults(walk(database, {}, head?.seq ?? 0n));
  let step = await check.next();
  for (; !step.done; step = await check.next()) if (faults.length < 100) faults.push(step.value);
  return {
    intact: faults.length === 0,
    entries: step.value.seq,
    chainHash: step.value.chainHash.toString('hex'),
    faults,
  };
}

async function* walk(
  database: Outside['database'],
  where: Prisma.AuditEntryWhereInput,
  last: bigint,
): AsyncGenerator<ChainedEntry> {
  for (let after = 0n; ; ) {
    const rows = await database.read.auditEntry.findMany({
      where: { AND: [where, { seq: { gt: after, lte: last } }] },
      orderBy: { seq: 'asc' },
      take: 500,
    });
    for (const row of rows)
      yield {
        seq: Number(row.seq),
        canonical: row.canonical,
        leafHash: hex(row.leafHash),
        chainHash: hex(row.chainHash),
      };
    if (rows.length < 500) return;
    after = rows.at(-1)!.seq;
  }
}

async function noteReading(
  { database }: Needs,
  caller: Caller,
  action: 'audit.read' | 'audit.exported',
  filter: AuditFilter,
): Promise<void> {
  const asked = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
  await database.transact(caller, (tx) => tx.log({ action, outcome: 'done', details: { filter: asked } }));
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

function parseCursor(cursor: string): bigint {
  const digits = /^s(\d{1,18})$/.exec(cursor)?.[1];
  if (digits === undefined) throw new Refusal('INVALID_REQUEST');
  return BigInt(digits);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
