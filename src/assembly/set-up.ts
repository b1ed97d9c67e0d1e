import { createPasswordHashing } from '../adapters/argon2/password-hashing.ts';
import { openDatabase } from '../adapters/prisma/database.ts';
import type { Config } from '../config/env.ts';
import { Refusal } from '../domain/errors.ts';
import { languageTags } from '../domain/language.ts';
import { mustHave } from '../domain/must-have.ts';
import { makePaperPassphrase } from '../keys/key-folder.ts';
import type { NewRecoveryKey } from '../keys/keys-of-school.ts';
import { textsIn } from '../language/catalogue.ts';
import { choosePermissionRules } from '../pipeline/lesson/choose-permission-rules.ts';
import type { Database } from '../pipeline/ports/database.ts';
import { giveAuthority, takeAuthority } from '../pipeline/staff/give-authority.ts';
import { invite } from '../pipeline/staff/invite.ts';
import { makeEmergencyAccount } from '../pipeline/staff/make-emergency-account.ts';
import { resetFactorAsOperator } from '../pipeline/staff/reset-factor-as-operator.ts';
import { listPending, prepare } from './first-start.ts';
import { assertThere, closeSchool, describeSchools, openAnotherSchool, SetUpRefused } from './many-schools.ts';
import { removeTakenOut } from './remove-school.ts';

export interface SetUpOptions {
  readonly school?: string | undefined;
  /** Which preset a new school begins with. */
  readonly rules?: string | undefined;
  readonly 'admin-email'?: string | undefined;
  readonly 'admin-name'?: string | undefined;
  readonly 'reset-second-factor'?: string | undefined;
  /** Makes the account for emergencies, and ends the one before. */
  readonly 'emergency-account'?: boolean | undefined;
  /** Address of who is to open and close schools, and of who is not to any more. */
  readonly authority?: string | undefined;
  readonly 'authority-name'?: string | undefined;
  readonly 'end-authority'?: string | undefined;
  /** Name of a school beside the first one, to be opened. */
  readonly 'another-school'?: string | undefined;
  /** Id of the school that an invitation or a reset is for; default: the first one, or the one that is opened now. */
  readonly in?: string | undefined;
  readonly 'close-school'?: string | undefined;
  readonly 'reopen-school'?: string | undefined;
  /** Id of a school that was taken out, of which nothing is to stay. */
  readonly 'remove-school'?: string | undefined;
  /** Lists the schools, with figures. */
  readonly schools?: boolean | undefined;
  readonly 'dry-run': boolean;
}

/**
 * Makes secrets, keys, database and tables; with names given, also the school and an invitation for its first
 * administrator. Safe to repeat: an existing school stays unchanged. `say` gets a line for each step that was done.
 */
export async function setUp(given: Config, options: SetUpOptions, say: (line: string) => void): Promise<void> {
  if (options['dry-run']) {
    const pending = await listPending(given);
    if (pending === null) say('DATABASE_OWNER_URL is not set: no migration would be applied');
    else say(pending.length > 0 ? `would be applied: ${pending.join(', ')}` : 'the database is up to date');
    return;
  }
  const prepared = await prepare(given);
  try {
    const { config, migrations, newRecoveryKey } = prepared;
    say(migrations.length > 0 ? `migrations applied: ${migrations.join(', ')}` : 'the database is up to date');
    if (newRecoveryKey) sayWhereRecoveryKeyIs(newRecoveryKey, say);
    const gone = options['remove-school'];
    if (gone !== undefined) {
      const { objects, held, accounts } = await removeTakenOut(config, gone);
      say(`removed: ${objects} objects, ${accounts} accounts, keys and rows of the school ${gone}`);
      if (held > 0) say(`the store still holds ${held} of them, until their locks end`);
    }
    await setUpSchool(config, options, say);
  } finally {
    // A server beside it uses the same embedded database.
    if (!prepared.isJoined) await prepared.stop();
  }
}

/** Redirected output is stored somewhere: so the passphrase is shown on a terminal only. */
function sayWhereRecoveryKeyIs(
  { file, passphrase, passphraseFile }: NewRecoveryKey,
  say: (line: string) => void,
): void {
  say(`recovery key (take it away): ${file}`);
  say(`its passphrase (write it on paper, keep it elsewhere, delete the file): ${passphraseFile}`);
  if (process.stdout.isTTY) say(`  ${passphrase}`);
}

const { labels } = textsIn('en');

async function setUpSchool(config: Config, options: SetUpOptions, say: (line: string) => void): Promise<void> {
  const clock = () => new Date();
  const baseUrl = config.BASE_URL ?? `http://localhost:${config.PORT}`;
  const rules = presetOf(options.rules);
  // If the operator gave no address, `prepare` sets that of the embedded database.
  const url = mustHave(config.DATABASE_URL, 'DATABASE_URL');
  const open = openDatabase({ url, clock, maxConnections: 2 });
  try {
    const made = options['another-school'] && (await openAnotherSchool(config, open, options['another-school'], rules));
    if (made) {
      say(`school: ${options['another-school']} (${made.id})`);
      if (made.newRecoveryKey) sayWhereRecoveryKeyIs(made.newRecoveryKey, say);
    }
    const id = made ? made.id : options.in;
    if (id !== undefined) await assertThere(open, id);
    const database = id === undefined ? open : open.ofSchool(id);
    if (options['close-school']) await closeSchool(open, { id: options['close-school'], isClosed: true, clock });
    if (options['reopen-school']) await closeSchool(open, { id: options['reopen-school'], isClosed: false, clock });
    const { school, 'admin-email': email, 'reset-second-factor': locked } = options;
    if (school) {
      const { count } = await open.read.school.createMany({ data: [{ name: school }], skipDuplicates: true });
      if (count === 1) {
        const { leastAssurance } = await choosePermissionRules({ database: open, clock }, setup, { preset: rules });
        say(`school: ${school}`);
        say(`rules of permission: ${labels.rulePreset[rules]} (emanet school permission-rules changes them)`);
        say(`  to record and keep: ${labels.assuranceLevel[leastAssurance.record]}`);
        say(`  to show outside the class: ${labels.assuranceLevel[leastAssurance.release.school]}`);
      }
    }
    if (email) {
      if (config.LOCAL_SIGN_IN === 'off')
        throw new SetUpRefused(
          'LOCAL_SIGN_IN is off, so an invitation cannot be accepted: put the person into a group',
        );
      if ((await database.read.school.count()) === 0)
        throw new SetUpRefused('there is no school yet, which an administrator would belong to: add --school NAME');
      const invitation = await invite(
        { database, clock },
        setup,
        { email, name: options['admin-name'] ?? email, roles: ['administrator'], days: 7 },
        null,
      );
      say(`invitation for ${invitation.email}, to be opened within 7 days: ${baseUrl}/#invitation=${invitation.token}`);
    }
    const outside = {
      database: open,
      clock,
      settings: { sendsMail: config.SMTP_URL !== undefined, baseUrl: () => baseUrl },
    };
    if (options.authority) await sayAuthority(config, outside, options.authority, options['authority-name'], say);
    if (options['end-authority']) await endAuthority(outside, options['end-authority'], say);
    if (locked) {
      await resetFactorAsOperator({ ...outside, database }, locked);
      say(`the second factor of ${locked} is reset; every session and API token of the account has ended`);
    }
    if (options['emergency-account']) await sayEmergencyAccount(database, say);
    if (options.schools) for (const line of await describeSchools(open)) say(line);
  } finally {
    await open.close();
  }
}

type OutsideOfSetUp = Parameters<typeof giveAuthority>[0];

/** Of the first school, whatever `--in` says. */
async function sayAuthority(
  config: Config,
  outside: OutsideOfSetUp,
  email: string,
  name: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  if ((await outside.database.read.school.count()) === 0)
    throw new SetUpRefused('there is no school yet, which an authority would belong to: add --school NAME');
  const isMember = (await outside.database.read.user.count({ where: { account: { email: email.toLowerCase() } } })) > 0;
  if (!isMember && config.LOCAL_SIGN_IN === 'off')
    throw new SetUpRefused('LOCAL_SIGN_IN is off, so an invitation cannot be accepted: let the person sign in first');
  const invitation = await giveAuthority(outside, setup, { email, name: name ?? email }).catch((error) => {
    if (!(error instanceof Refusal)) throw error;
    throw new SetUpRefused(
      error.code === 'ALREADY_EXISTS' ? `${email} is an authority already` : `the account ${email} is disabled`,
    );
  });
  if (invitation === null) say(`${email} is an authority now, and keeps other roles`);
  else {
    const link = `${outside.settings.baseUrl()}/#invitation=${invitation.token}`;
    say(`invitation for ${invitation.email}, to be opened within 7 days: ${link}`);
  }
}

async function endAuthority(outside: OutsideOfSetUp, email: string, say: (line: string) => void): Promise<void> {
  await takeAuthority(outside, setup, email).catch((error) => {
    throw error instanceof Refusal ? new SetUpRefused(`${email} is no authority`) : error;
  });
  say(`${email} is no authority any more`);
}

/** The password is shown once, and kept nowhere. */
async function sayEmergencyAccount(database: Database, say: (line: string) => void): Promise<void> {
  if ((await database.read.school.count()) === 0)
    throw new SetUpRefused('there is no school yet, which the account would belong to: add --school NAME');
  const passwords = createPasswordHashing();
  try {
    const password = makePaperPassphrase();
    const name = languageTags.map((language) => textsIn(language).emergencyAccount).join(' / ');
    const outside = { database, clock: () => new Date(), credentials: { passwords } };
    const { email } = await makeEmergencyAccount(outside, { name, password });
    say('account for emergencies; write both lines on paper, and seal it in an envelope:');
    say(`  ${email}`);
    say(`  ${password}`);
  } finally {
    await passwords.close();
  }
}

const setup = { actor: { kind: 'system', id: 'setup' } } as const;

function presetOf(rules = 'tr'): 'tr' | 'uk' {
  if (rules === 'tr' || rules === 'uk') return rules;
  throw new SetUpRefused(`there are no rules “${rules}”: write --rules tr or --rules uk`);
}
