import { exportAudit } from '../../src/pipeline/oversight/export-audit.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { readAudit } from '../../src/pipeline/oversight/read-audit.ts';
import { testSigner } from '../support/log.ts';
import { type BenchDatabase, entriesSql, startBenchDatabase } from './bench-database.ts';
import { atMost, type Bench, p95, type Row } from './measure.ts';

const mostPageMs = 50;
const caller = { actor: { kind: 'system', id: 'bench' } } as const;

/** (c) Pages, proofs and exports out of a log that grows. */
export const reading: Bench = {
  about: 'giving places, filtered pages (p95) and an export, from 10,000 to 1,000,000 entries',
  async measure(options) {
    const { isQuick, folder, say } = options;
    const sizes = isQuick ? [500, 1_500] : [10_000, 100_000, 1_000_000];
    const bench = await startBenchDatabase(folder);
    const outside = { database: bench.database, logSigner: testSigner() };
    const rows: Row[] = [];
    try {
      let there = 0;
      let first: number | null = null;
      for (const size of sizes) {
        const began = performance.now();
        await fill(bench, there, size);
        await integrateLog(outside);
        const perSecond = (size - there) / ((performance.now() - began) / 1000);
        there = size;
        await bench.asOwner('ANALYZE audit_entry, audit_arrival');
        say(`  ${size} entries: ${perSecond.toFixed(0)} placed and signed per second`);
        const page = await p95(isQuick ? 20 : 200, (n) => readAudit(outside, caller, filterOf(n, size), { limit: 50 }));
        first ??= page;
        const isLast = size === sizes.at(-1);
        rows.push(
          atMost(`(c) filtered page, ${size} entries, p95`, page, 'ms', isLast ? mostPageMs : undefined, {
            name: `${sizes[0]} entries`,
            value: first,
          }),
        );
        if (isLast)
          rows.push({ ...atMost('(c) entries placed and signed', perSecond, '/s', undefined), bar: '', ok: null });
      }
      const began = performance.now();
      let lines = 0;
      for await (const _ of (await exportAudit(outside, caller, {})).lines) lines += 1;
      rows.push(atMost('(c) export', lines / ((performance.now() - began) / 1000), 'entries/s', undefined));
      return rows;
    } finally {
      await bench.stop();
    }
  },
};

async function fill({ asOwner }: BenchDatabase, from: number, to: number): Promise<void> {
  for (let start = from; start < to; start += 50_000)
    await asOwner(`INSERT INTO audit_arrival (canonical) ${entriesSql}`, [start + 1, Math.min(start + 50_000, to)]);
}

/** What auditors ask for, in turn: nothing, a person, a recording, an action, a day, a person's refusals. */
function filterOf(n: number, size: number) {
  const person = `person-${String((n * 31) % 200).padStart(22, '0')}`;
  const recording = `b0000000-0000-4000-8000-${String((n * 17) % 300).padStart(12, '0')}`;
  const day = Date.UTC(2026, 0, 1) + Math.floor((size * 20_000 * ((n * 13) % 100)) / 100);
  const filters = [
    {},
    { actor: person },
    { recording },
    { action: 'request.denied' },
    { from: new Date(day).toISOString(), until: new Date(day + 86_400_000).toISOString() },
    { actor: person, outcome: 'refused' },
    { actor: person, recording },
    { person },
    { recording, action: 'request.denied' },
    { recording, text: '"8"' },
  ];
  return filters[n % filters.length]!;
}
