import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express, { type Express, type Response } from 'express';
import { Refusal } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';

/** Where `scripts/build-web.ts` puts what browsers load. */
const built = join(import.meta.dirname, '../../dist/web');

/**
 * Serves the pages for browsers. Files with a hash in their name never change and are kept for a year; the page itself
 * is made for each answer with a nonce of its own and is kept by nobody (W3C CSP 3, 8.1).
 */
export function webPages(app: Express): void {
  app.use(
    '/assets',
    express.static(join(built, 'assets'), {
      index: false,
      immutable: true,
      maxAge: '365d',
      cacheControl: true,
      setHeaders: (res) => res.setHeader('Cache-Control', 'public, max-age=31536000, immutable'),
    }),
  );
  app.get('/', (_req, res) => sendApp(res, 'staff'));
  app.get('/watch', (_req, res) => sendApp(res, 'watch'));
}

/**
 * The page of the staff for every other address that a browser opens: the application draws the page that the address
 * names, or says that there is none. What belongs to the API is none of its business.
 */
export function staffPages(app: Express): void {
  app.get(/^\/(?!api\/|media\/|assets\/)[a-z/0-9-]*$/i, (req, res, next) =>
    req.accepts(['json', 'html']) === 'html' ? sendApp(res, 'staff') : next(),
  );
}

/** Sends the page of an application, with a nonce of its own. */
async function sendApp(res: Response, name: 'staff' | 'watch'): Promise<void> {
  const page = await readBuilt(name);
  const nonce = randomBytes(16).toString('base64url');
  const policy = res.getHeader('Content-Security-Policy');
  if (typeof policy !== 'string') throw new Error('a page without a content security policy');
  // Only styles need it: React Aria adds one to the page. Scripts come from this host alone.
  res.setHeader('Content-Security-Policy', policy.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`));
  res.setHeader('Cache-Control', 'no-store');
  send(res, page, { nonce });
}

/** What `plain.html` says in its places, as HTML. */
export interface PlainPage {
  readonly language: Language;
  readonly title: string;
  readonly body: string;
}

/** Sends a page that the server draws. It needs no nonce, so what is the same is the same to the last byte. */
export async function sendPlain(res: Response, page: PlainPage): Promise<void> {
  send(res, await readBuilt('plain'), { ...page, nonce: '' });
}

/** Fills the places of a page in one pass: what is put into one is never taken for another. */
function send(res: Response, page: string, places: Readonly<Record<string, string>>): void {
  res.type('html').send(page.replace(/\{([a-z]+)\}/g, (whole, place: string) => places[place] ?? whole));
}

/** @throws Refusal `NOT_FOUND` while the pages are not built: `scripts/install` builds them. */
function readBuilt(name: string): Promise<string> {
  return readFile(join(built, `${name}.html`), 'utf8').catch((cause) => {
    throw new Refusal('NOT_FOUND', { cause });
  });
}
