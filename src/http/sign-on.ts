import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { Refusal, type RefusalCode } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import type { Reason } from '../domain/reason.ts';
import { textsIn } from '../language/catalogue.ts';
import { reasonText } from '../language/reason-text.ts';
import { watchCommits } from '../pipeline/ports/commit-watch.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { beginSignOn, ownPath } from '../pipeline/staff/begin-sign-on.ts';
import { findSignedIn } from '../pipeline/staff/find-signed-in.ts';
import { type Arrived, finishSignOn } from '../pipeline/staff/finish-sign-on.ts';
import { signOutAtProvider } from '../pipeline/staff/sign-out-at-provider.ts';
import { parse } from './parse.ts';
import { presentedBy, setSessionCookie } from './presented.ts';
import { statusOf } from './problem.ts';
import { html } from './signer/html.ts';
import { layout, type Page } from './signer/layout.ts';
import { sendPlain } from './web-pages.ts';

const mostTokenBytes = 16 * 1024;

/** Where a program on the computer of the browser listens, and what only it can complete (RFC 8252, 7.3; RFC 7636). */
const commandLine = z.object({
  port: z.coerce.number().int().min(1_024).max(65_535),
  challenge: z.string().regex(/^[\w-]{43}$/),
  state: z.string().regex(/^[\w-]{20,100}$/),
});

/**
 * The journey to the provider of single sign-on and back: four addresses that a browser opens, and one that the
 * provider calls; none is of the API.
 * GET changes nothing that a stranger could cause: a journey counts in the browser that began it alone.
 */
export function signOnRoutes(app: Express, outside: Outside, isSecure: boolean): void {
  const journey = new JourneyCookie(isSecure);
  const get = (path: string, handle: (req: Request, res: Response) => Promise<void>) =>
    app.get(path, inPages(outside, path, handle));

  get('/sign-in/provider', async (req, res) => {
    const purpose = { kind: 'sign-in', to: ownPath(req.query.to) } as const;
    await leave(res, await beginSignOn(outside, purpose, res.locals.language));
  });
  get('/sign-in/confirm', async (req, res) => {
    const signedIn = await findSignedIn(outside, { ...presentedBy(req, isSecure), apiToken: null });
    if (!signedIn || signedIn.sessionId === null) throw new Refusal('NOT_SIGNED_IN');
    const { id: schoolId } = await outside.database.read.school.findFirstOrThrow({ select: { id: true } });
    const purpose = { kind: 'confirm', schoolId, sessionId: signedIn.sessionId } as const;
    await leave(res, await beginSignOn(outside, purpose, res.locals.language));
  });
  get('/sign-in/command-line', async (req, res) => {
    const purpose = { kind: 'command-line', ...parse(commandLine, req.query) } as const;
    await leave(res, await beginSignOn(outside, purpose, res.locals.language));
  });
  get('/sign-in/callback', async (req, res) => {
    const { sealed, query } = { sealed: journey.read(req), query: req.url.split('?')[1] ?? '' };
    res.append('Set-Cookie', journey.clear);
    const caller = { actor: { kind: 'nobody' }, address: req.ip } as const;
    const browser = { language: res.locals.language as Language, userAgent: req.get('user-agent') ?? null };
    const arrived = await watchCommits(() => finishSignOn(outside, caller, { query, sealed }, browser));
    const { signOn: t } = textsIn(res.locals.language);
    if (arrived.kind === 'handed-over') {
      const { code, state, port } = arrived;
      const there = `http://127.0.0.1:${port}/?${new URLSearchParams({ code, state })}`;
      const body = html`<p>${t.commandLine}</p><p><a href="${there}">${t.handOver}</a></p>`;
      return send(res, { title: t.arrived, body, home: null });
    }
    const token = arrived.kind === 'signed-in' ? arrived.session.token : arrived.token;
    if (token !== null) setSessionCookie(res, token, isSecure);
    const next = nextOf(arrived);
    // A redirect would still be the provider's: the browser would keep the new cookie back (SameSite=Strict).
    res.setHeader('Refresh', `0; url=${next}`);
    await send(res, { title: t.arrived, body: html`<p><a href="${next}">${t.goOn}</a></p>`, home: null });
  });

  const form = express.urlencoded({ extended: false, limit: mostTokenBytes, parameterLimit: 10 });
  app.post('/sign-in/backchannel-logout', async (req, res) => {
    res.locals.route = 'POST /sign-in/backchannel-logout';
    const address = req.ip ?? '';
    outside.limits.assertOpen('fromProvider', address);
    try {
      if (outside.signOn === null) throw new Refusal('NOT_FOUND');
      await new Promise<void>((resolve, reject) => {
        form(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
      });
      const token: unknown = (req.body as Record<string, unknown> | undefined)?.logout_token;
      if (typeof token !== 'string') throw new Refusal('INVALID_REQUEST');
      const caller = { actor: { kind: 'system', id: 'provider' }, address } as const;
      await watchCommits(() => signOutAtProvider(outside, caller, token));
      res.status(200).end();
    } catch (error) {
      const isGuess = error instanceof Refusal && ['SIGN_IN_FAILED', 'INVALID_REQUEST'].includes(error.code);
      if (!isGuess) throw error;
      await outside.limits.note('fromProvider', address);
      // The provider learns that it was not done (OpenID Connect Back-Channel Logout 1.0, 2.8), and nothing of anybody.
      res.status(400).json({ error: 'invalid_request' });
    }
  });

  async function leave(res: Response, { url, sealed }: { url: string; sealed: string }): Promise<void> {
    res.append('Set-Cookie', journey.write(sealed));
    res.redirect(303, url);
  }
}

/** Where the pages take it up. What stands after the # is for them alone. */
function nextOf(arrived: Exclude<Arrived, { kind: 'handed-over' }>): string {
  if (arrived.kind === 'confirmed') return arrived.token === null ? '/#provider-code' : '/#provider-confirmed';
  return arrived.needsCode ? '/#second-factor' : arrived.to;
}

/** Limits how often an address begins or ends journeys, and answers refusals with a page. */
function inPages(
  outside: Outside,
  path: string,
  handle: (req: Request, res: Response) => Promise<void>,
): RequestHandler {
  return async (req, res) => {
    res.locals.route = `GET ${path}`;
    res.locals.sendPage = (code: RefusalCode | null, reasons: readonly Reason[]) => {
      const { signOn: t, problems } = textsIn(res.locals.language);
      const said = reasons.map((reason) => reasonText(reason, res.locals.language));
      const body = html`${(said.length > 0 ? said : [problems[code ?? 'INTERNAL']]).map((text) => html`<p>${text}</p>`)}
<p><a href="/">${t.back}</a></p>`;
      return send(res.status(statusOf(code)), { title: t.failed, body, home: null });
    };
    await outside.limits.take('provider', req.ip ?? '');
    await handle(req, res);
  };
}

function send(res: Response, page: Page): Promise<void> {
  const language: Language = res.locals.language;
  res.setHeader('Content-Language', language);
  return sendPlain(res, layout(page, language));
}

/** Keeps a sealed journey in the browser. It comes back from another site, so it is `Lax`; it opens nothing by itself. */
class JourneyCookie {
  readonly #name: string;
  readonly #attributes: string;

  constructor(isSecure: boolean) {
    this.#name = isSecure ? '__Host-emanet-journey' : 'emanet-journey';
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;
  }

  write(sealed: string): string {
    return `${this.#name}=${sealed}; Max-Age=600; ${this.#attributes}`;
  }

  get clear(): string {
    return `${this.#name}=; Max-Age=0; ${this.#attributes}`;
  }

  read(req: Request): string | null {
    const pair = (req.get('cookie') ?? '').split(/; ?/).find((one) => one.startsWith(`${this.#name}=`));
    return /^[\w-]{40,3500}$/.exec(pair?.slice(this.#name.length + 1) ?? '')?.[0] ?? null;
  }
}
