import { tmpdir } from 'node:os';
import { type Logger, pino } from 'pino';
import { createAcoustId } from '../adapters/acoustid/acoustid.ts';
import { createPasswordHashing } from '../adapters/argon2/password-hashing.ts';
import { createScanner } from '../adapters/clamd/scanner.ts';
import { createCodeReader } from '../adapters/codes/code-reader.ts';
import { createTableReader } from '../adapters/csv/table-reader.ts';
import { createFfmpegTools, type FfmpegTools } from '../adapters/ffmpeg/ffmpeg-tools.ts';
import { createPictureReader } from '../adapters/ffmpeg/picture-reader.ts';
import { createBounceMailbox } from '../adapters/imap/bounce-mailbox.ts';
import { createFaceFinder } from '../adapters/jsfeat/face-finder.ts';
import { createSignOn } from '../adapters/openid/sign-on.ts';
import { createOneTimeCodes } from '../adapters/otpauth/one-time-codes.ts';
import { createPapers } from '../adapters/papers/papers.ts';
import { createPageReader } from '../adapters/pdfium/page-reader.ts';
import { createPdfTextReader } from '../adapters/pdfium/pdf-text-reader.ts';
import { createScanReader } from '../adapters/pdfium/scan-reader.ts';
import { createPictureWriter } from '../adapters/png/grey-png.ts';
import { type OpenDatabase, openDatabase } from '../adapters/prisma/database.ts';
import { createRateLimits } from '../adapters/rate-limiter/rate-limits.ts';
import { createMailer } from '../adapters/smtp/mailer.ts';
import { createSpreadsheetReader } from '../adapters/spreadsheet/spreadsheet-reader.ts';
import { createTextReader } from '../adapters/tesseract/text-reader.ts';
import { createPasskeys } from '../adapters/webauthn/passkeys.ts';
import { createWitness } from '../adapters/witness/witness.ts';
import { createArchiveReader } from '../adapters/zip/archive-reader.ts';
import { createPasswordStrength } from '../adapters/zxcvbn/password-strength.ts';
import { NoteMalformed } from '../audit/note-form.ts';
import { parseVerifierKey } from '../audit/signed-note.ts';
import { assertEncryptedTransport, needsTls } from '../config/encrypted-transport.ts';
import { type Config, settingsInForce } from '../config/env.ts';
import { loadAuthSecret } from '../config/secrets.ts';
import type { AnomalyThresholds } from '../domain/anomaly.ts';
import { parseRoleMapping } from '../domain/role-mapping.ts';
import type { Mailer } from '../jobs/tasks.ts';
import { termsTexts } from '../language/terms-texts.ts';
import { createAttendanceReader } from '../pipeline/attendance/attendance-reader.ts';
import { createRosterReader } from '../pipeline/people/roster-reader.ts';
import type { BounceMailbox } from '../pipeline/ports/bounce-mailbox.ts';
import type { Credentials, PasswordHashing } from '../pipeline/ports/credentials.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { SignOn } from '../pipeline/ports/sign-on.ts';
import type { Tracing } from '../pipeline/ports/trace.ts';
import type { Witness } from '../pipeline/ports/witness.ts';
import { CountedStore, countedMedia } from './counted-parts.ts';
import { faultSerializers } from './describe-fault.ts';
import { runDrill } from './drill.ts';
import { openPlace } from './open-place.ts';
import { openOwnStore } from './open-store.ts';
import { openTracing } from './open-tracing.ts';
import { createSchoolKeys, type OwnParts, openSchools } from './schools.ts';
import { WorkMetrics } from './work-metrics.ts';
import { assertMetricsToken } from './worker-metrics.ts';

/** All parts of a process. The one place where adapters meet use cases. */
export interface Context {
  readonly config: Config;
  readonly log: Logger;
  readonly outside: Outside;
  readonly mailer: Mailer;
  /** The mailbox that mails come back to; null when none is configured. */
  readonly bounces: BounceMailbox | null;
  readonly media: FfmpegTools;
  /** What this process has done. */
  readonly work: WorkMetrics;
  /** Where traces go; null when no receiver is configured. */
  readonly tracing: Tracing | null;
  /** Each part that requests need, and whether it answers now. */
  ready(): Promise<{ database: boolean; store: boolean }>;
  /** The address by which browsers reach the server, if it is known only after listening. */
  serveAt(url: string): void;
  close(): Promise<void>;
}

/**
 * `kind`: a worker signs nobody in, so it needs no secret of sessions and gets none. `clock`: for tests of other times.
 * @throws Error that names a missing or wrong setting.
 */
export async function createContext(
  config: Config,
  { kind = 'web', clock = () => new Date() }: { kind?: 'web' | 'worker'; clock?: () => Date } = {},
): Promise<Context> {
  assertEncryptedTransport(config);
  assertMetricsToken(config);
  const log = pino(
    {
      level: config.LOG_LEVEL,
      base: { process: kind },
      timestamp: pino.stdTimeFunctions.isoTime,
      serializers: faultSerializers,
    },
    pino.destination(config.LOG_FILE === undefined ? 1 : { dest: config.LOG_FILE, mode: 0o600 }),
  );
  if (!config.DATABASE_URL) throw new Error('DATABASE_URL is not set and no embedded database was started.');
  const database: OpenDatabase = openDatabase({
    url: config.DATABASE_URL,
    clock,
    maxConnections: config.DATABASE_CONNECTIONS,
    outageSeconds: config.OUTAGE_SECONDS,
  });
  const work = new WorkMetrics();
  const tracing = await openTracing(config, kind, (spans) => log.warn({ spans }, 'spans of traces were lost'));
  const store = await openOwnStore(config, (message, cause) => log.warn({ cause: String(cause) }, message));
  const objects = new CountedStore(store, work);
  const media = countedMedia(
    createFfmpegTools({ ffmpegPath: config.FFMPEG, ffprobePath: config.FFPROBE, apart: config.MEDIA_SOCKET }),
    work,
  );
  let address = config.BASE_URL ?? `http://localhost:${config.PORT}`;
  const baseUrl = () => address;
  const passwords = createPasswordHashing();
  const limits = createRateLimits(database.client);
  const apart = config.MEDIA_SOCKET;
  const archives = createArchiveReader();
  const tables = createTableReader();
  const spreadsheets = createSpreadsheetReader({ archives, apart });
  const common: Omit<Outside, keyof OwnParts> = {
    media,
    textReader: createTextReader({ apart: config.MEDIA_SOCKET }),
    faceFinder: createFaceFinder(),
    papers: createPapers(),
    pages: createPageReader({ apart }),
    scans: createScanReader({ apart }),
    pictures: createPictureReader({ ffmpegPath: config.FFMPEG, ffprobePath: config.FFPROBE, apart }),
    codes: createCodeReader({ apart }),
    pictureWriter: createPictureWriter(),
    archives,
    tables,
    attendance: createAttendanceReader({ archives, spreadsheets }),
    rosters: createRosterReader({
      archives,
      tables,
      spreadsheets,
      pdfTexts: createPdfTextReader({ apart }),
    }),
    scanner: config.CLAMD_SOCKET === undefined ? null : createScanner(config.CLAMD_SOCKET),
    witness: openWitness(config),
    lookUp:
      config.ACOUSTID_CLIENT === undefined
        ? null
        : createAcoustId({ url: config.ACOUSTID_URL, client: config.ACOUSTID_CLIENT }),
    credentials:
      kind === 'worker'
        ? noCredentials
        : openCredentials({ passwords, baseUrl, authSecret: await loadAuthSecret(config) }),
    signOn: kind === 'worker' ? null : await openSignOn(config, baseUrl),
    limits,
    schoolKeys: createSchoolKeys(config),
    drill: openDrill(config, () => outside),
    wording: { terms: termsTexts },
    clock,
    settings: {
      maxRecordingBytes: config.MAX_RECORDING_BYTES,
      receivingLeaseMs: config.RECEIVING_LEASE_SECONDS * 1000,
      uploadKeepMs: config.UPLOAD_KEEP_HOURS * 60 * 60_000,
      outageMs: config.OUTAGE_SECONDS * 1000,
      sendsMail: config.SMTP_URL !== undefined,
      readsBounces: config.BOUNCE_IMAP_URL !== undefined,
      baseUrl,
      localSignIn: config.LOCAL_SIGN_IN === 'on',
      sessionIdleMs: config.SESSION_IDLE_MINUTES * 60_000,
      sessionMs: config.SESSION_HOURS * 60 * 60_000,
      scrubBytesPerSecond: config.SCRUB_BYTES_PER_SECOND,
      scrubEveryMs: config.SCRUB_EVERY_DAYS * 24 * 60 * 60_000,
      pagesPerHour: config.READ_PAGES_PER_HOUR,
      runnerLeaseMs: config.RUNNER_LEASE_SECONDS * 1000,
      runnerWaitMs: config.RUNNER_WAIT_SECONDS * 1000,
      runnerSpotCheck: config.RUNNER_SPOT_CHECK,
      anomalies: thresholdsOf(config),
      auditorMail: config.AUDIT_MAIL_TO ?? null,
      logLockMs: config.AUDIT_LOCK_DAYS * 24 * 60 * 60_000,
      inForce: settingsInForce(config),
    },
  };
  const schools = await openSchools({ config, log, database, objects, clock, common });
  const outside = schools.first;
  return {
    config,
    log,
    outside,
    media,
    work,
    tracing,
    mailer: createMailer({
      smtpUrl: config.SMTP_URL ?? null,
      from: config.MAIL_FROM,
      needsTls: needsTls(config, 'SMTP_URL'),
    }),
    bounces:
      config.BOUNCE_IMAP_URL === undefined
        ? null
        : createBounceMailbox({ url: config.BOUNCE_IMAP_URL, needsTls: needsTls(config, 'BOUNCE_IMAP_URL') }),
    async ready() {
      const answers = (ask: () => Promise<unknown>) =>
        within(3_000, ask()).then(
          () => true,
          () => false,
        );
      return {
        database: await answers(() => database.client.$queryRaw`SELECT 1`),
        store: await answers(() => objects.head('ready')),
      };
    },
    serveAt(url) {
      address = url;
    },
    async close() {
      limits.close();
      await passwords.close();
      try {
        await schools.close();
      } finally {
        await Promise.all([database.close(), tracing?.close()]);
      }
    },
  };
}

function openCredentials({
  passwords,
  baseUrl,
  authSecret,
}: {
  passwords: PasswordHashing;
  baseUrl: () => string;
  authSecret: string;
}): Credentials {
  return {
    passwords,
    strength: createPasswordStrength(),
    codes: createOneTimeCodes(authSecret),
    passkeys: createPasskeys({ baseUrl, authSecret }),
  };
}

/** @throws Error that names a setting that is missing beside another one. */
async function openSignOn(config: Config, baseUrl: () => string): Promise<SignOn | null> {
  const { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: clientId, OIDC_ROLES: roles } = config;
  if (issuer === undefined) {
    if (config.LOCAL_SIGN_IN === 'off') throw new Error('LOCAL_SIGN_IN=off needs OIDC_ISSUER: nobody could sign in.');
    const alone = ['OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET', 'OIDC_ROLES'] as const;
    const found = alone.find((name) => config[name] !== undefined);
    if (found !== undefined) throw new Error(`${found} needs OIDC_ISSUER.`);
    return null;
  }
  if (clientId === undefined) throw new Error('OIDC_ISSUER needs OIDC_CLIENT_ID.');
  if (roles === undefined) throw new Error('OIDC_ISSUER needs OIDC_ROLES: without it nobody would have a role.');
  return createSignOn({
    issuer,
    clientId,
    clientSecret: config.OIDC_CLIENT_SECRET,
    name: config.OIDC_NAME ?? new URL(issuer).hostname,
    scopes: config.OIDC_SCOPES,
    groupsClaim: config.OIDC_GROUPS_CLAIM,
    mapping: parseRoleMapping(roles).mapping,
    makesAccounts: config.OIDC_MAKE_ACCOUNTS,
    linksByEmail: config.OIDC_LINK_BY_EMAIL,
    trustsSecondFactor: config.OIDC_SECOND_FACTOR === 'provider',
    authSecret: await loadAuthSecret(config),
    callbackUrl: () => `${baseUrl()}/sign-in/callback`,
  });
}

/** For a worker, which signs nobody in. */
const noCredentials = new Proxy({} as Credentials, {
  get(_, name) {
    throw new Error(`a worker signs nobody in: ${String(name)}`);
  },
});

/** By the clock only where there is a place of backups, and somebody said how often. */
function openDrill(config: Config, outside: () => Outside): Outside['drill'] {
  const { BACKUP_TO: from, DRILL_EVERY_DAYS: days } = config;
  if (days === undefined) return null;
  if (from === undefined) throw new Error('DRILL_EVERY_DAYS needs BACKUP_TO.');
  return {
    everyMs: days * 24 * 60 * 60_000,
    async run() {
      const place = await openPlace(config, from, { mayMake: false });
      return runDrill(outside(), {
        school: null,
        place,
        scratch: tmpdir(),
        databaseUrl: config.DRILL_DATABASE_URL,
        tell: () => {},
      });
    },
  };
}

function openWitness({ WITNESS_URL: url, WITNESS_KEY: key }: Config): Witness | null {
  if (url === undefined && key === undefined) return null;
  if (url === undefined || key === undefined) throw new Error('A witness needs both WITNESS_URL and WITNESS_KEY.');
  try {
    return createWitness(url, parseVerifierKey(key));
  } catch (error) {
    if (error instanceof NoteMalformed) throw new Error('WITNESS_KEY is no verifier key.', { cause: error });
    throw error;
  }
}

function thresholdsOf(config: Config): AnomalyThresholds {
  const [from, until] = config.SCHOOL_HOURS.split('-') as [string, string];
  return {
    playbacksPerDay: config.ANOMALY_PLAYBACKS,
    exportsPerDay: config.ANOMALY_EXPORTS,
    denialsPerHour: config.ANOMALY_DENIALS,
    approvalMinutes: config.ANOMALY_APPROVAL_MINUTES,
    linkAddresses: config.ANOMALY_LINK_ADDRESSES,
    outsideHours: config.ANOMALY_OUTSIDE_HOURS,
    schoolHours: { from, until, timeZone: config.SCHOOL_TIME_ZONE },
  };
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
