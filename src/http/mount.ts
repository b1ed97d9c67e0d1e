import type { Express, Request, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Relation, Route } from '../contract/route.ts';
import { type RouteId, routes } from '../contract/routes.ts';
import { Refusal } from '../domain/errors.ts';
import type { Id, StaffRole } from '../domain/ids.ts';
import type { Language } from '../domain/language.ts';
import { limits } from '../domain/limits.ts';
import { mustHave } from '../domain/must-have.ts';
import type { Caller } from '../pipeline/ports/caller.ts';
import { watchCommits } from '../pipeline/ports/commit-watch.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { findRunner, runnerActor } from '../pipeline/runners/find-runner.ts';
import { findOwner } from '../pipeline/staff/find-owner.ts';
import { findSignedIn, type InSession, type SignedIn } from '../pipeline/staff/find-signed-in.ts';
import type { Presented } from '../pipeline/staff/sign-in.ts';
import { parse } from './parse.ts';
import { presentedBy, runnerSecretOf } from './presented.ts';
import { bodyReader } from './receive-body.ts';
import { StandingWatch } from './standing-watch.ts';

type Parsed<R, Part extends string> = R extends Record<Part, infer S extends z.ZodType> ? z.output<S> : undefined;
// biome-ignore lint/suspicious/noConfusingVoidType: a handler that answers nothing may just end
type Answer<R> = R extends { answer: infer S extends z.ZodType } ? z.input<S> : void;

/** Null on routes that are open to everybody, and on those of runners. A route without a scope takes no API token. */
type WhoAsks<R extends Route> = R['access'] extends { to: 'everybody' | 'runner' }
  ? null
  : R['scope'] extends null
    ? InSession
    : SignedIn;

export interface Asked<Id extends RouteId> {
  readonly params: Parsed<(typeof routes)[Id], 'params'>;
  readonly query: Parsed<(typeof routes)[Id], 'query'>;
  readonly body: Parsed<(typeof routes)[Id], 'body'>;
  readonly caller: Caller;
  readonly signedIn: WhoAsks<(typeof routes)[Id]>;
  readonly relation: Relation;
  readonly presented: Presented;
  readonly language: Language;
  readonly req: Request;
  readonly res: Response;
}

export type Handlers = { readonly [Id in RouteId]: (asked: Asked<Id>) => Promise<Answer<(typeof routes)[Id]>> };

/**
 * Mounts exactly the routes of the contract: authorise, parse, call, answer in the shape that the contract promises. A
 * body is not read before the caller is known.
 */
export function mountRoutes(app: Express, outside: Outside, handlers: Handlers, isSecure: boolean): void {
  const watch = new StandingWatch(outside);
  for (const id of Object.keys(routes) as RouteId[]) {
    const route: Route = routes[id];
    const readBody = route.body
      ? bodyReader(route.access.to === 'everybody' ? 'stranger' : 'person', route.bodyBytes)
      : undefined;
    const handle: RequestHandler = async (req, res) => {
      res.locals.params = req.params; // the error handler sees neither of them any more
      res.locals.route = `${req.method} ${route.path}`;
      await withinLimit(outside, route, req, async () => {
        const presented = presentedBy(req, isSecure);
        const { caller, signedIn, relation } = await authorise(outside, route, presented, req, res);
        if (caller.standing || caller.runnerId) watch.add(caller, res);
        await readBody?.(req, res);
        const asked = {
          params: route.params ? parse(route.params, req.params) : undefined,
          query: route.query ? parse(route.query, req.query) : undefined,
          body: route.body ? parse(route.body, req.body ?? {}, route.mostItems) : undefined,
          caller,
          signedIn,
          relation,
          presented,
          language: res.locals.language as Language,
          req,
          res,
        };
        const handle = () => (handlers[id] as (asked: unknown) => Promise<unknown>)(asked);
        const answer = await (changes(req) ? watchCommits(handle) : handle()).catch((error) => {
          throw res.locals.stopped ?? error; // an error after the connection was broken is only the consequence
        });
        if (res.locals.stopped) throw res.locals.stopped;
        if (res.headersSent) return;
        if (route.answer) res.status(route.status).json(route.answer.parse(answer));
        else res.status(route.status).end();
      });
    };
    app[route.method](route.path, handle);
  }
}

/** A request that only reads leaves no doubt behind: it may be repeated. RFC 9110, 9.2.1. */
export const changes = ({ method }: Request): boolean => !['GET', 'HEAD', 'OPTIONS'].includes(method);

/** Refusals that end a guess. */
const isGuess = (error: unknown) =>
  error instanceof Refusal &&
  ['SIGN_IN_FAILED', 'LINK_NOT_VALID', 'NOT_FOUND', 'INVALID_REQUEST', 'TOO_MANY_REQUESTS'].includes(error.code);

/**
 * Runs a request of a route that is limited by network address. Limits by person are counted once the caller is known.
 * @throws Refusal `TOO_MANY_REQUESTS`, and as `run`.
 */
async function withinLimit(outside: Outside, { limit: name }: Route, req: Request, run: () => Promise<void>) {
  if (name === undefined || limits[name].of !== 'address') return run();
  const limit = limits[name];
  const address = req.ip ?? '';
  outside.limits.assertOpen(name, address);
  if (!('only' in limit)) await outside.limits.take(name, address);
  try {
    await run();
  } catch (error) {
    if ('only' in limit && isGuess(error)) await outside.limits.note(name, address);
    throw error;
  }
}

/** How long a confirmation of identity counts. */
const confirmedMs = 10 * 60_000;

/**
 * Denied unless the route's line in the table lists a role of the caller. An object of another teacher is "not found".
 * @throws Refusal `NOT_SIGNED_IN`, `SECOND_FACTOR_REQUIRED`, `CONFIRMATION_NEEDED`, `NOT_ALLOWED`, `NOT_FOUND`,
 * `TOO_MANY_REQUESTS`.
 */
async function authorise(
  outside: Outside,
  route: Route,
  presented: Presented,
  req: Request,
  res: Response,
): Promise<{ caller: Caller; signedIn: SignedIn | null; relation: Relation }> {
  const address = req.ip;
  const { access } = route;
  if (access.to === 'everybody')
    return { caller: { actor: { kind: 'nobody' }, address }, signedIn: null, relation: 'any' };
  if (access.to === 'runner') {
    const secret = runnerSecretOf(req);
    const runnerId = secret === null ? null : await findRunner(outside, secret);
    if (runnerId === null) throw new Refusal('NOT_SIGNED_IN');
    const caller = { actor: runnerActor(runnerId), address, runnerId };
    res.locals.caller = caller;
    return { caller, signedIn: null, relation: 'any' };
  }

  const signedIn = await findSignedIn(outside, presented);
  if (!signedIn) throw new Refusal('NOT_SIGNED_IN');
  const { sessionId, tokenId } = signedIn;
  const roles = access.to === 'staff' ? null : (Object.keys(access.to) as StaffRole[]);
  const caller = { actor: signedIn.actor, address, standing: { sessionId, tokenId, roles } };
  res.locals.caller = caller;
  if (!req.get('accept-language')) res.locals.language = signedIn.person.language;
  if (signedIn.actor.scopes === null) assertSameOrigin(req);
  else if (route.scope === null || !signedIn.actor.scopes.includes(route.scope)) throw new Refusal('NOT_ALLOWED');

  if (signedIn.secondFactorMissing && !(access.to === 'staff' && access.beforeSecondFactor))
    throw new Refusal('SECOND_FACTOR_REQUIRED', {
      reasons: [{ code: 'SET_UP_NEEDED' }],
    });
  const relation = await findRelation(outside, route, signedIn, req);
  if (
    route.confirmed &&
    !(signedIn.confirmedAt && outside.clock().getTime() - signedIn.confirmedAt.getTime() < confirmedMs)
  )
    throw new Refusal('CONFIRMATION_NEEDED');
  if (route.limit && limits[route.limit].of === 'person') await outside.limits.take(route.limit, signedIn.person.id);
  return { caller, signedIn, relation };
}

/** The relation of the caller to the object of the route. @throws Refusal `NOT_ALLOWED`, `NOT_FOUND`. */
async function findRelation(
  outside: Outside,
  route: Route,
  { actor, person }: SignedIn,
  req: Request,
): Promise<Relation> {
  const { access } = route;
  if (typeof access.to === 'string') return 'any';
  const relations = actor.roles.map((role) => access.to[role as keyof typeof access.to]);
  if (relations.includes('any')) {
    if (route.owner && (await ownerOf(outside, route, req)) === null) throw new Refusal('NOT_FOUND');
    return 'any';
  }
  if (!relations.includes('own')) throw new Refusal('NOT_ALLOWED');
  if (route.params && (await ownerOf(outside, route, req)) !== person.id) throw new Refusal('NOT_FOUND');
  return 'own';
}

/** The owner of the route's object; null if there is none, or if the route does not name its object. */
async function ownerOf(outside: Outside, { owner, params }: Route, req: Request): Promise<Id | null> {
  if (!owner || !params) return null;
  const parsed = parse(params, req.params) as Readonly<Record<string, Id>>;
  return findOwner(outside, owner, mustHave(parsed[`${owner}Id`], `parameter for the ${owner}`));
}

/** A browser's cookie counts only for requests that come from our own pages. */
function assertSameOrigin(req: Request): void {
  if (req.method === 'GET' || req.method === 'HEAD') return;
  const site = req.get('sec-fetch-site');
  const origin = req.get('origin');
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && hostOf(origin) !== req.get('host'));
  if (isForeign) throw new Refusal('NOT_ALLOWED');
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}
