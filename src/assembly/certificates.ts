import { isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'node:tls';
import type { Config } from '../config/env.ts';

/** @throws when nobody answers there, or with a certificate that a browser would not take. */
export function certificateEnds({ hostname, port }: URL): Promise<Date> {
  return new Promise((resolve, reject) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const name = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ host, port: Number(port || 443), ...name, timeout: 10_000 }, () => {
      resolve(new Date(socket.getPeerCertificate().valid_to));
      socket.destroy();
    });
    socket.once('timeout', () => socket.destroy(new Error('no answer in ten seconds')));
    socket.once('error', reject);
  });
}

/** Whose certificate it is. */
export type CertificateOf = 'address' | 'store' | 'provider';

/** The places with a certificate that these settings name. */
export function certificatesOf({ BASE_URL, STORE, S3_ENDPOINT, OIDC_ISSUER }: Config) {
  const places: readonly (readonly [CertificateOf, string | undefined])[] = [
    ['address', BASE_URL],
    ['store', STORE === 's3' ? S3_ENDPOINT : undefined],
    ['provider', OIDC_ISSUER],
  ];
  return new Map(places.flatMap(([of, url]) => (url?.startsWith('https:') ? [[of, new URL(url)] as const] : [])));
}

const hourMs = 60 * 60_000;
const againMs = 60_000;
/** Whoever reads the metrics waits no longer. */
const mostWaitMs = 3_000;

/** When certificates end. Each place is asked once an hour, and again after a minute when it gave none. */
export class CertificateDates {
  readonly #places: ReadonlyMap<CertificateOf, URL>;
  readonly #clock: () => Date;
  readonly #known = new Map<CertificateOf, { readonly endsAt: Date | null; readonly until: number }>();
  readonly #asking = new Map<CertificateOf, Promise<void>>();

  constructor(places: ReadonlyMap<CertificateOf, URL>, clock: () => Date) {
    this.#places = places;
    this.#clock = clock;
  }

  /** `endsAt` null: none that a browser would take. What has not been told yet is left out. */
  async read(): Promise<{ readonly of: CertificateOf; readonly endsAt: Date | null }[]> {
    const asked = [...this.#places].map(([of, url]) => this.#ask(of, url));
    await Promise.race([Promise.all(asked), delay(mostWaitMs, undefined, { ref: false })]);
    return [...this.#known].map(([of, { endsAt }]) => ({ of, endsAt }));
  }

  #ask(of: CertificateOf, url: URL): Promise<void> {
    const known = this.#known.get(of);
    if (known && this.#clock().getTime() < known.until) return Promise.resolve();
    const asking =
      this.#asking.get(of) ??
      certificateEnds(url)
        .catch(() => null)
        .then((endsAt) => {
          const until = this.#clock().getTime() + (endsAt === null ? againMs : hourMs);
          this.#known.set(of, { endsAt, until });
          this.#asking.delete(of);
        });
    this.#asking.set(of, asking);
    return asking;
  }
}
