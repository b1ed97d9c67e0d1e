import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
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
    const found = await findSchool(first.schools, remembered, req).catch(() => null);
    const app = await openApp(found ?? first).catch(() => openApp(first));
    const begins = found === null || !isLook(req) || (await takeTurn(turns, found, res));
    if (begins && !res.destroyed) app(req, res);
  };
}

/** For so long a request counts against its school: whoever reads slowly holds up nobody. */
const longestTurnMs = 1_000;
const long = /\/(uploads|media|rendition|export|body)(?=[/?]|$)/;

/**
 * Looks at pages take turns. What comes with a body may come slowly, what a line carries takes as long as the line does, and
 * whoever has no token belongs to no school.
 */
const isLook = ({ method, url = '' }: IncomingMessage): boolean =>
  method === 'GET' && url.startsWith('/api/') && !long.test(url);

/** False: whoever asked is gone. */
async function takeTurn(turns: FairTurns, school: Outside, res: ServerResponse): Promise<boolean> {
  const gone = new AbortController();
  const onClose = () => gone.abort();
  res.once('close', onClose);
  let end: () => void;
  try {
    end = await turns.enter(school, gone.signal);
  } catch {
    return false;
  }
  res.off('close', onClose);
  const timer = setTimeout(end, longestTurnMs);
  const onOver = () => {
    clearTimeout(timer);
    end();
  };
  res.once('finish', onOver).once('close', onOver);
  return true;
}

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
