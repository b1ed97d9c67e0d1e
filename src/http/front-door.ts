import type { IncomingMessage, RequestListener } from 'node:http';
import { digestToken } from '../pipeline/core/token.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { Schools, SecretKind } from '../pipeline/ports/schools.ts';
import { presentedAnyhow } from './presented.ts';

/** Tokens whose school is remembered: a token never goes over to another school. */
const mostRemembered = 10_000;

/**
 * Leads each request to the application of the school that it belongs to: by the link or the published log in its address,
 * else by its session or API token. What belongs to no school is answered by the first one, as if it were alone. A token in
 * a body is looked up by the route that takes it.
 */
export function createFrontDoor(
  first: Outside,
  appOf: (school: Outside, logUrl: string) => RequestListener,
  baseUrl: string,
): RequestListener {
  const remembered = new Map<string, Outside>();
  const apps = new Map([[first, appOf(first, baseUrl)]]);
  const openApp = async (school: Outside): Promise<RequestListener> => {
    const there = apps.get(school);
    if (there) return there;
    const { id } = await school.database.read.school.findFirstOrThrow({ select: { id: true } });
    const made = apps.get(school) ?? appOf(school, `${baseUrl}/schools/${id}`);
    apps.set(school, made);
    return made;
  };
  const find = async (req: IncomingMessage) => openApp((await findSchool(first.schools, remembered, req)) ?? first);
  return async (req, res) => {
    // Where it cannot be found, the first one's answer says why.
    const app = await find(req).catch(() => openApp(first));
    if (!res.destroyed) app(req, res);
  };
}

const inAddress = /^\/(?:s\/([\w-]{20,100})|media\/([\da-f-]{36})|schools\/([\da-f-]{36}))(?=[/?]|$)/;

/** Null: none in particular. */
async function findSchool(
  schools: Schools<Outside>,
  remembered: Map<string, Outside>,
  req: IncomingMessage,
): Promise<Outside | null> {
  const [, signerToken, linkId, schoolId] = inAddress.exec(req.url ?? '') ?? [];
  if (schoolId !== undefined) {
    req.url = (req.url ?? '').slice(`/schools/${schoolId}`.length) || '/';
    return schools.of(schoolId);
  }
  if (linkId !== undefined) return schools.ofViewerLink(linkId);
  const { apiToken, sessionToken } = presentedAnyhow(req);
  const presented: readonly [SecretKind, string | null | undefined][] = [
    ['signer-link', signerToken],
    ['api-token', apiToken],
    ['session', sessionToken],
  ];
  const [kind, token] = presented.find(([, one]) => one != null) ?? [];
  if (kind === undefined || token == null) return null;
  const digest = digestToken(token);
  const known = remembered.get(digest);
  if (known) return known;
  const found = await schools.ofSecret(kind, digest);
  if (kind === 'signer-link') return found; // of a school that is closed meanwhile it leads nowhere
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(digest, found);
  return found;
}
