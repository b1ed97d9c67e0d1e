import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { type AnswerOf, type Client, createClient } from '../client/api-client.ts';
import { ServerUnreachable } from '../client/errors.ts';
import { readProblem } from '../client/read-problem.ts';
import { routes } from '../contract/routes.ts';
import type { Language } from '../domain/language.ts';

export type Lease = NonNullable<AnswerOf<'takeLease'>['lease']>;

/** What a runner asks of its server. Every method throws as `client/api-client.ts` says. */
export interface ServerLink {
  readonly client: Client;
  /** Ciphertext from one byte on. */
  readBody(leaseId: string, start: number, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>>;
  handIn(
    leaseId: string,
    given: { statement: string; signature: string; result: readonly Buffer[] },
    signal: AbortSignal,
  ): Promise<void>;
}

/** With the secret that a runner has registered for. */
export function linkToServer(
  { server, secret }: { readonly server: string; readonly secret: string },
  language: Language,
): ServerLink {
  const headers = { Authorization: `Bearer ${secret}`, 'Accept-Language': language };
  const urlOf = (route: { readonly path: string }, leaseId: string) =>
    new URL(server.replace(/\/+$/, '') + route.path.replace(':leaseId', encodeURIComponent(leaseId)));
  const ask = async (url: URL, init: RequestInit, statuses: readonly number[]): Promise<Response> => {
    let response: Response;
    try {
      response = await fetch(url, { ...init, redirect: 'manual' });
    } catch (cause) {
      init.signal?.throwIfAborted();
      throw new ServerUnreachable(server, cause);
    }
    if (statuses.includes(response.status)) return response;
    throw readProblem(response.status, response.headers.get('content-type'), await response.text().catch(() => ''));
  };
  return {
    client: createClient({ baseUrl: server, token: secret, language }),
    async readBody(leaseId, start, signal) {
      const range = { Range: `bytes=${start}-` };
      const response = await ask(
        urlOf(routes.getLeasedBody, leaseId),
        { headers: { ...headers, ...range }, signal },
        [206],
      );
      return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
    },
    async handIn(leaseId, { statement, signature, result }, signal) {
      const form = new FormData();
      form.set('statement', statement);
      form.set('signature', signature);
      form.set('file', new Blob(result.map((piece) => Uint8Array.from(piece))), 'result');
      await ask(urlOf(routes.takeResult, leaseId), { method: 'POST', headers, body: form, signal }, [204]);
    },
  };
}
