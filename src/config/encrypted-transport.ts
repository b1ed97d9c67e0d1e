import type { Config } from './env.ts';

/** A service reached over a network, and whether the connection is encrypted and the service proven. */
interface Peer {
  readonly setting: string;
  readonly host: string;
  readonly isEncrypted: boolean;
  /** What to set instead. */
  readonly wanted: string;
}

/**
 * Refuses to start while passwords, children's data or sealed media would go over a network in the clear. On this
 * machine (loopback, a socket) nothing goes over a network. ALLOW_PLAINTEXT_TO names every other host that may be
 * reached in the clear. SMTP and IMAP are not checked here: a server that offers no TLS is found out when it is
 * talked to, and gets neither mail nor password (`needsTls`).
 * @throws Error that names each setting, never its value.
 */
export function assertEncryptedTransport(config: Config): void {
  const faults = peersOf(config)
    .filter(({ host, isEncrypted }) => !isEncrypted && !isLocal(host) && !allowed(config).includes(host))
    .map(({ setting, host, wanted }) => `${setting} goes to ${host} in the clear: ${wanted}`);
  if (faults.length === 0) return;
  throw new Error(
    `${faults.join('\n')}\nOr name the hosts that may be talked to in the clear in ALLOW_PLAINTEXT_TO, if nobody else can listen there.`,
  );
}

/** Whether a mail server may only be talked to once it has proven who it is. */
export function needsTls(config: Config, setting: 'SMTP_URL' | 'BOUNCE_IMAP_URL'): boolean {
  const url = config[setting];
  if (url === undefined) return false;
  const { hostname } = new URL(url);
  return !isLocal(hostname) && !allowed(config).includes(hostname);
}

function peersOf(config: Config): Peer[] {
  const peers: Peer[] = [];
  for (const setting of ['DATABASE_URL', 'DATABASE_WORKER_URL', 'DATABASE_OWNER_URL', 'DRILL_DATABASE_URL'] as const) {
    const url = parseUrl(config[setting]);
    if (!url) continue;
    peers.push({
      setting,
      // libpq: `host` in the query stands above the one in front, and a path is a socket.
      host: url.searchParams.get('host') ?? url.hostname,
      isEncrypted: url.searchParams.get('sslmode') === 'verify-full',
      wanted: 'add sslmode=verify-full, and sslrootcert=FILE for a certificate authority of your own',
    });
  }
  const { S3_ENDPOINT, BACKUP_S3_ENDPOINT, WITNESS_URL, OIDC_ISSUER, CLAMD_SOCKET, OTEL_EXPORTER_OTLP_ENDPOINT } =
    config;
  const ACOUSTID_URL = config.ACOUSTID_CLIENT === undefined ? undefined : config.ACOUSTID_URL;
  const always = { BACKUP_S3_ENDPOINT, WITNESS_URL, OIDC_ISSUER, ACOUSTID_URL, OTEL_EXPORTER_OTLP_ENDPOINT };
  for (const [setting, value] of Object.entries(config.STORE === 's3' ? { S3_ENDPOINT, ...always } : always)) {
    const url = parseUrl(value);
    if (url) peers.push({ setting, host: url.hostname, isEncrypted: url.protocol === 'https:', wanted: 'use https' });
  }
  if (CLAMD_SOCKET?.startsWith('tcp://'))
    peers.push({
      setting: 'CLAMD_SOCKET',
      host: new URL(CLAMD_SOCKET).hostname,
      isEncrypted: false,
      wanted: 'use a socket on this machine',
    });
  return peers;
}

function parseUrl(text: string | undefined): URL | null {
  return text !== undefined && URL.canParse(text) ? new URL(text) : null;
}

const allowed = ({ ALLOW_PLAINTEXT_TO }: Config): string[] =>
  (ALLOW_PLAINTEXT_TO ?? '')
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');

function isLocal(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, '');
  return (
    name === '' || name.startsWith('/') || name === 'localhost' || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name)
  );
}
