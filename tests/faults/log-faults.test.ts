import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { type Checkpoint, readCheckpoint } from '../../src/audit/checkpoint.ts';
import { formatLine } from '../../src/audit/export-format.ts';
import { encodeSignerKey, parseVerifierKey } from '../../src/audit/signed-note.ts';
import { verifyExport } from '../../src/audit/verify-export.ts';
import { exportAudit } from '../../src/pipeline/oversight/export-audit.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { readAudit } from '../../src/pipeline/oversight/read-audit.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { keyOf, testSigner } from '../support/log.ts';

const signer = testSigner();
const caller = { actor: { kind: 'system', id: 'test' } } as const;
let database: TestDatabase;
let open: OpenDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  open = openDatabase({ url: database.url, clock: () => new Date() });
});
afterEach(async () => {
  await open?.close();
  await database?.drop();
});
const outside = () => ({ database: open, logSigner: signer });

/** Starts a writer; `told` are the entries that it was told had committed. */
function startWriter(name: string, ...more: string[]) {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, '../support/log-writer.ts'),
      ...['--url', database.url, '--key', encodeSignerKey(signer), '--name', name, ...more],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const told: number[] = [];
  const lines = createInterface({ input: child.stdout! });
  lines.on('line', (line) => told.push(Number(line)));
  const begun = once(lines, 'line');
  return {
    told,
    begun,
    async kill9() {
      const closed = once(lines, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** What the log says of each writer, in its order; and that it is whole and continues every checkpoint that was ever seen. */
async function entriesOf(seen: readonly Checkpoint[] = []): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>();
  const lines: string[] = [];
  for await (const line of (await exportAudit(outside(), caller, {})).lines) {
    lines.push(formatLine(line));
    if (!('seq' in line)) continue;
    const { action, details } = JSON.parse(line.canonical) as {
      action: string;
      details: { task: string; attempts: number };
    };
    if (action === 'job.failed') found.set(details.task, [...(found.get(details.task) ?? []), details.attempts]);
  }
  const faults: unknown[] = [];
  for await (const fault of verifyExport([lines], { keys: [parseVerifierKey(keyOf(signer))], checkpoints: seen }))
    faults.push(fault);
  expect(faults).toEqual([]);
  return found;
}
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('kill -9 at 25 random moments: what was told as committed is on the log once, in every checkpoint since', async () => {
  const seen: Checkpoint[] = [];
  const told = new Map<string, readonly number[]>();
  for (let round = 0; round < 25; round++) {
    const name = `writer-${round}`;
    // Every fifth only writes: all that it committed waits for its place when it dies.
    const writer = startWriter(name, ...(round % 5 === 4 ? ['--no-integrating'] : []));
    await writer.begun;
    await wait(Math.random() * 400);
    await writer.kill9();
    told.set(name, writer.told);
    if (round % 2 === 0) seen.push(readCheckpoint((await integrateLog(outside())).note));
  }
  const found = await entriesOf(seen);
  let count = 0;
  for (const [name, numbers] of told) {
    const there = found.get(name) ?? [];
    expect(new Set(there).size).toBe(there.length);
    for (const n of numbers) expect(there).toContain(n);
    // At most what was under way in its three writers was committed without being told.
    expect(there.length - numbers.length).toBeLessThanOrEqual(3);
    count += there.length;
  }
  expect(count).toBeGreaterThan(100);
});

test('two servers on one database, one of them an hour behind and killed: one log, without gaps', async () => {
  const ahead = startWriter('ahead');
  const behind = startWriter('behind', '--clock-behind-ms', String(60 * 60_000));
  await Promise.all([ahead.begun, behind.begun]);
  const seen: Checkpoint[] = [];
  for (let n = 0; n < 10; n++) {
    await wait(200);
    seen.push(readCheckpoint((await integrateLog(outside())).note));
  }
  await eventually(() => behind.told.length > 10, 'the one behind to write');
  await behind.kill9();
  await eventually(() => ahead.told.length > 10, 'the one ahead to write');
  await ahead.kill9();
  const found = await entriesOf(seen);
  for (const { told, name } of [
    { ...ahead, name: 'ahead' },
    { ...behind, name: 'behind' },
  ]) {
    expect(told.length).toBeGreaterThan(10);
    for (const n of told) expect(found.get(name)).toContain(n);
  }
  const seqs = await open.read.auditEntry.findMany({ orderBy: { seq: 'asc' }, select: { seq: true, at: true } });
  expect(seqs.map(({ seq }) => Number(seq))).toEqual(seqs.map((_, at) => at + 1));
  // Times go back and forth; numbers do not, and a span of time finds what belongs into it.
  expect(seqs.some(({ at }, n) => n > 0 && at < seqs[n - 1]!.at)).toBe(true);
  const until = new Date(Date.now() - 30 * 60_000).toISOString();
  const page = await readAudit(outside(), caller, { until }, { limit: 500 });
  expect(page.entries.length).toBeGreaterThan(10);
  for (const { entry } of page.entries) expect(entry.details?.task).toBe('behind');
});

test('a clock that is set back an hour moves no entry: later ones come later', async () => {
  const before = startWriter('before');
  await before.begun;
  await wait(300);
  await before.kill9();
  const checkpoint = readCheckpoint((await integrateLog(outside())).note);
  const after = startWriter('after', '--clock-behind-ms', String(60 * 60_000));
  await after.begun;
  await wait(300);
  await after.kill9();
  const found = await entriesOf([checkpoint]);
  for (const n of after.told) expect(found.get('after')).toContain(n);
  const rows = await open.read.$queryRaw<{ task: string; first: bigint; last: bigint }[]>`
    SELECT a.canonical::jsonb #>> '{details,task}' AS task, min(seq) AS first, max(seq) AS last
      FROM audit_entry JOIN audit_arrival a USING (arrival) WHERE action = 'job.failed' GROUP BY 1 ORDER BY 2`;
  expect(rows.map(({ task }) => task)).toEqual(['before', 'after']);
  expect(rows[0]!.last < rows[1]!.first).toBe(true);
});
