import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One line of the configuration: how it is parsed, what it is for, and whether it may ever be shown. */
interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  readonly about: string;
  readonly secret?: true;
}

const setting = <S extends z.ZodType>(schema: S, about: string): Setting<S> => ({ schema, about });
const secret = <S extends z.ZodType>(schema: S, about: string): Setting<S> => ({ schema, about, secret: true });
const optional = z.string().min(1).optional();
const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);

/**
 * Everything that can be set, in one table; `docs/operations.md` is made from it. Each may also be given as `NAME_FILE`, the
 * path of a file that holds the value.
 */
export const settings = {
  EMANET_HOME: setting(
    z.string().default('.emanet'),
    'Folder for the embedded database, object store, keys and secrets (mode 0700)',
  ),
  HOST: setting(z.string().default('127.0.0.1'), 'Address to listen on'),
  PORT: setting(whole(0, 65_535).default(8300), 'Port to listen on; 0 takes a free one'),
  BASE_URL: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    'How browsers reach the server; https makes cookies secure. Default: http://localhost:PORT',
  ),
  TRUST_PROXY: setting(whole(0, 10).default(0), 'How many reverse proxies stand in front, for the address on the log'),
  MAX_CONNECTIONS: setting(whole(10, 100_000).default(2_000), 'Connections that are served at a time'),
  CONNECTIONS_PER_ADDRESS: setting(
    whole(1, 100_000).default(256),
    'Connections of one network address (of IPv6: one network of 64 bits) at a time; not asked for behind a proxy',
  ),
  DATABASE_URL: secret(optional, 'PostgreSQL, as the role emanet_server. Without it the embedded one is started'),
  DATABASE_OWNER_URL: secret(optional, 'PostgreSQL as the owner of the tables, for migrations only'),
  ALLOW_PLAINTEXT_TO: setting(
    optional,
    'Host names, with commas, that database, store, witness, scanner and mail may be talked to in the clear; otherwise TLS is asked for unless they are this machine',
  ),
  DATABASE_CONNECTIONS: setting(whole(2, 100).default(10), 'Connections of one process to the database'),
  STORE: setting(z.enum(['disk', 's3']).default('disk'), 'Where sealed objects live'),
  STORE_FOLDER: setting(optional, 'Folder of the disk store. Default: EMANET_HOME/objects'),
  S3_ENDPOINT: setting(z.url().optional(), 'Endpoint of an S3-compatible store; without it AWS itself'),
  S3_REGION: setting(z.string().default('us-east-1'), 'Region of the store'),
  S3_BUCKET: setting(z.string().default('emanet'), 'Bucket; created when missing and allowed'),
  S3_ACCESS_KEY_ID: secret(optional, 'Access key of the store'),
  S3_SECRET_ACCESS_KEY: secret(optional, 'Secret key of the store'),
  VAULT_PRIVATE_KEY: secret(optional, 'Armored private key of the vault. Default: EMANET_HOME/keys/vault.private.asc'),
  VAULT_KEY_PASSPHRASE: secret(
    optional,
    'Passphrase of the private key. Default: EMANET_HOME/secrets/vault-passphrase',
  ),
  RECOVERY_PUBLIC_KEY: setting(
    optional,
    'Armored public key for recovery. Default: EMANET_HOME/keys/recovery.public.asc',
  ),
  EPOCH_KEYS: secret(
    optional,
    'Keys of the second lock, lines of epoch:base64url, the highest locks. Default: EMANET_HOME/secrets/epoch',
  ),
  AUTH_SECRET: secret(
    z.string().min(32).optional(),
    'Secret that encrypts the secrets of authenticators and signs challenges of passkeys. Default: EMANET_HOME/secrets/auth',
  ),
  SESSION_IDLE_MINUTES: setting(whole(5, 24 * 60).default(120), 'A session that nobody uses for so long ends'),
  SESSION_HOURS: setting(whole(1, 24).default(12), 'A session ends after so long, used or not'),
  MAX_RECORDING_BYTES: setting(whole(1, Number.MAX_SAFE_INTEGER).default(20 * 2 ** 30), 'Largest recording accepted'),
  RECEIVING_LEASE_SECONDS: setting(
    whole(5, 3_600).default(60),
    'An upload whose process is silent for so long is swept away',
  ),
  UPLOAD_KEEP_HOURS: setting(
    z.coerce
      .number()
      .positive()
      .max(24 * 365)
      .default(72),
    'A resumable upload on which nothing arrives for so long is swept away',
  ),
  OUTAGE_SECONDS: setting(
    whole(0, 600).default(30),
    'Seconds that an upload waits for a database that is away; 20 or more also tries an S3 store ten times instead of three',
  ),
  WORKER: setting(flag.default(true), 'Whether the web process also works the job queue'),
  WORKER_CONCURRENCY: setting(whole(1, 32).default(2), 'Jobs at a time in one process'),
  FFMPEG: setting(z.string().default('ffmpeg'), 'The ffmpeg to run'),
  FFPROBE: setting(z.string().default('ffprobe'), 'The ffprobe to run'),
  MEDIA_SOCKET: setting(
    optional,
    'Unix socket of the process that runs ffmpeg, pdfium and tesseract (src/processes/media.ts); without it this process runs them',
  ),
  SMTP_URL: secret(z.url().optional(), 'Mail server, smtp://user:password@host:port. Without it no mail is sent'),
  MAIL_FROM: setting(z.string().default('emanet@localhost'), 'Sender of mail'),
  CLAMD_SOCKET: setting(
    optional,
    'Socket of ClamAV’s daemon, a path or tcp://host:port. Signed documents are scanned; without it they are not',
  ),
  SCRUB_BYTES_PER_SECOND: setting(
    whole(1, Number.MAX_SAFE_INTEGER).default(20 * 2 ** 20),
    'How fast the scrub reads from the store, at most',
  ),
  READ_PAGES_PER_HOUR: setting(
    whole(1, 1_800).default(120),
    'Pages of an hour of a recording that are read for notices, at most; a page takes about a second',
  ),
  SCRUB_EVERY_DAYS: setting(whole(1, 3_650).default(30), 'Every sealed object is read and verified so often'),
  AUDIT_LOG_KEY: secret(
    optional,
    'Key that signs the log, PRIVATE+KEY+name+hash+key; the name is the log’s for ever. Default: EMANET_HOME/secrets/log-key',
  ),
  AUDIT_MAIL_TO: setting(
    z.email().optional(),
    'Address of the auditor, who gets the signed digest of the log every day (needs SMTP_URL)',
  ),
  AUDIT_LOCK_DAYS: setting(
    whole(1, 36_500).default(3_650),
    'Days that the mirror of the log is locked, in a bucket with object lock',
  ),
  WITNESS_URL: setting(
    z.url().optional(),
    'A witness of the log (C2SP tlog-witness), the address before /add-checkpoint',
  ),
  WITNESS_KEY: setting(optional, 'Verifier key of the witness, name+hash+key'),
  AUDIT_ADDRESS_DAYS: setting(whole(1, 3_650).default(180), 'Days that network addresses of the log are kept'),
  SCHOOL_TIME_ZONE: setting(
    z
      .string()
      .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'is no time zone')
      .default('Europe/Istanbul'),
    'Time zone of the school, for what stands out on the log',
  ),
  SCHOOL_HOURS: setting(
    z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM-HH:MM')
      .default('07:00-19:00'),
    'School hours on weekdays; what staff do with recordings outside of them stands out',
  ),
  ANOMALY_OUTSIDE_HOURS: setting(
    whole(1, 1_000_000).default(1),
    'Recordings in a day that a member of staff reaches outside school hours, for it to stand out',
  ),
  ANOMALY_PLAYBACKS: setting(
    whole(1, 1_000_000).default(15),
    'Different recordings that one person watches in a day, for it to stand out',
  ),
  ANOMALY_EXPORTS: setting(whole(1, 1_000_000).default(5), 'Exports by one person in a day, for it to stand out'),
  ANOMALY_DENIALS: setting(
    whole(1, 1_000_000).default(10),
    'Refusals and failed sign-ins of one person in an hour, for it to stand out',
  ),
  ANOMALY_APPROVAL_MINUTES: setting(
    whole(1, 1_000_000).default(10),
    'An approval sooner than so many minutes after the recording was sealed stands out',
  ),
  ANOMALY_LINK_ADDRESSES: setting(
    whole(2, 1_000_000).default(5),
    'Network addresses from which one personal link is used, for it to stand out',
  ),
  METRICS_TOKEN: secret(z.string().min(16).optional(), 'Bearer token for /metrics; without it there are none'),
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    'Least level of log lines',
  ),
  LOG_FILE: setting(optional, 'File for log lines. Default: standard output'),
  DRAIN_SECONDS: setting(whole(0, 3_600).default(30), 'How long running requests may take to finish on SIGTERM'),
} as const satisfies Record<string, Setting>;

export type Config = { readonly [Name in keyof typeof settings]: z.output<(typeof settings)[Name]['schema']> };

/**
 * Reads the configuration. Unset and empty are the same.
 * @throws Error that names every setting that is wrong, never its value.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const config: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, { schema }] of Object.entries(settings)) {
    const file = env[`${name}_FILE`];
    const raw = env[name] || (file ? readFileSync(file, 'utf8').trim() : undefined) || undefined;
    const result = schema.safeParse(raw);
    if (result.success) config[name] = result.data;
    else faults.push(`${name}: ${result.error.issues.map((issue) => issue.message).join(', ')}`);
  }
  if (faults.length > 0) throw new Error(`The configuration is not right:\n  ${faults.join('\n  ')}`);
  return config as Config;
}

/** The beginning of SHA-256 over each setting that is not as by default, in hex: tells that one changed, not what it is. */
export function digestSettings(config: Config): Record<string, string> {
  const defaults = loadConfig({});
  const changed = Object.entries(settings).filter(
    ([name, setting]) => !('secret' in setting) && config[name as keyof Config] !== defaults[name as keyof Config],
  );
  return Object.fromEntries(
    changed.map(([name]) => [
      name,
      createHash('sha256')
        .update(`${name}=${config[name as keyof Config]}`)
        .digest('hex')
        .slice(0, 16),
    ]),
  );
}

/** The table for people, in Markdown. */
export function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, { schema, about, ...rest }]) => {
    const parsed = schema.safeParse(undefined);
    const fallback = parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : '';
    return `| \`${name}\` | ${fallback} | ${about}${'secret' in rest ? ' (secret)' : ''} |`;
  });
  return ['| name | default | what it is for |', '|---|---|---|', ...rows].join('\n');
}
