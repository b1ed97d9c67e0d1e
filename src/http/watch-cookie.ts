import type { Request } from 'express';

/**
 * Holds the token of a personal link while its recording is watched. An address would stand in the logs of every proxy
 * on the way; a cookie does not, no script reads it, and no other site can make the browser send it. One for each link:
 * two recordings may be open side by side. RFC 6265bis, section 4.1.3.2: the prefix ties it to this very host, over
 * https.
 */
export class WatchCookie {
  readonly #prefix: string;
  readonly #secure: string;

  constructor(isHttps: boolean) {
    this.#prefix = isHttps ? '__Host-emanet-watch-' : 'emanet-watch-';
    this.#secure = isHttps ? '; Secure' : '';
  }

  /** `Set-Cookie` for a token that was found valid. */
  write(linkId: string, token: string): string {
    return `${this.#prefix}${linkId}=${token}; Path=/; Max-Age=${hours * 60 * 60}; HttpOnly; SameSite=Strict${this.#secure}`;
  }

  read(req: Request, linkId: string): string | null {
    const name = `${this.#prefix}${linkId}=`;
    const pair = (req.get('cookie') ?? '').split(/; ?/).find((one) => one.startsWith(name));
    const token = pair?.slice(name.length);
    return token !== undefined && /^[\w-]{20,100}$/.test(token) ? token : null;
  }
}

/**
 * Longer than a school day; then the page asks for a new cookie with the token, which its own address holds after the
 * `#`.
 */
const hours = 12;
