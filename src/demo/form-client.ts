/** A browser without script: fetches pages, fills in their forms and sends them. */
export class FormClient {
  readonly #base: string;
  readonly #headers: Record<string, string>;
  status = 0;
  path = '';
  page = '';

  constructor(base: string, language = 'en') {
    this.#base = base;
    this.#headers = { 'accept-language': language };
  }

  async get(path: string): Promise<this> {
    return this.#take(await fetch(this.#base + path, { headers: this.#headers, redirect: 'manual' }), path);
  }

  /** Presses a button of the form that has it, with what is filled in beside what the form holds itself. */
  async press(name: string, value: string, filled: Record<string, string> = {}): Promise<this> {
    const main = /<main>[\s\S]*<\/main>/.exec(this.page)?.[0] ?? this.page;
    const form = [...main.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].find(
      ([, , inner = '']) => name === '' || inner.includes(`name="${name}" value="${value}"`),
    );
    if (!form) throw new Error(`no button ${name}=${value} on ${this.path}: ${this.text}`);
    const [, head = '', inner = ''] = form;
    const body = new URLSearchParams();
    for (const [input = ''] of inner.matchAll(/<input\b[^>]*>/g)) {
      const of = (attribute: string) => new RegExp(`\\b${attribute}="([^"]*)"`).exec(input)?.[1];
      const key = of('name');
      const isOff = /type="(radio|checkbox)"/.test(input) && !/\bchecked\b/.test(input);
      if (key !== undefined && !isOff) body.append(key, plain(of('value') ?? ''));
    }
    for (const [key, text] of Object.entries(filled)) body.set(key, text);
    if (name !== '') body.set(name, value);
    return this.post(/action="([^"]*)"/.exec(head)?.[1] ?? this.path, body);
  }

  async post(path: string, body: URLSearchParams): Promise<this> {
    const response = await fetch(this.#base + path, {
      method: 'POST',
      headers: this.#headers,
      body,
      redirect: 'manual',
    });
    if (response.status !== 303) return this.#take(response, path);
    const cookie = response.headers.get('set-cookie');
    if (cookie) this.#headers.cookie = cookie.split(';')[0] ?? '';
    await response.arrayBuffer();
    return this.get(response.headers.get('location') ?? '');
  }

  /** What a reader sees. */
  get text(): string {
    return plain(this.page.replaceAll(/<(script|style)[\s\S]*?<\/\1>|<[^>]+>/g, ' ')).replaceAll(/\s+/g, ' ');
  }

  /** Addresses of the links and forms of the page that match. */
  links(matching: RegExp): string[] {
    return [...this.page.matchAll(/(?:href|action)="([^"]+)"/g)]
      .map(([, to = '']) => to)
      .filter((to) => matching.test(to));
  }

  async #take(response: Response, path: string): Promise<this> {
    this.status = response.status;
    this.path = path;
    this.page = await response.text();
    return this;
  }
}

const plain = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
