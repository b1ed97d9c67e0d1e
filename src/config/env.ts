import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { parseRoleMapping } from '../domain/role-mapping.ts';

/** One setting: how it is parsed, what it is for, and whether it may ever be shown. */
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
    'Public address of the server. With https, cookies are secure. Default: http://localhost:PORT',
  ),
  TRUST_PROXY: setting(whole(0, 10).default(0), 'Number of trusted reverse proxies in front of the server'),
  MAX_CONNECTIONS: setting(whole(10, 100_000).default(2_000), 'Maximum number of open connections'),
  CONNECTIONS_PER_ADDRESS: setting(
    whole(1, 100_000).default(256),
    'Maximum number of open connections from one address (IPv6: one /64). Ignored behind a proxy',
  ),
  KEEP_ALIVE_SECONDS: setting(
    whole(1, 600).optional(),
    'Seconds a connection stays open without a request; behind a proxy longer than the proxy itself keeps it. Default: 5, or 130 with TRUST_PROXY',
  ),
  DATABASE_URL: secret(
    optional,
    'PostgreSQL, as the role of the process: emanet_web, emanet_worker, or emanet_server, which may do what both do. Without it the embedded one is started',
  ),
  DATABASE_WORKER_URL: secret(
    optional,
    'PostgreSQL, for the worker that a web process starts beside itself. Default: DATABASE_URL',
  ),
  DATABASE_OWNER_URL: secret(optional, 'PostgreSQL as the owner of the tables, for migrations only'),
  ALLOW_PLAINTEXT_TO: setting(
    optional,
    'Comma-separated hosts that may be reached without TLS (database, store, witness, scanner, mail). Loopback never needs TLS',
  ),
  DATABASE_CONNECTIONS: setting(whole(2, 100).default(10), 'Maximum number of database connections of one process'),
  STORE: setting(z.enum(['disk', 's3']).default('disk'), 'Kind of object store'),
  STORE_FOLDER: setting(optional, 'Folder of the disk store. Default: EMANET_HOME/objects'),
  S3_ENDPOINT: setting(z.url().optional(), 'Endpoint of an S3-compatible store. Default: AWS'),
  S3_REGION: setting(z.string().default('us-east-1'), 'Region of the store'),
  S3_BUCKET: setting(
    z.string().default('emanet'),
    'Bucket. It is created if it does not exist and the credentials allow it',
  ),
  S3_ACCESS_KEY_ID: secret(optional, 'Access key of the store'),
  S3_SECRET_ACCESS_KEY: secret(optional, 'Secret key of the store'),
  BACKUP_TO: setting(
    optional,
    'Place of the backups: a folder, or s3://bucket[/prefix]. For `emanet backup`, `restore` and `drill` without --to or --from',
  ),
  BACKUP_S3_ENDPOINT: setting(z.url().optional(), 'Endpoint of the bucket of the backups. Default: S3_ENDPOINT'),
  BACKUP_S3_REGION: setting(optional, 'Region of the bucket of the backups. Default: S3_REGION'),
  BACKUP_S3_ACCESS_KEY_ID: secret(optional, 'Access key of the bucket of the backups. Default: S3_ACCESS_KEY_ID'),
  BACKUP_S3_SECRET_ACCESS_KEY: secret(
    optional,
    'Secret key of the bucket of the backups. Default: S3_SECRET_ACCESS_KEY',
  ),
  DRILL_EVERY_DAYS: setting(
    whole(1, 366).optional(),
    'Interval of drills, which restore the newest backup of BACKUP_TO into a scratch place, in days. Default: none by the clock',
  ),
  DRILL_DATABASE_URL: secret(
    optional,
    'An empty PostgreSQL database for drills, as its owner; each leaves it empty. Default: an embedded one, which is removed again',
  ),
  WAL_ARCHIVE: setting(
    z
      .string()
      .regex(/^\/[\w./-]+$/, 'must be a path from the root, of letters, digits and ./-_')
      .optional(),
    'Folder to which the embedded PostgreSQL copies its write-ahead log, for recovery to a point in time. Default: none',
  ),
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
    'Secret that encrypts the secrets of authenticators, signs challenges of passkeys and seals journeys to the provider. Default: EMANET_HOME/secrets/auth',
  ),
  OIDC_ISSUER: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    'Issuer of the provider of single sign-on (OpenID Connect). https, except on this machine. Default: no single sign-on',
  ),
  OIDC_CLIENT_ID: setting(
    optional,
    'Client id of Emanet at the provider. The redirect URI is BASE_URL/sign-in/callback',
  ),
  OIDC_CLIENT_SECRET: secret(optional, 'Client secret of Emanet at the provider'),
  OIDC_NAME: setting(z.string().max(60).optional(), 'Name of the provider on the button. Default: host of OIDC_ISSUER'),
  OIDC_SCOPES: setting(
    z
      .string()
      .regex(/^openid( [!#-[\]-~]+)*$/, 'must begin with openid; scopes are apart by spaces')
      .default('openid profile email'),
    'Scopes that are asked for. Some providers give groups only for a scope of their own',
  ),
  OIDC_GROUPS_CLAIM: setting(
    z.string().max(200).default('groups'),
    'Claim that holds the groups, by its name or a path with dots',
  ),
  OIDC_ROLES: setting(
    z
      .string()
      .superRefine((text, ctx) => {
        for (const fault of parseRoleMapping(text).faults) ctx.addIssue({ code: 'custom', message: fault });
      })
      .optional(),
    'Roles by group: `GROUP=ROLE[+ROLE][@SCHOOL]`, apart by semicolons or lines. Roles: teacher, reviewer, administrator, auditor. With several schools each entry names the id of one',
  ),
  OIDC_MAKE_ACCOUNTS: setting(
    flag.default(true),
    'Whether whoever has a role by their groups gets an account at the first sign-in',
  ),
  OIDC_LINK_BY_EMAIL: setting(
    flag.default(false),
    'Whether an account that is there already is linked to whom the provider says has that address, verified',
  ),
  OIDC_SECOND_FACTOR: setting(
    z.enum(['emanet', 'provider']).default('emanet'),
    'Who asks for the second factor where the provider does not say that it did. provider: it always does',
  ),
  LOCAL_SIGN_IN: setting(
    z.enum(['on', 'off']).default('on'),
    'off: nobody signs in with a password or passkey of this server but the account for emergencies. Needs OIDC_ISSUER',
  ),
  SESSION_IDLE_MINUTES: setting(whole(5, 24 * 60).default(120), 'Idle timeout of a session, in minutes'),
  SESSION_HOURS: setting(whole(1, 24).default(12), 'Absolute timeout of a session, in hours'),
  MAX_RECORDING_BYTES: setting(
    whole(1, Number.MAX_SAFE_INTEGER).default(20 * 2 ** 30),
    'Maximum size of a recording, in bytes',
  ),
  RECEIVING_LEASE_SECONDS: setting(
    whole(5, 3_600).default(60),
    'Lease of an upload in progress, in seconds. The sweep removes an upload whose lease has expired',
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
    'How long an upload retries while the database is away, in seconds. From 20 on, requests to an S3 store are retried ten times instead of three',
  ),
  WORKER: setting(flag.default(true), 'Whether the web process starts a worker beside itself'),
  WORKER_CONCURRENCY: setting(whole(1, 32).default(2), 'Maximum number of jobs that one process runs at a time'),
  ALIVE_FILE: setting(
    optional,
    'File that a worker of its own touches every ten seconds while the database answers, for a health check',
  ),
  FFMPEG: setting(z.string().default('ffmpeg'), 'Path of ffmpeg'),
  FFPROBE: setting(z.string().default('ffprobe'), 'Path of ffprobe'),
  MEDIA_SOCKET: setting(
    optional,
    'Unix socket of the process that runs ffmpeg, PDFium and Tesseract (src/processes/media.ts). Default: this process runs them',
  ),
  SMTP_URL: secret(z.url().optional(), 'Mail server, smtp://user:password@host:port. Without it no mail is sent'),
  MAIL_FROM: setting(z.string().default('emanet@localhost'), 'Sender address of mails'),
  BOUNCE_IMAP_URL: secret(
    z.url({ protocol: /^imaps?$/ }).optional(),
    'Mailbox that mails come back to, that of MAIL_FROM: imaps://user:password@host:port/folder. Default: none is read',
  ),
  CLAMD_SOCKET: setting(
    optional,
    'Socket of clamd, a path or tcp://host:port. Default: signed documents are not scanned',
  ),
  ACOUSTID_CLIENT: secret(
    optional,
    'Key of an application at acoustid.org. With it, a reviewer may ask there whose music a segment is; a print of it is sent. Default: nothing is asked',
  ),
  ACOUSTID_URL: setting(z.url().default('https://api.acoustid.org'), 'Base URL of AcoustID, without /v2/lookup'),
  SCRUB_BYTES_PER_SECOND: setting(
    whole(1, Number.MAX_SAFE_INTEGER).default(20 * 2 ** 20),
    'Maximum read rate of the scrub, in bytes per second',
  ),
  READ_PAGES_PER_HOUR: setting(
    whole(1, 1_800).default(120),
    'Maximum number of pages read for notices per hour of recording. A page takes about a second',
  ),
  RUNNER_LEASE_SECONDS: setting(
    whole(1, 3_600).default(60),
    'How long a runner keeps a job without a sign of life, in seconds. Then another one gets it',
  ),
  RUNNER_WAIT_SECONDS: setting(
    whole(0, 86_400).default(1_800),
    'How long a check waits for a runner, in seconds; then the worker does it. 0: runners get none',
  ),
  RUNNER_SPOT_CHECK: setting(
    whole(0, 1_000_000).default(20),
    'One in so many results of runners, chosen by chance, is measured again by the worker and compared. 0: none',
  ),
  SCRUB_EVERY_DAYS: setting(
    whole(1, 3_650).default(30),
    'Interval at which every sealed object is read and verified, in days',
  ),
  AUDIT_LOG_KEY: secret(
    optional,
    'Signing key of the log, PRIVATE+KEY+name+hash+key. The name never changes. Default: EMANET_HOME/secrets/log-key',
  ),
  AUDIT_MAIL_TO: setting(
    z.email().optional(),
    'Address that receives the signed daily digest of the log. Needs SMTP_URL',
  ),
  AUDIT_LOCK_DAYS: setting(
    whole(1, 36_500).default(3_650),
    'How long files of the mirror of the log are locked, in days. Needs a bucket with object lock',
  ),
  WITNESS_URL: setting(
    z.url().optional(),
    'Base URL of a witness of the log (C2SP tlog-witness), without /add-checkpoint',
  ),
  WITNESS_KEY: setting(optional, 'Verifier key of the witness, name+hash+key'),
  AUDIT_ADDRESS_DAYS: setting(whole(1, 3_650).default(180), 'Retention of network addresses on the log, in days'),
  SCHOOL_TIME_ZONE: setting(
    z
      .string()
      .refine((zone) => Intl.supportedValuesOf('timeZone').includes(zone) || zone === 'UTC', 'is not a time zone')
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
    'Threshold: recordings that one member of staff opens outside school hours in a day',
  ),
  ANOMALY_PLAYBACKS: setting(
    whole(1, 1_000_000).default(15),
    'Threshold: different recordings that one person watches in a day',
  ),
  ANOMALY_EXPORTS: setting(whole(1, 1_000_000).default(5), 'Threshold: exports by one person in a day'),
  ANOMALY_DENIALS: setting(
    whole(1, 1_000_000).default(10),
    'Threshold: refusals and failed sign-ins of one person in an hour',
  ),
  ANOMALY_APPROVAL_MINUTES: setting(
    whole(1, 1_000_000).default(10),
    'Threshold: minutes between sealing and approval below which an approval stands out',
  ),
  ANOMALY_LINK_ADDRESSES: setting(
    whole(2, 1_000_000).default(5),
    'Threshold: network addresses from which one personal link is used',
  ),
  METRICS_TOKEN: secret(z.string().min(16).optional(), 'Bearer token for /metrics; without it there are none'),
  METRICS_PORT: setting(
    whole(0, 65_535).optional(),
    'Port on which a worker serves /metrics of its own; 0 takes a free one. Needs METRICS_TOKEN. Default: none',
  ),
  METRICS_HOST: setting(z.string().default('127.0.0.1'), 'Address on which a worker serves /metrics'),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    z.url({ protocol: /^https?$/ }).optional(),
    'Base URL of a receiver of traces (OpenTelemetry, OTLP over HTTP), without /v1/traces. Default: nothing is traced',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: secret(
    z
      .string()
      .regex(
        /^[\w-]+=([^,%]|%[0-7][\da-f])+(,[\w-]+=([^,%]|%[0-7][\da-f])+)*$/i,
        'must be name=value, apart by commas, percent-encoded',
      )
      .optional(),
    'Headers for the receiver of traces, name=value, apart by commas; values are percent-encoded',
  ),
  TRACES_RATIO: setting(
    z.coerce.number().min(0).max(1).default(1),
    'Share of requests and jobs that are traced, 0 to 1',
  ),
  TRACES_TRUST_PARENT: setting(
    flag.default(false),
    'Whether a trace goes on from the header traceparent of a request: only behind a proxy that sets or removes it itself',
  ),
  LOG_LEVEL: setting(
    z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'silent']).default('info'),
    'Minimum log level',
  ),
  LOG_FILE: setting(optional, 'Log file. Default: standard output'),
  DRAIN_SECONDS: setting(whole(0, 3_600).default(30), 'Grace period for running requests on SIGTERM, in seconds'),
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

/**
 * The first hex digits of the SHA-256 of each setting that differs from its default: they tell that a setting changed,
 * not what it is.
 */
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

/** Every setting for an administrator to look at: of a secret nothing but whether it is set. */
export function settingsInForce(config: Config) {
  const defaults = loadConfig({});
  return Object.entries(settings).map(([name, { about, ...rest }]) => {
    const isSecret = 'secret' in rest;
    const value = config[name as keyof Config];
    return {
      name,
      about,
      isSecret,
      isSet: value !== defaults[name as keyof Config],
      value: isSecret || value === undefined ? null : withoutCredentials(String(value)),
    };
  });
}

/** An address without the name and password that may stand in it. */
const withoutCredentials = (value: string) => value.replaceAll(/(?<=^[a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/gi, '');

/** The table for people, in Markdown. */
export function settingsTable(): string {
  const rows = Object.entries(settings).map(([name, { schema, about, ...rest }]) => {
    const parsed = schema.safeParse(undefined);
    const fallback = parsed.success && parsed.data !== undefined ? `\`${String(parsed.data)}\`` : '';
    return `| \`${name}\` | ${fallback} | ${about}${'secret' in rest ? ' (secret)' : ''} |`;
  });
  return ['| name | default | what it is for |', '|---|---|---|', ...rows].join('\n');
}
