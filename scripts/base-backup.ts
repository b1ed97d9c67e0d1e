import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareRecovery, takeBaseBackup } from '../src/adapters/embedded-postgres/base-backup.ts';
import { loadConfig } from '../src/config/env.ts';

/** Copies of the files of the embedded PostgreSQL, and recovery to a point in time: docs/backup.md. */
const usage = `node_modules/.bin/node scripts/base-backup.ts take FOLDER
node_modules/.bin/node scripts/base-backup.ts recover FOLDER --until TIME
Needs WAL_ARCHIVE; EMANET_HOME says whose database it is. docs/backup.md says the rest.`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { until: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const [verb, copy] = positionals;
const { EMANET_HOME: home, WAL_ARCHIVE: archive } = loadConfig(process.env);
const folder = join(resolve(home), 'postgres');
const until = new Date(values.until ?? '');
const wrong = (error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
};
if (values.help) console.log(usage);
else if (verb === 'take' && copy !== undefined) await takeBaseBackup(folder, resolve(copy)).catch(wrong);
else if (verb === 'recover' && copy !== undefined && archive !== undefined && !Number.isNaN(until.getTime()))
  await prepareRecovery(resolve(copy), folder, { archive, until }).catch(wrong);
else {
  console.error(usage);
  process.exitCode = 2;
}
