import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { Refusal } from '../domain/errors.ts';
import { type Language, languageTags } from '../domain/language.ts';
import { escapeHtml } from '../language/escape-html.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { hasSessionCookie } from './presented.ts';

/** Where `scripts/build-web.ts` puts what browsers load. */
const built = join(import.meta.dirname, '../../dist/web');

/** What the page of signing in has to know before anybody is. */
type Entry = Pick<Outside, 'signOn' | 'settings'>;

/**
 * Serves the pages for browsers. Files with a hash in their name never change and are kept for a year; the page itself
 * is made for each answer, and kept by nobody: it names what its reader needs.
 */
export function webPages(app: Express, entry: Entry): void {
  app.use('/assets', compressedAssets, assets);
  app.get('/', (req, res) => sendApp(req, res, 'staff', entry));
  app.get('/watch', (req, res) => sendApp(req, res, 'watch', entry));
}

const assets = express.static(join(built, 'assets'), {
  index: false,
  immutable: true,
  maxAge: '365d',
  cacheControl: true,
  setHeaders: (res, path) => {
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    res.vary('Accept-Encoding');
    const [, type, ending] = /\.(\w+)\.(br|gz)$/.exec(path) ?? [];
    if (type === undefined || ending === undefined) return;
    res.setHeader('Content-Encoding', endings[ending as keyof typeof endings]);
    res.type(type);
  },
});
/** The compressed copies that `scripts/build-web.ts` puts beside each text. RFC 9110, 8.4.1; RFC 7932. */
const endings = { br: 'br', gz: 'gzip' } as const;

/** Gives the smallest copy of a file that the browser takes; without one, the file itself follows. */
const compressedAssets: RequestHandler = (req, res, next) => {
  const { url } = req;
  // Browsers name the older form first, and like both as much.
  const ending = (['br', 'gz'] as const).find((one) => req.acceptsEncodings(endings[one]) !== false);
  if (ending === undefined || !/^[/\w.-]+\.(js|css|svg)$/.test(url)) return next();
  req.url = `${url}.${ending}`;
  assets(req, res, (error) => {
    req.url = url;
    next(error);
  });
};

/**
 * The page of the staff for every other address that a browser opens: the application draws the page that the address
 * names, or says that there is none. What belongs to the API is none of its business.
 */
export function staffPages(app: Express, entry: Entry): void {
  app.get(/^\/(?!api\/|media\/|assets\/)[a-z/0-9-]*$/i, (req, res, next) =>
    req.accepts(['json', 'html']) === 'html' ? sendApp(req, res, 'staff', entry) : next(),
  );
}

/** Sends the page of an application, with the names of the words that its reader needs. */
async function sendApp(
  req: Request,
  res: Response,
  name: keyof typeof wordsOf,
  { signOn, settings }: Entry,
): Promise<void> {
  const page = await readBuilt(name);
  res.setHeader('Cache-Control', 'no-store');
  res.vary('Accept-Language');
  const language = languageTags.find((tag) => tag === req.acceptsLanguages([...languageTags])) ?? languageTags[0];
  const isSignedIn = name === 'staff' && hasSessionCookie(req);
  const isFirst = req.path === '/';
  const wanted = [
    wordsOf[name](language),
    ...(isSignedIn ? [application] : []),
    ...(isSignedIn && !isFirst ? [`words/all-${language}.ts`] : []),
  ];
  const links = await linksTo(wanted);
  if (name === 'staff' && signOn !== null)
    links.push(`<meta name="emanet-provider" content="${escapeHtml(signOn.name)}">`);
  if (name === 'staff' && !settings.localSignIn) links.push('<meta name="emanet-local-sign-in" content="off">');
  // A page cannot see the cookie: it asks who is signed in only if it is told that there is one. What its script asks
  // first is under way before the script is there.
  if (isSignedIn)
    links.push(
      '<meta name="emanet-session">',
      ...['/api/session', ...(isFirst ? ['/api/home'] : [])].map(linkToAnswer),
    );
  res.type('html').send(page.replace('</head>', `${links.join('')}</head>`));
}

/** What `plain.html` says in its places, as HTML. */
export interface PlainPage {
  readonly language: Language;
  readonly title: string;
  readonly body: string;
}

/** Sends a page that the server draws, its places filled in one pass: what is put into one is never taken for another. */
export async function sendPlain(res: Response, page: PlainPage): Promise<void> {
  const places: Readonly<Record<string, string>> = { ...page };
  const whole = await readBuilt('plain');
  res.type('html').send(whole.replace(/\{([a-z]+)\}/g, (place, name: string) => places[name] ?? place));
}

/** @throws Refusal `NOT_FOUND` while the pages are not built: `scripts/install` builds them. */
function readBuilt(name: string): Promise<string> {
  return readFile(join(built, `${name}.html`), 'utf8').catch((cause) => {
    throw new Refusal('NOT_FOUND', { cause });
  });
}

/** What somebody who is signed in loads, by its name in Vite's manifest. */
const application = 'shell/app.tsx';
/** The words of each page, likewise. */
const wordsOf = {
  staff: (language: Language) => `words/${language}.ts`,
  watch: (language: Language) => `../language/player/${language}.ts`,
} as const;

/** A link to an answer, in the way in which `src/web/api/ask.ts` asks for it. */
const linkToAnswer = (path: string): string => `<link rel="preload" as="fetch" href="${path}" crossorigin>`;

/** Links to files and all that they import: a page that names them saves the journeys after which scripts would ask for them. */
async function linksTo(names: readonly string[]): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(built, 'manifest.json'), 'utf8')) as Manifest;
  const links = (name: string): string[] => {
    const { file, css = [], imports = [] } = manifest[name] ?? {};
    if (file === undefined) return [];
    const styles = css.map((one) => `<link rel="stylesheet" href="/${one}">`);
    return [...styles, `<link rel="modulepreload" href="/${file}">`, ...imports.flatMap(links)];
  };
  return [...new Set(names.flatMap(links))];
}
type Manifest = Readonly<
  Record<string, { readonly file: string; readonly css?: readonly string[]; readonly imports?: readonly string[] }>
>;
