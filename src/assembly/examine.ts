import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { createFfmpegTools } from '../adapters/ffmpeg/ffmpeg-tools.ts';
import { listMigrations } from '../adapters/prisma/migrate.ts';
import { createMailer } from '../adapters/smtp/mailer.ts';
import { needsTls } from '../config/encrypted-transport.ts';
import type { Config } from '../config/env.ts';
import { readIfThere } from '../config/secrets.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { listBackups, openManifest } from '../pipeline/backup/manifest.ts';
import { certificateEnds } from './certificates.ts';
import { openPlace } from './open-place.ts';
import { openOwnStore } from './open-store.ts';

/** What was looked at, in the order of the answers. */
export const examined = [
  'database',
  'tables',
  'clock',
  'store',
  'media',
  'address',
  'mail',
  'keys',
  'disk',
  'backups',
] as const;
export type Examined = (typeof examined)[number];

/** `good`; `look`: it works, and something about it may not be wanted; `bad`: somebody has to do something. */
export type Verdict = 'good' | 'look' | 'bad';

/** `code` names a sentence of the command line, which `params` complete. */
export interface Found {
  readonly about: Examined;
  readonly verdict: Verdict;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

const dayMs = 24 * 60 * 60_000;
const mostApartMs = 5_000;
const leastCertificateDays = 21;
const mostBackupDays = 8;
const leastFreeShare = 0.1;
const mostKeyDays = 2 * 365;

type Answer = Omit<Found, 'about'>;
const found = (verdict: Verdict, code: string, params: Found['params'] = {}): Answer => ({ verdict, code, params });

/**
 * Looks at a set-up from outside of the server: whether each part answers, and what about it will be missed one day. Changes
 * nothing but that a bucket which is not there is made, as by a server. A part that fails is an answer, and keeps no other from being looked at.
 */
export async function* examine(config: Config, clock = () => new Date()): AsyncGenerator<Found> {
  const looks: Readonly<Record<Examined, () => Promise<Answer>>> = {
    database: () => lookAtDatabase(config),
    tables: () => lookAtTables(config),
    clock: () => lookAtClock(config, clock),
    store: () => lookAtStore(config),
    media: () => lookAtMedia(config),
    address: () => lookAtAddress(config, clock),
    mail: () => lookAtMail(config),
    keys: () => lookAtKeys(config, clock),
    disk: () => lookAtDisk(config),
    backups: () => lookAtBackups(config, clock),
  };
  for (const about of examined) {
    const answer = await looks[about]().catch((error: unknown) => found('bad', 'FAILED', { why: wordsOf(error) }));
    yield { about, ...answer };
  }
}

const wordsOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(wordsOf).join('; ')
    : error instanceof Error
      ? error.message
      : String(error);

async function query<Row extends pg.QueryResultRow>(config: Config, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: config.DATABASE_URL, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // the query fails, too
  try {
    await client.connect();
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function lookAtDatabase(config: Config): Promise<Answer> {
  const [row] = await query<{ version: string; passes: boolean }>(
    config,
    `SELECT current_setting('server_version') AS version,
            (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user) AS passes`,
  );
  return row?.passes ? found('bad', 'ROLE_PASSES_WALLS') : found('good', 'ANSWERS', { version: row?.version ?? '' });
}

async function lookAtTables(config: Config): Promise<Answer> {
  const own = await listMigrations();
  const there = (await query<{ name: string }>(config, 'SELECT name FROM applied_migrations()')).map(
    ({ name }) => name,
  );
  const missing = own.filter((name) => !there.includes(name));
  const unknown = there.filter((name) => !own.includes(name));
  if (unknown.length > 0) return found('bad', 'TABLES_NEWER', { name: unknown.at(-1) ?? '' });
  if (missing.length > 0) return found('bad', 'TABLES_OLDER', { count: missing.length });
  return found('good', 'TABLES_CURRENT', { count: own.length });
}

async function lookAtClock(config: Config, clock: () => Date): Promise<Answer> {
  const before = clock().getTime();
  const [row] = await query<{ at: Date }>(config, 'SELECT clock_timestamp() AS at');
  const between = (before + clock().getTime()) / 2;
  const apart = Math.round(Math.abs((row?.at.getTime() ?? between) - between));
  return apart > mostApartMs + (clock().getTime() - before)
    ? found('bad', 'CLOCKS_APART', { seconds: Math.round(apart / 1000) })
    : found('good', 'CLOCKS_AGREE', { ms: apart });
}

async function lookAtStore(config: Config): Promise<Answer> {
  const store = await openOwnStore(config, () => {});
  const { kind, where, capabilities } = await store.describe();
  await store.head('doctor');
  const lacks = Object.entries(capabilities).flatMap(([name, has]) => (has ? [] : [name]));
  const params = { kind, where, lacks: lacks.join(', ') };
  return lacks.includes('objectLock')
    ? found('look', 'STORE_CANNOT_LOCK', params)
    : found('good', 'STORE_ANSWERS', params);
}

async function lookAtMedia(config: Config): Promise<Answer> {
  if (config.MEDIA_SOCKET !== undefined) return found('look', 'MEDIA_APART', { socket: config.MEDIA_SOCKET });
  const media = createFfmpegTools({ ffmpegPath: config.FFMPEG, ffprobePath: config.FFPROBE });
  const { version, sandbox } = await media.describe();
  const stands = sandbox.includes('bwrap') && sandbox.includes('prlimit');
  return stands
    ? found('good', 'MEDIA_WALLED', { version })
    : found('look', 'MEDIA_NOT_WALLED', { version, means: sandbox.join(', ') });
}

async function lookAtAddress({ BASE_URL: address }: Config, clock: () => Date): Promise<Answer> {
  if (address === undefined) return found('look', 'NO_ADDRESS');
  const url = new URL(address);
  if (url.protocol === 'http:')
    return /^(localhost|127\.|\[::1\])/.test(url.hostname)
      ? found('look', 'ADDRESS_LOCAL')
      : found('bad', 'ADDRESS_PLAIN', { address });
  const until = await certificateEnds(url);
  const days = Math.floor((until.getTime() - clock().getTime()) / dayMs);
  return days < leastCertificateDays
    ? found('bad', 'CERTIFICATE_ENDS', { days, address })
    : found('good', 'CERTIFICATE_HOLDS', { days, address });
}

async function lookAtMail(config: Config): Promise<Answer> {
  if (config.SMTP_URL === undefined) return found('look', 'NO_MAIL');
  const mailer = createMailer({
    smtpUrl: config.SMTP_URL,
    from: config.MAIL_FROM,
    needsTls: needsTls(config, 'SMTP_URL'),
  });
  await mailer.verify();
  return found('good', 'MAIL_ANSWERS', { host: new URL(config.SMTP_URL).host });
}

async function lookAtKeys(config: Config, clock: () => Date): Promise<Answer> {
  const keyring = await openKeyring(config, () => {});
  try {
    if (keyring.recipients.length < 2) return found('bad', 'NO_RECOVERY_KEY');
    const files = await readKeyFolder(config.EMANET_HOME);
    const folder = files[0] ? dirname(files[0].path) : join(config.EMANET_HOME, 'keys');
    for (const name of ['recovery.private.asc', 'recovery.passphrase.txt'])
      if ((await readIfThere(join(folder, name))) !== undefined)
        return found('bad', 'RECOVERY_KEY_HERE', { file: join(folder, name) });
    const current = keyring.known.find(({ role, state }) => role === 'vault' && state === 'current');
    const days = current ? Math.floor((clock().getTime() - current.createdAt.getTime()) / dayMs) : 0;
    return days > mostKeyDays ? found('look', 'VAULT_KEY_OLD', { days }) : found('good', 'KEYS_IN_ORDER', { days });
  } finally {
    keyring.close();
  }
}

async function lookAtDisk({ EMANET_HOME: home }: Config): Promise<Answer> {
  const { bavail, blocks, bsize } = await statfs(home);
  const params = { percent: Math.floor((100 * bavail) / blocks), bytes: bavail * bsize, home };
  return bavail / blocks < leastFreeShare ? found('look', 'DISK_FILLS', params) : found('good', 'DISK_FREE', params);
}

async function lookAtBackups(config: Config, clock: () => Date): Promise<Answer> {
  if (config.BACKUP_TO === undefined) return found('look', 'NO_BACKUPS_SET');
  const place = await openPlace(config, config.BACKUP_TO, { mayMake: false });
  const id = (await listBackups(place)).at(-1);
  if (id === undefined) return found('bad', 'NO_BACKUP', { place: config.BACKUP_TO });
  const keyring = await openKeyring(config, () => {});
  try {
    const { at } = await openManifest(place, id, { opening: keyring.openingKeys, verifying: keyring.verifyingKeys });
    const days = Math.floor((clock().getTime() - new Date(at).getTime()) / dayMs);
    return days > mostBackupDays ? found('bad', 'BACKUP_OLD', { days }) : found('good', 'BACKUP_THERE', { days });
  } finally {
    keyring.close();
  }
}
