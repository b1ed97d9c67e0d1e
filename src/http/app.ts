import { randomUUID } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { isUnavailable, Refusal } from '../domain/errors.ts';
import type { Language } from '../domain/language.ts';
import { languageTags } from '../domain/language.ts';
import { noteRefusal } from '../pipeline/oversight/note-refusal.ts';
import type { Caller } from '../pipeline/ports/caller.ts';
import { StoreUnavailable } from '../pipeline/ports/object-store.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { currentSpan, type Span } from '../pipeline/ports/trace.ts';
import { type Handlers, mountRoutes } from './mount.ts';
import { pageHeaders } from './page-headers.ts';
import { sendProblem } from './problem.ts';
import { watchBody } from './receive-body.ts';
import { attendanceRoutes } from './routes/attendance.ts';
import { authorityRoutes } from './routes/authority.ts';
import { captionsRoutes } from './routes/captions.ts';
import { courseRoutes } from './routes/courses.ts';
import { homeRoutes } from './routes/home.ts';
import { installationRoutes } from './routes/installation.ts';
import { lessonRoutes } from './routes/lessons.ts';
import { oversightRoutes } from './routes/oversight.ts';
import { paperRoutes } from './routes/paper.ts';
import { peopleRoutes } from './routes/people.ts';
import { publishedLogRoutes } from './routes/published-log.ts';
import { recordingRoutes } from './routes/recordings.ts';
import { retentionRoutes } from './routes/retention.ts';
import { runnerRoutes } from './routes/runners.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionRoutes } from './routes/session.ts';
import { staffRoutes } from './routes/staff.ts';
import { type SystemProbes, systemRoutes } from './routes/system.ts';
import { uploadRoutes } from './routes/uploads.ts';
import { workRoutes } from './routes/works.ts';
import { scimRoutes } from './scim/routes.ts';
import { signOnRoutes } from './sign-on.ts';
import { signerRoutes } from './signer/routes.ts';
import { SlowDown } from './slow-down.ts';
import { staffPages, webPages } from './web-pages.ts';

export interface AppOptions {
  readonly baseUrl: string;
  /** Where the public part of the school's log is found: below the address of the server, for all but the first school. */
  readonly logUrl: string;
  readonly trustProxy: number;
  /** Whether a mail server is set up. */
  readonly sendsMail: boolean;
  readonly probes: SystemProbes;
  /** One line for each request and each fault; it never holds a name, a token, an address or media. */
  readonly log: {
    request(line: {
      id: string;
      method: string;
      route: string;
      status: number;
      ms: number;
      code?: string | undefined;
      /** Codes of what the gate missed, each once. */
      gateReasons: readonly string[] | undefined;
      /** The request was not signed in: strangers decide how often such lines come. */
      isStranger: boolean;
    }): void;
    fault(error: unknown, line: { id: string; route: string }): void;
  };
}

const personal = 'private, no-store';

export function createApp(outside: Outside, options: AppOptions): Express {
  const app = express();
  const isSecure = options.baseUrl.startsWith('https:');
  app.disable('x-powered-by');
  app.set('trust proxy', options.trustProxy);
  app.set('query parser', 'simple');
  app.set('etag', false); // answers are not stored, so there is nothing to compare
  app.use(pageHeaders(options.baseUrl.startsWith('https:')));
  app.use((req, res, next) => {
    const begun = performance.now();
    const span = currentSpan();
    res.locals.requestId = randomUUID();
    res.locals.language = req.acceptsLanguages(...languageTags) || languageTags[0];
    res.setHeader('X-Request-Id', res.locals.requestId);
    // Personal unless a route says otherwise, as the pages themselves and the published log do.
    res.setHeader('Cache-Control', personal);
    res.once('close', () => {
      const { requestId: id, code, gateReasons, caller } = res.locals;
      const route = routeOf(req, res);
      const ms = Math.round(performance.now() - begun);
      const isStranger = caller === undefined;
      options.log.request({ id, method: req.method, route, status: res.statusCode, ms, code, gateReasons, isStranger });
      if (span !== null) endSpan(span, req.method, { id, route, status: res.statusCode, code });
    });
    watchBody(req, res);
    if (req.get('expect')?.toLowerCase() === '100-continue' && !req.is('multipart/form-data')) res.writeContinue();
    next();
  });
  const slowDown = new SlowDown();
  app.use(slowDown.beforeLook);
  systemRoutes(app, options.probes);
  webPages(app, outside);
  publishedLogRoutes(app, outside, options.logUrl);
  const handlers: Handlers = {
    ...sessionRoutes(outside, isSecure),
    ...staffRoutes(outside, options.sendsMail ? (token) => `${options.baseUrl}/#invitation=${token}` : null),
    ...homeRoutes(outside),
    ...searchRoutes(outside),
    ...lessonRoutes(outside),
    ...courseRoutes(outside),
    ...uploadRoutes(outside),
    ...recordingRoutes(outside, options.baseUrl),
    ...captionsRoutes(outside),
    ...attendanceRoutes(outside),
    ...peopleRoutes(outside),
    ...paperRoutes(outside),
    ...workRoutes(outside),
    ...retentionRoutes(outside),
    ...oversightRoutes(outside),
    ...installationRoutes(outside),
    ...authorityRoutes(outside),
    ...runnerRoutes(outside),
  };
  mountRoutes(app, outside, handlers, isSecure);
  signerRoutes(app, outside);
  signOnRoutes(app, outside, isSecure);
  scimRoutes(app, outside, options.baseUrl);
  staffPages(app, outside);
  app.use(() => {
    throw new Refusal('NOT_FOUND');
  });
  app.use(answerErrors(outside, options, slowDown));
  return app;
}

/** The one place where errors become answers, and refusals become entries of the log. */
function answerErrors(outside: Outside, { log }: AppOptions, slowDown: SlowDown) {
  return async (error: unknown, req: Request, res: Response, _next: NextFunction): Promise<void> => {
    const refusal = toRefusal(error);
    const requestId: string = res.locals.requestId;
    res.locals.code = refusal?.code ?? 'INTERNAL';
    if (refusal?.code === 'PERMISSION_MISSING')
      res.locals.gateReasons = [...new Set(refusal.reasons.map(({ code }) => code))];
    if (!refusal) log.fault(error, { id: requestId, route: routeOf(req, res) });
    else if (isUnavailable(refusal)) log.fault(refusal.cause ?? refusal, { id: requestId, route: routeOf(req, res) });
    else
      await logRefusal(outside, refusal, req, res).catch((fault) =>
        log.fault(fault, { id: requestId, route: routeOf(req, res) }),
      );
    if (res.locals.caller === undefined) await slowDown.beforeRefusal(res);
    if (res.headersSent || res.closed) {
      // Too late for an answer: break the connection, so that the client does not take a part for the whole.
      res.destroy();
      return;
    }
    for (const name of ['Content-Range', 'Content-Length', 'Content-Disposition', 'Accept-Ranges', 'ETag'])
      if (!(name === 'Content-Range' && refusal?.code === 'RANGE_NOT_SATISFIABLE')) res.removeHeader(name);
    res.setHeader('Cache-Control', personal);
    if (typeof res.locals.sendPage === 'function') {
      await res.locals.sendPage(refusal?.code ?? null, refusal?.reasons ?? []);
      return;
    }
    sendProblem(res, {
      code: refusal?.code ?? null,
      reasons: refusal?.reasons ?? [],
      retryAfterSeconds: refusal?.retryAfterSeconds ?? null,
      language: res.locals.language as Language,
      requestId,
    });
  };
}

/** Logs who was refused what. */
async function logRefusal(outside: Outside, refusal: Refusal, req: Request, res: Response): Promise<void> {
  const caller: Caller = res.locals.caller ?? { actor: { kind: 'nobody' }, address: req.ip };
  const { lessonId, recordingId } = (res.locals.params ?? {}) as Record<string, string | undefined>;
  await noteRefusal(outside, caller, refusal, {
    route: routeOf(req, res),
    lessonId: isUuid(lessonId) ? lessonId : undefined,
    recordingId: isUuid(recordingId) ? recordingId : undefined,
  });
}

/**
 * Adapters translate the errors that they recognise. This translates the rest: those of the body parser and the store.
 */
function toRefusal(error: unknown): Refusal | null {
  if (error instanceof Refusal) return error;
  if (error instanceof StoreUnavailable) return new Refusal('STORE_UNAVAILABLE', { cause: error });
  const status = (error as { status?: unknown; type?: unknown } | null)?.status;
  if (status === 413) return new Refusal('TOO_LARGE', { cause: error });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Refusal('INVALID_REQUEST', { cause: error, reasons: [{ code: 'BAD_BODY' }] });
  }
  return null;
}

/** What a trace says of a request: nothing of what the request brought. */
function endSpan(
  span: Span,
  method: string,
  { id, route, status, code }: { id: string; route: string; status: number; code: string | undefined },
): void {
  span.rename(route);
  span.note({
    'http.request.method': method,
    'http.route': route.slice(method.length + 1),
    'http.response.status_code': status,
    'emanet.request': id,
    ...(code === undefined ? {} : { 'emanet.refusal': code }),
  });
  if (status >= 500) span.fail(code ?? String(status));
  span.end();
}

/** The route's pattern, such as `GET /api/lessons/:lessonId`, never the actual path. */
function routeOf(req: Request, res: Response): string {
  return res.locals.route ?? `${req.method} ${req.route?.path ?? '(none)'}`;
}

function isUuid(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
