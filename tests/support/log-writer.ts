import { parseArgs } from 'node:util';
import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { parseSignerKey } from '../../src/audit/signed-note.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';

/**
 * The log of a server, in a process of its own that can be killed: writes entries without end and integrates them
 * meanwhile. Prints the number of each entry once its transaction has committed, one a line.
 */
const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    key: { type: 'string' },
    name: { type: 'string' },
    'clock-behind-ms': { type: 'string', default: '0' },
    'no-integrating': { type: 'boolean', default: false },
  },
});
const behind = Number(values['clock-behind-ms']);
const database = openDatabase({
  url: values.url!,
  clock: () => new Date(Date.now() - behind),
  maxConnections: 6,
});
const outside = { database, logSigner: parseSignerKey(values.key!) };
const actor = { kind: 'staff', id: values.name!, roles: [], scopes: null } as const;

let next = 0;
async function write(): Promise<void> {
  for (;;) {
    const n = next++;
    await database.transact({ actor }, (tx) =>
      tx.log({ action: 'job.failed', outcome: 'failed', details: { task: values.name!, attempts: n } }),
    );
    process.stdout.write(`${n}\n`);
  }
}
async function integrate(): Promise<void> {
  for (;;) await integrateLog(outside);
}
await Promise.all([write(), write(), write(), ...(values['no-integrating'] ? [] : [integrate(), integrate()])]);
