import { currentLanguage, text } from '../words/current.ts';
import { Problem, toProblem } from './problem.ts';
import { routeTable } from './route-table.ts';
import type { Answer, Asked, RouteId } from './types.ts';

/** What the shell does when the server wants to know (again) who asks. Each resolves to whether to ask once more. */
interface Doors {
  /** The session ended. */
  signIn(): Promise<boolean>;
  /** What was asked for needs a fresh proof. */
  confirm(): Promise<boolean>;
}
let doors: Doors | null = null;
export const setDoors = (next: Doors | null): void => {
  doors = next;
};

/** When the session last went on under another cookie, in milliseconds of `performance.now()`. */
let renewedAt = 0;
const renewing: readonly RouteId[] = [
  'confirmSession',
  'changePassword',
  'signIn',
  'signInWithPasskey',
  'finishProviderSignIn',
];
/** Routes that are themselves part of signing in: nobody is asked to sign in for them. */
const signingIn: readonly RouteId[] = [
  'getSession',
  'signIn',
  'signOut',
  'askForPasskey',
  'signInWithPasskey',
  'finishProviderSignIn',
];

/** What is sent while the page is being left goes on without it. */
const outlivesPage: readonly RouteId[] = ['putCoverage'];

/** When an answer last came, of whatever route; null: none did. */
export let lastAnswerAt: Date | null = null;

interface Loose {
  readonly params?: Readonly<Record<string, string | number>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The address of a route with its parameters and query in it. */
export function pathOf<Id extends RouteId>(id: Id, asked: Omit<Asked<Id>, 'body'>): string {
  const { params = {}, query = {} } = asked as Loose;
  const path = routeTable[id][1].replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined && one !== null && one !== '') search.append(name, String(one));
  return search.size > 0 ? `${path}?${search}` : path;
}

const ahead = new Map<string, Promise<unknown>>();
const nameOf = (id: RouteId, asked: object): string => `${id} ${JSON.stringify(asked)}`;

/** Asks already what a page is going to ask first, while that page is on its way. Whoever asks then takes the answer. */
export function askAhead<Id extends RouteId>(id: Id, asked: Asked<Id>): void {
  const answer = ask(id, asked);
  answer.catch(() => {}); // whoever takes it asks again
  ahead.set(nameOf(id, asked), answer);
}

/** One request to the API; its answer, in the shape that the contract promises. @throws Problem. */
export async function ask<Id extends RouteId>(id: Id, asked: Asked<Id>, signal?: AbortSignal): Promise<Answer<Id>> {
  const early = ahead.get(nameOf(id, asked));
  if (early !== undefined) {
    ahead.delete(nameOf(id, asked));
    const answer = await early.catch(() => undefined);
    if (answer !== undefined) return answer as Answer<Id>;
  }
  const said = await (await askForFile(id, asked, signal)).text();
  return (said === '' ? null : JSON.parse(said)) as Answer<Id>;
}

/**
 * One request to the API; what it answers, as a file. A `FormData` as body goes as a form. `onBytes` hears how many octets
 * have come so far.
 * @throws Problem.
 */
export async function askForFile<Id extends RouteId>(
  id: Id,
  asked: Omit<Asked<Id>, 'body'> & { readonly body?: unknown },
  signal?: AbortSignal,
  onBytes?: (bytes: number) => void,
): Promise<Blob> {
  const { body } = asked as Loose;
  const begun = performance.now();
  const isForm = body instanceof FormData;
  let response: Response;
  let answer: Blob;
  try {
    response = await fetch(pathOf(id, asked as Asked<Id>), {
      method: routeTable[id][0],
      cache: 'no-store',
      keepalive: outlivesPage.includes(id),
      headers: {
        'Accept-Language': currentLanguage(),
        ...(body === undefined || isForm ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    answer = await (onBytes === undefined ? response : heard(response, onBytes)).blob();
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Problem({ title: text('noConnection'), code: 'NO_CONNECTION' }, { cause });
  }
  lastAnswerAt = new Date();
  if (response.ok) {
    if (renewing.includes(id)) renewedAt = performance.now();
    return answer;
  }
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN);
  const problem = toProblem(
    response.status,
    await answer.text(),
    text('serverFault', { status: response.status }),
    Number.isFinite(wait) ? wait : null,
  );
  // It was under way when the session went on under another cookie.
  const wasOvertaken = problem.code === 'NOT_SIGNED_IN' && begun < renewedAt;
  const isOpened =
    wasOvertaken ||
    (problem.code === 'NOT_SIGNED_IN' && !signingIn.includes(id) && (await doors?.signIn())) ||
    (problem.code === 'CONFIRMATION_NEEDED' && (await doors?.confirm()));
  if (isOpened) return askForFile(id, asked, signal, onBytes);
  throw problem;
}

/** The same answer; tells how much of it has come while it is read. */
function heard(response: Response, onBytes: (bytes: number) => void): Response {
  let bytes = 0;
  const counting = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(piece, next) {
      bytes += piece.length;
      onBytes(bytes);
      next.enqueue(piece);
    },
  });
  return new Response(response.body?.pipeThrough(counting) ?? null, { headers: response.headers });
}
