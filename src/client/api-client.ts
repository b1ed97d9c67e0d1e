import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { z } from 'zod';
import type { Route } from '../contract/route.ts';
import { type RouteId, routes } from '../contract/routes.ts';
import type { Language } from '../domain/language.ts';
import { mustHave } from '../domain/must-have.ts';
import { CookieJar } from './cookie-jar.ts';
import { ServerUnreachable, UnexpectedAnswer } from './errors.ts';
import { parseJson, readProblem } from './read-problem.ts';
import { type FormFile, type OnProgress, sendForm } from './send-form.ts';
import { sendResumable } from './send-resumable.ts';

type Table = typeof routes;
type Part<Id extends RouteId, Name extends string> =
  Table[Id] extends Record<Name, infer S extends z.ZodType> ? z.input<S> : never;

/** The input of a route: `params`, `query`, `body`, each only if the contract has it. */
export type InputOf<Id extends RouteId> = (Table[Id] extends { params: z.ZodType }
  ? { readonly params: Part<Id, 'params'> }
  : unknown) &
  (Table[Id] extends { query: z.ZodType } ? { readonly query?: Part<Id, 'query'> } : unknown) &
  (Table[Id] extends { body: z.ZodType } ? { readonly body: Part<Id, 'body'> } : unknown);

/** The answer of a route, as it arrives: times are RFC 3339 strings. */
export type AnswerOf<Id extends RouteId> = Table[Id] extends { answer: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

type Arguments<Id extends RouteId> =
  unknown extends InputOf<Id> ? [] : object extends InputOf<Id> ? [input?: InputOf<Id>] : [input: InputOf<Id>];

export type UploadRouteId =
  | 'uploadRecording'
  | 'takeCaptions'
  | 'attachCaptions'
  | 'takeAttendanceReport'
  | 'takeVoice'
  | 'registerWork'
  | 'putDocument'
  | 'importRoster'
  | 'takeScan';
type UploadInput<Id extends UploadRouteId | LineRouteId> = (Table[Id] extends { params: z.ZodType }
  ? { readonly params: Part<Id, 'params'> }
  : unknown) &
  (object extends Omit<Part<Id, 'form'>, 'file'>
    ? { readonly fields?: Omit<Part<Id, 'form'>, 'file'> }
    : { readonly fields: Omit<Part<Id, 'form'>, 'file'> }) & { readonly file: FormFile };

/** Routes that answer lines of JSON to a form, while they work. */
type LineRouteId = 'importWorks';
export type LineOf<Id extends LineRouteId> = z.output<Table[Id]['line']>;

export type DownloadRouteId = { [Id in RouteId]: Table[Id] extends { answerType: string } ? Id : never }[RouteId];

/** Octets `start` to `end`, both included; to the last one without `end`. RFC 9110, section 14. */
export interface Range {
  readonly start: number;
  readonly end?: number;
}

export interface Download {
  /** Fails with `ServerUnreachable` when the connection breaks off; destroy it to stop early. */
  readonly stream: Readable;
  readonly status: number;
  readonly headers: Headers;
}

export interface ClientOptions {
  readonly baseUrl: string;
  readonly token?: string | undefined;
  /** A `Cookie` header; kept up to date with the server's `Set-Cookie`. */
  readonly cookie?: string | undefined;
  /** Of titles and details in problems. */
  readonly language?: Language | undefined;
  /** Opens a client with a session, for routes that are not open to the token. */
  readonly openSession?: (() => Promise<Client>) | undefined;
}

export interface Client extends ReturnType<typeof makeClient> {}

/**
 * Talks to one server in the terms of its contract. Every method throws `ApiProblem` if the server refuses,
 * `ServerUnreachable` if it does not answer, `UnexpectedAnswer` if something other than Emanet answers. Only
 * `sendResumable` retries.
 */
export function createClient(options: ClientOptions): Client {
  return makeClient(options);
}

function makeClient({ baseUrl, token, cookie, language, openSession }: ClientOptions) {
  const jar = new CookieJar(cookie);
  const headers = (): Record<string, string> => {
    const cookies = jar.header();
    return {
      ...(language ? { 'Accept-Language': language } : {}),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
      ...(cookies ? { Cookie: cookies } : {}),
    };
  };

  /** The client to use instead of this one; null: this one. */
  const findSession = async (id: RouteId): Promise<Client | null> =>
    token && openSession && routes[id].scope === null && routes[id].access.to !== 'everybody' ? openSession() : null;

  async function request(id: RouteId, input: AnyInput, more: Readonly<Record<string, string>> = {}): Promise<Response> {
    const body = input.body === undefined ? undefined : JSON.stringify(input.body);
    const url = urlOf(baseUrl, routes[id], input);
    let response: Response;
    try {
      response = await fetch(url, {
        method: routes[id].method.toUpperCase(),
        headers: { ...headers(), ...more, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      });
    } catch (cause) {
      throw new ServerUnreachable(baseUrl, cause);
    }
    jar.take(response.headers.getSetCookie());
    const isPart = response.status === 206 && 'Range' in more;
    if (response.status !== routes[id].status && !isPart)
      throw readProblem(response.status, response.headers.get('content-type'), await readText(baseUrl, response));
    return response;
  }

  async function send(
    id: RouteId,
    input: FileInput,
    options: UploadOptions & { readonly onLine?: (line: string) => void },
  ): Promise<string> {
    const { file, fields = {} } = input;
    const present = Object.entries(fields).filter(([, value]) => value !== undefined);
    const answer = await sendForm(urlOf(baseUrl, routes[id], input), {
      ...options,
      method: routes[id].method.toUpperCase(),
      headers: { ...headers(), ...options.headers },
      fields: Object.fromEntries(present.map(([name, value]) => [name, String(value)])),
      file,
    });
    jar.take(answer.setCookies);
    if (answer.status !== routes[id].status) throw readProblem(answer.status, answer.contentType, answer.body);
    return answer.body;
  }

  const client = {
    baseUrl,

    /** The current cookies, for another client; undefined if there are none. */
    get cookie(): string | undefined {
      return jar.header();
    },

    /** One call of the contract; checks the answer against it. */
    async call<Id extends RouteId>(id: Id, ...[input]: Arguments<Id>): Promise<AnswerOf<Id>> {
      const session = await findSession(id);
      if (session) return session.call(id, ...([input] as Arguments<Id>));
      const response = await request(id, (input ?? {}) as AnyInput);
      return readAnswer(id, await readText(baseUrl, response));
    },

    /** Sends a file with its fields in front of it. Rejects with the signal's reason when aborted. */
    async upload<Id extends UploadRouteId>(
      id: Id,
      input: UploadInput<Id>,
      options: UploadOptions = {},
    ): Promise<AnswerOf<Id>> {
      const session = await findSession(id);
      if (session) return session.upload(id, input, options);
      return readAnswer(id, await send(id, input as FileInput, options));
    },

    /** Sends a file and yields each line of the answer as it comes; checks each against the contract. */
    async uploadForLines<Id extends LineRouteId>(
      id: Id,
      input: UploadInput<Id>,
      onLine: (line: LineOf<Id>) => void,
      options: UploadOptions = {},
    ): Promise<void> {
      await send(id, input as FileInput, {
        ...options,
        onLine(text) {
          if (text.trim() === '') return;
          const line = routes[id].line.safeParse(parseJson(text));
          if (!line.success) throw new UnexpectedAnswer(`a line of ${id} is not as promised`, { cause: line.error });
          onLine(line.data as LineOf<Id>);
        },
      });
    },

    /**
     * Sends a recording as a resumable upload; resolves with its address once every byte is safe. Its sealing follows.
     */
    sendResumable(lessonId: string, options: Omit<Parameters<typeof sendResumable>[1], 'headers'>): Promise<string> {
      const endpoint = urlOf(baseUrl, routes.beginUpload, { params: { lessonId } });
      return sendResumable(endpoint, { ...options, headers: headers() });
    },

    /** An answer that is not JSON, as a stream. */
    async download<Id extends DownloadRouteId>(
      id: Id,
      input: InputOf<Id>,
      options: { readonly range?: Range | undefined } = {},
    ): Promise<Download> {
      const session = await findSession(id);
      if (session) return session.download(id, input, options);
      const { range } = options;
      const more: Record<string, string> = range ? { Range: `bytes=${range.start}-${range.end ?? ''}` } : {};
      const response = await request(id, input as AnyInput, more);
      return {
        stream: Readable.from(chunksOf(baseUrl, response), { objectMode: false }),
        status: response.status,
        headers: response.headers,
      };
    },

    /** Signs in with a password; the session's cookies stay with this client and are returned for another one. */
    async signIn(body: InputOf<'signIn'>['body']): Promise<{ session: AnswerOf<'signIn'>; cookie: string }> {
      const session = await client.call('signIn', { body });
      const cookies = jar.header();
      if (cookies === undefined) throw new UnexpectedAnswer('the server signed in and set no cookie');
      return { session, cookie: cookies };
    },
  };
  return client;
}

interface UploadOptions {
  /** Beside those of every request. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly onProgress?: OnProgress | undefined;
  readonly signal?: AbortSignal | undefined;
}

type FileInput = AnyInput & { readonly file: FormFile; readonly fields?: Readonly<Record<string, unknown>> };

interface AnyInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The path with its parameters filled in, and the query without undefined members. */
function urlOf(baseUrl: string, route: Route, { params = {}, query = {} }: AnyInput): URL {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(mustHave(params[name], `parameter ${name} for ${route.path}`)),
  );
  const url = new URL(baseUrl.replace(/\/+$/, '') + path);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

/** If the server cannot finish, it breaks the connection, so that the client does not take a part for the whole. */
async function* chunksOf(baseUrl: string, response: Response): AsyncGenerator<Uint8Array> {
  if (!response.body) return;
  try {
    yield* Readable.fromWeb(response.body as ReadableStream);
  } catch (cause) {
    throw new ServerUnreachable(baseUrl, cause);
  }
}

async function readText(baseUrl: string, response: Response): Promise<string> {
  try {
    return await response.text();
  } catch (cause) {
    throw new ServerUnreachable(baseUrl, cause);
  }
}

/** @throws UnexpectedAnswer if the answer is not as the contract promises. */
function readAnswer<Id extends RouteId>(id: Id, body: string): AnswerOf<Id> {
  const route: Route = routes[id];
  if (!route.answer) return undefined as AnswerOf<Id>;
  const parsed = route.answer.safeParse(parseJson(body));
  if (!parsed.success) throw new UnexpectedAnswer(`the answer to ${id} is not as promised`, { cause: parsed.error });
  return parsed.data as AnswerOf<Id>;
}
