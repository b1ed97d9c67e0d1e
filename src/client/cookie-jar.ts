/** The cookies of one server. RFC 6265 without domains, paths and times: one server, one short visit. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  /** `cookie`: a `Cookie` header to begin with. */
  constructor(cookie = '') {
    for (const pair of cookie.split('; ')) this.#put(pair);
  }

  /** Applies `Set-Cookie` headers; an empty value or `Max-Age=0` removes the cookie. */
  take(setCookies: readonly string[]): void {
    for (const line of setCookies) this.#put(line.replace(/;.*$/s, ''), /;\s*max-age=0\s*(;|$)/i.test(line));
  }

  /** The `Cookie` header, or undefined if the jar is empty. */
  header(): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  #put(pair: string, isOver = false): void {
    const equals = pair.indexOf('=');
    if (equals < 1) return;
    const [name, value] = [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()];
    if (isOver || value === '') this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}
