import type { IncomingMessage, RequestListener } from 'node:http';
import { isId } from '../domain/ids.ts';
import { digestToken } from '../pipeline/core/token.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { Schools } from '../pipeline/ports/schools.ts';
import { FairTurns } from './fair-turns.ts';
import { presentedAnyhow, runnerSecretOf, scimTokenIn } from './presented.ts';

/** Tokens whose school is remembered: a token never goes over to another school. */
const mostRemembered = 10_000;

/**
 * Leads each request to the application of the school that it belongs to: by the link or the published log in its address,
 * else by its session, API token or the secret of a runner. What belongs to no school is answered by the first one, as if it were alone. A token in
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
  const turns = new FairTurns();
  return async (req, res) => {
    // Where it cannot be found, the first one's answer says why.
    const school = (await findSchool(first.schools, remembered, req).catch(() => null)) ?? first;
    const app = await openApp(school).catch(() => openApp(first));
    if (!isShort(req)) {
      if (!res.destroyed) app(req, res);
      return;
    }
    const gone = new AbortController();
    res.once('close', () => gone.abort());
    try {
      await turns.enter(school, gone.signal);
    } catch {
      return; // whoever asked is gone
    }
    res.once('close', () => turns.leave(school));
    if (res.destroyed) turns.leave(school);
    else app(req, res);
  };
}

/** What takes as long as a line does: it holds a connection, and hardly the processor. */
const long = /\/(uploads|media|rendition|export)(?=[/?]|$)/;
const isShort = ({ headers, url = '' }: IncomingMessage): boolean =>
  url.startsWith('/api/') && !long.test(url) && !headers['content-type']?.startsWith('multipart/');

const inAddress = /^\/(s|media|schools)\/([\w-]{20,100})(?=[/?]|$)/;

/** Null: none in particular. */
async function findSchool(
  schools: Schools<Outside>,
  remembered: Map<string, Outside>,
  req: IncomingMessage,
): Promise<Outside | null> {
  const [, place, named = ''] = inAddress.exec(req.url ?? '') ?? [];
  if (place === 's') return schools.ofSecret('signer-link', digestToken(named));
  if (place === 'media') return isId(named) ? schools.ofViewerLink(named) : null;
  if (place === 'schools' && isId(named)) {
    const school = await schools.of(named);
    req.url = (req.url ?? '').slice(`/schools/${named}`.length) || '/';
    return school;
  }
  const scimToken = scimTokenIn(req);
  const { apiToken, sessionToken } = presentedAnyhow(req);
  const runnerSecret = runnerSecretOf(req);
  const token = scimToken ?? runnerSecret ?? apiToken ?? sessionToken;
  if (token === null) return null;
  const digest = digestToken(token);
  const known = remembered.get(digest);
  if (known) return known;
  const kind =
    scimToken !== null ? 'scim-token' : runnerSecret !== null ? 'runner' : apiToken !== null ? 'api-token' : 'session';
  const found = await schools.ofSecret(kind, digest);
  if (remembered.size >= mostRemembered) remembered.clear();
  remembered.set(digest, found);
  return found;
}
