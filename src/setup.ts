import { loadConfig } from './config/env.ts';
import { prepare } from './embedded.ts';

/** Makes secrets, keys, database and tables, and ends: for installations that start their processes by other means. */
const prepared = await prepare(loadConfig(process.env));
console.log(
  prepared.migrations.length > 0
    ? `migrations applied: ${prepared.migrations.join(', ')}`
    : 'the database is up to date',
);
if (prepared.newRecoveryKey) console.log(`recovery key (take it away): ${prepared.newRecoveryKey.file}`);
await prepared.stop();
