import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { createScanner } from '../adapters/clamd/scanner.ts';
import { createFfmpegTools } from '../adapters/ffmpeg/ffmpeg-tools.ts';
import { listMigrations } from '../adapters/prisma/migrate.ts';
import { createMailer } from '../adapters/smtp/mailer.ts';
import { assertEncryptedTransport, needsTls } from '../config/encrypted-transport.ts';
import type { Config } from '../config/env.ts';
import type { Id } from '../domain/ids.ts';
import { mustHave } from '../domain/must-have.ts';
import { certificateEnds, certificatesOf } from './certificates.ts';
import { looksAtSchool } from './examine-school.ts';
import { type Answer, dayMs, type Examined, examined, examinedOfSchool, type Found, found, query } from './examined.ts';
import { openOwnStore } from './open-store.ts';

const mostApartMs = 5_000;
const leastCertificateDays = 21;
const leastFreeShare = 0.1;
const mostDueSeconds = 60 * 60;
const socketMs = 5_000;

/** `id` null: the first one, whose keys are in EMANET_HOME itself. */
interface SchoolAsked {
  readonly id: Id | null;
}

/**
 * Looks at a set-up from outside of the server: whether each part answers, and what about it will be missed one day. Changes
 * nothing but that a bucket which is not there is made, as by a server. A part that fails is an answer, and keeps no other from
 * being looked at. `school`: only what this one has of its own.
 */
export async function* examine(
  config: Config,
  { clock = () => new Date(), school }: { readonly clock?: () => Date; readonly school?: SchoolAsked | undefined } = {},
): AsyncGenerator<Found> {
  const looks: Readonly<Record<Examined, () => Promise<Answer>>> = {
    database: () => lookAtDatabase(config),
    tables: () => lookAtTables(config),
    clock: () => lookAtClock(config, clock),
    transport: () => lookAtTransport(config, clock),
    store: () => lookAtStore(config),
    media: () => lookAtMedia(config),
    address: () => lookAtAddress(config, clock),
    mail: () => lookAtMail(config),
    scanner: () => lookAtScanner(config),
    jobs: () => lookAtJobs(config),
    disk: () => lookAtDisk(config),
    ...looksAtSchool(config, school?.id ?? null, clock),
  };
  for (const about of school === undefined ? examined : examinedOfSchool) {
    const answer = await looks[about]().catch((error: unknown) => found('bad', 'FAILED', { why: wordsOf(error) }));
    yield { about, ...answer };
  }
}

/** By its id or its name. */
export async function findSchoolOf(config: Config, named: string): Promise<SchoolAsked | undefined> {
  const ids = await query<{ id: Id; first: Id }>(
    config,
    'SELECT every AS id, "homeSchoolId" AS first FROM every_school() AS every, installation',
  );
  for (const { id, first } of ids) {
    const [school] = await query<{ name: string }>(config, 'SELECT name FROM school', id);
    if (id === named || school?.name === named) return { id: id === first ? null : id };
  }
  return undefined;
}

const wordsOf = (error: unknown): string =>
  error instanceof AggregateError
    ? error.errors.map(wordsOf).join('; ')
    : error instanceof Error
      ? error.message
      : String(error);

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

/** Of what the settings name; its own address is looked at apart. */
async function lookAtTransport(config: Config, clock: () => Date): Promise<Answer> {
  try {
    assertEncryptedTransport(config);
  } catch (error) {
    return found('bad', 'PLAINTEXT', { why: wordsOf(error).split('\n').slice(0, -1).join('; ') });
  }
  const places = [...certificatesOf(config)].filter(([of]) => of !== 'address');
  const ends = await Promise.all(places.map(async ([, url]) => ({ url, days: await daysLeft(url, clock) })));
  const first = ends.toSorted((one, other) => one.days - other.days)[0];
  if (first === undefined) return found('good', 'TRANSPORT_ENCRYPTED');
  const params = { days: first.days, address: first.url.host };
  return first.days < leastCertificateDays
    ? found('bad', 'CERTIFICATE_ENDS', params)
    : found('good', 'CERTIFICATE_HOLDS', params);
}

const daysLeft = async (url: URL, clock: () => Date): Promise<number> =>
  Math.floor(((await certificateEnds(url)).getTime() - clock().getTime()) / dayMs);

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
  if (config.MEDIA_SOCKET !== undefined) {
    await assertListens(config.MEDIA_SOCKET);
    return found('look', 'MEDIA_APART', { socket: config.MEDIA_SOCKET });
  }
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
  const days = await daysLeft(url, clock);
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

/** @throws when nobody listens at the socket. */
function assertListens(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path, timeout: socketMs }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer in five seconds')));
    socket.once('error', reject);
  });
}

async function lookAtScanner({ CLAMD_SOCKET: socket }: Config): Promise<Answer> {
  if (socket === undefined) return found('look', 'NO_SCANNER');
  const bytes = (async function* () {
    yield Buffer.from('doctor');
  })();
  await createScanner(socket).scan(bytes);
  return found('good', 'SCANNER_ANSWERS', { socket });
}

/** Of all schools: the queue is one. */
async function lookAtJobs(config: Config): Promise<Answer> {
  const [row] = await query<{ failed: number; seconds: number }>(
    config,
    `SELECT count(*) FILTER (WHERE locked_at IS NULL AND attempts >= max_attempts)::int AS failed,
            COALESCE(max(extract(epoch FROM now() - run_at)) FILTER
              (WHERE locked_at IS NULL AND attempts < max_attempts AND run_at <= now()), 0)::float AS seconds
       FROM graphile_worker.jobs`,
  );
  const { failed = 0, seconds = 0 } = row ?? {};
  if (seconds > mostDueSeconds) return found('bad', 'JOBS_WAIT', { minutes: Math.floor(seconds / 60) });
  return failed > 0 ? found('bad', 'JOBS_FAILED', { failed }) : found('good', 'JOBS_DONE');
}

/** Of what this machine writes to, the one that fills first. */
async function lookAtDisk(config: Config): Promise<Answer> {
  const folders = [
    config.EMANET_HOME,
    ...(config.STORE === 'disk' && config.STORE_FOLDER !== undefined ? [config.STORE_FOLDER] : []),
    ...(config.BACKUP_TO?.startsWith('s3://') === false ? [config.BACKUP_TO] : []),
    ...(config.WAL_ARCHIVE === undefined ? [] : [config.WAL_ARCHIVE]),
    tmpdir(),
  ];
  const disks = await Promise.all(
    folders.filter((folder) => existsSync(folder)).map(async (home) => ({ home, ...(await statfs(home)) })),
  );
  const fullest = disks.toSorted((one, other) => one.bavail / one.blocks - other.bavail / other.blocks)[0];
  const { home, bavail, blocks, bsize } = mustHave(fullest, 'disk');
  const params = { percent: Math.floor((100 * bavail) / blocks), bytes: bavail * bsize, home };
  return bavail / blocks < leastFreeShare ? found('look', 'DISK_FILLS', params) : found('good', 'DISK_FREE', params);
}
