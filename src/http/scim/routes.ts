import express, { type Express, type Request, type Response } from 'express';
import { z } from 'zod';
import { Refusal, type RefusalCode } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import { parseScimFilter, readGroupPatch, readPersonPatch, readScimGroup, readScimPerson } from '../../domain/scim.ts';
import { textsIn } from '../../language/catalogue.ts';
import { reasonText } from '../../language/reason-text.ts';
import { watchCommits } from '../../pipeline/ports/commit-watch.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { changeGroup, createGroup, removeGroup } from '../../pipeline/provisioning/change-group.ts';
import {
  changeProvisionedUser,
  provisionUser,
  removeProvisionedUser,
} from '../../pipeline/provisioning/provision-user.ts';
import { authenticateScim } from '../../pipeline/provisioning/scim-token.ts';
import { getScimGroup, getScimUser, listScimGroups, listScimUsers } from '../../pipeline/provisioning/scim-users.ts';
import { changes } from '../mount.ts';
import { parse } from '../parse.ts';
import { scimTokenIn } from '../presented.ts';
import { statusOf } from '../problem.ts';
import {
  mostListed,
  resourceTypes,
  schemas,
  serviceProviderConfig,
  toGroup,
  toList,
  toUser,
  urn,
} from './resources.ts';

/** A group of some thousand members. */
const mostBodyBytes = 512 * 1024;
const mostItems = 5_000;
const mostOperations = 1_000;

const page = z.object({
  filter: z.string().optional(),
  // Values that are too small count as the least one, and too large ones as the most (RFC 7644, 3.4.2.4).
  startIndex: z.coerce.number().int().catch(1).default(1),
  count: z.coerce.number().int().catch(mostListed).default(mostListed),
  excludedAttributes: z.string().max(300).optional(),
});
const resource = z.looseObject({});
const patch = z.object({
  schemas: z.array(z.string()).optional(),
  Operations: z
    .array(
      z.object({
        op: z
          .string()
          .toLowerCase()
          .pipe(z.enum(['add', 'replace', 'remove'])),
        path: z.string().max(300).optional(),
        value: z.unknown().optional(),
      }),
    )
    .min(1)
    .max(mostOperations),
});

type Handle = (req: Request, base: string) => Promise<{ readonly status?: number; readonly body?: object }>;

/**
 * SCIM 2.0 for the staff of a school (RFC 7643 and 7644): the provider makes, changes and removes people and groups. A token
 * of the school opens it, and nothing else: no cookie and no API token.
 */
export function scimRoutes(app: Express, outside: Outside, baseUrl: string): void {
  const base = `${baseUrl}/scim/v2`;
  const caller = (req: Request) => ({ actor: { kind: 'system', id: 'scim' } as const, address: req.ip });
  const router = express.Router({ caseSensitive: true });
  const readBody = express.json({ limit: mostBodyBytes, type: ['application/scim+json', 'application/json'] });
  const on = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, handle: Handle) =>
    router[method](path, async (req, res) => {
      res.locals.route = `${req.method} /scim/v2${path}`;
      res.locals.sendPage = (code: RefusalCode | null, reasons: readonly Reason[]) => sendError(res, code, reasons);
      await authenticate(outside, req);
      if (method !== 'get' && method !== 'delete') await read(readBody, req, res);
      const work = () => handle(req, base);
      const { status = 200, body } = await (changes(req) ? watchCommits(work) : work());
      if (body === undefined) res.status(204).end();
      else res.status(status).type('application/scim+json').send(JSON.stringify(body));
    });
  const person = (req: Request) => readScimPerson(parse(resource, req.body ?? {}, mostItems));
  const group = (req: Request) => readScimGroup(parse(resource, req.body ?? {}, mostItems));
  const operations = (req: Request) => parse(patch, req.body ?? {}, mostItems).Operations;
  const idOf = (req: Request) => String(req.params.id);
  const userAnswer = async (id: string) => toUser(await getScimUser(outside, id), base);
  const groupAnswer = async (id: string) => toGroup(await getScimGroup(outside, id), base, { withMembers: true });

  on('get', '/ServiceProviderConfig', async () => ({ body: serviceProviderConfig(base) }));
  on('get', '/ResourceTypes', async () => ({ body: whole(resourceTypes(base)) }));
  on('get', '/ResourceTypes/:id', async (req) => ({ body: one(resourceTypes(base), idOf(req)) }));
  on('get', '/Schemas', async () => ({ body: whole(schemas(base)) }));
  on('get', '/Schemas/:id', async (req) => ({ body: one(schemas(base), idOf(req)) }));

  on('get', '/Users', async (req) => {
    const { filter, ...at } = pageOf(req);
    const { total, rows } = await listScimUsers(outside, filter, at);
    return {
      body: toList(
        rows.map((row) => toUser(row, base)),
        total,
        at.startIndex,
      ),
    };
  });
  on('post', '/Users', async (req) => {
    const id = await provisionUser(outside, caller(req), person(req));
    return { status: 201, body: await userAnswer(id) };
  });
  on('get', '/Users/:id', async (req) => ({ body: await userAnswer(idOf(req)) }));
  on('put', '/Users/:id', async (req) => {
    await changeProvisionedUser(outside, caller(req), idOf(req), person(req));
    return { body: await userAnswer(idOf(req)) };
  });
  on('patch', '/Users/:id', async (req) => {
    await changeProvisionedUser(outside, caller(req), idOf(req), readPersonPatch(operations(req)));
    return { body: await userAnswer(idOf(req)) };
  });
  on('delete', '/Users/:id', async (req) => {
    await removeProvisionedUser(outside, caller(req), idOf(req));
    return {};
  });

  on('get', '/Groups', async (req) => {
    const { filter, withMembers, ...at } = pageOf(req);
    const { total, rows } = await listScimGroups(outside, filter, at);
    return {
      body: toList(
        rows.map((row) => toGroup(row, base, { withMembers })),
        total,
        at.startIndex,
      ),
    };
  });
  on('post', '/Groups', async (req) => {
    const id = await createGroup(outside, caller(req), group(req));
    return { status: 201, body: await groupAnswer(id) };
  });
  on('get', '/Groups/:id', async (req) => ({ body: await groupAnswer(idOf(req)) }));
  on('put', '/Groups/:id', async (req) => {
    const { members = [], ...said } = group(req);
    await changeGroup(outside, caller(req), idOf(req), { ...said, members });
    return { body: await groupAnswer(idOf(req)) };
  });
  on('patch', '/Groups/:id', async (req) => {
    await changeGroup(outside, caller(req), idOf(req), readGroupPatch(operations(req)));
    return { body: await groupAnswer(idOf(req)) };
  });
  on('delete', '/Groups/:id', async (req) => {
    await removeGroup(outside, caller(req), idOf(req));
    return {};
  });
  router.use((_req, res) => {
    res.locals.sendPage = (code: RefusalCode | null, reasons: readonly Reason[]) => sendError(res, code, reasons);
    throw new Refusal('NOT_FOUND');
  });
  app.use('/scim/v2', router);
}

function pageOf(req: Request) {
  const { filter, startIndex, count, excludedAttributes } = parse(page, req.query);
  return {
    filter: filter === undefined ? null : parseScimFilter(filter),
    startIndex: Math.min(Math.max(1, startIndex), 1_000_000),
    count: Math.min(Math.max(0, count), mostListed),
    withMembers: !/(^|,)\s*members\s*(,|$)/i.test(excludedAttributes ?? ''),
  };
}

const whole = (resources: readonly object[]) => toList(resources, resources.length, 1);

function one<Resource extends { readonly id?: string | undefined }>(resources: readonly Resource[], id: string) {
  const found = resources.find((resource) => resource.id === id);
  if (found === undefined) throw new Refusal('NOT_FOUND');
  return found;
}

/** Guesses of a token are counted by address. @throws Refusal `NOT_SIGNED_IN`, `TOO_MANY_REQUESTS`. */
async function authenticate(outside: Outside, req: Request): Promise<void> {
  const address = req.ip ?? '';
  outside.limits.assertOpen('fromProvider', address);
  const token = scimTokenIn(req);
  try {
    if (token === null) throw new Refusal('NOT_SIGNED_IN');
    await authenticateScim(outside, token);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'NOT_SIGNED_IN') await outside.limits.note('fromProvider', address);
    throw error;
  }
}

const read = (reader: express.RequestHandler, req: Request, res: Response): Promise<void> =>
  new Promise((resolve, reject) => {
    reader(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
  });

/** RFC 7644, 3.12. */
function sendError(res: Response, code: RefusalCode | null, reasons: readonly Reason[]): void {
  const status = code === 'ALREADY_EXISTS' ? 409 : statusOf(code);
  const [reason] = reasons;
  if (status === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  const scimType = typeOf(code, reason);
  res
    .status(status)
    .type('application/scim+json')
    .send(
      JSON.stringify({
        schemas: [urn.error],
        status: String(status),
        ...(scimType === null ? {} : { scimType }),
        detail: reason === undefined ? textsIn('en').problems[code ?? 'INTERNAL'] : reasonText(reason, 'en'),
      }),
    );
}

function typeOf(code: RefusalCode | null, reason: Reason | undefined): string | null {
  if (code === 'ALREADY_EXISTS') return 'uniqueness';
  if (code === 'WRONG_STATE') return 'mutability';
  if (code !== 'INVALID_REQUEST') return null;
  if (reason?.code === 'SCIM_FILTER') return 'invalidFilter';
  if (reason?.code === 'SCIM_PATH') return 'invalidPath';
  return reason?.code === 'BAD_BODY' ? 'invalidSyntax' : 'invalidValue';
}
