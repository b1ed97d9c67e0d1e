import { parseArgs } from 'node:util';
import { openDatabase } from '../adapters/prisma/database.ts';
import { listPending, prepare } from '../assembly/first-start.ts';
import { loadConfig } from '../config/env.ts';
import { invite } from '../pipeline/staff/invite.ts';
import { resetFactorAsOperator } from '../pipeline/staff/reset-factor-as-operator.ts';

/**
 * Makes secrets, keys, database and tables; with names given, also the school and an invitation for its first
 * administrator. Safe to repeat: a school that is there stays as it is.
 */
const { values: options } = parseArgs({
  options: {
    school: { type: 'string' },
    'admin-email': { type: 'string' },
    'admin-name': { type: 'string' },
    'reset-second-factor': { type: 'string' },
    'dry-run': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(
    'npm run setup -- [--school NAME] [--admin-email ADDRESS --admin-name NAME] [--reset-second-factor ADDRESS] [--dry-run]\n' +
      'Prepares secrets, keys and tables; makes the school, and invites its first administrator.\n' +
      '--reset-second-factor: takes the second factors of an account away, where no two administrators can; on the log.\n' +
      '--dry-run: names the migrations that would be applied, and does nothing else.',
  );
  process.exit(0);
}
if (options['dry-run']) {
  const pending = await listPending(loadConfig(process.env));
  if (pending === null) console.log('DATABASE_OWNER_URL is not set: no migration would be applied');
  else console.log(pending.length > 0 ? `would be applied: ${pending.join(', ')}` : 'the database is up to date');
  process.exit(0);
}
const prepared = await prepare(loadConfig(process.env));
try {
  const { config, migrations, newRecoveryKey } = prepared;
  console.log(migrations.length > 0 ? `migrations applied: ${migrations.join(', ')}` : 'the database is up to date');
  if (newRecoveryKey) {
    console.log(`recovery key (take it away): ${newRecoveryKey.file}`);
    console.log(`its passphrase (write it on paper, keep it elsewhere): ${newRecoveryKey.passphrase}`);
    console.log(`the passphrase is also in, to be deleted once it is on paper: ${newRecoveryKey.passphraseFile}`);
  }
  const baseUrl = config.BASE_URL ?? `http://localhost:${config.PORT}`;
  const database = openDatabase({ url: config.DATABASE_URL!, clock: () => new Date(), maxConnections: 2 });
  try {
    if (options.school) {
      const { count } = await database.read.school.createMany({
        data: [{ name: options.school }],
        skipDuplicates: true,
      });
      if (count === 1) console.log(`school: ${options.school}`);
    }
    if (options['admin-email']) {
      if ((await database.read.school.count()) === 0)
        throw new Error('there is no school yet, which an administrator would belong to: add --school NAME');
      const invitation = await invite(
        { database, clock: () => new Date() },
        { actor: { kind: 'system', id: 'setup' } },
        {
          email: options['admin-email'],
          name: options['admin-name'] ?? options['admin-email'],
          roles: ['administrator'],
          days: 7,
        },
        null,
      );
      console.log(
        `invitation for ${invitation.email}, to be opened within 7 days: ${baseUrl}/#invitation=${invitation.token}`,
      );
    }
    const locked = options['reset-second-factor'];
    if (locked) {
      const settings = { sendsMail: config.SMTP_URL !== undefined, baseUrl: () => baseUrl };
      await resetFactorAsOperator({ database, clock: () => new Date(), settings }, locked);
      console.log(`the second factor of ${locked} is reset; every session and API token of the account has ended`);
    }
  } finally {
    await database.close();
  }
} finally {
  await prepared.stop();
}
// Idle timers of a library would hold the process for ten seconds more.
process.exit(0);
