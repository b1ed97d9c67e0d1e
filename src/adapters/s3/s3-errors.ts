import type { Readable } from 'node:stream';
import type { S3ServiceException } from '@aws-sdk/client-s3';
import { StoreUnavailable } from '../../pipeline/ports/object-store.ts';

export async function* translatedStream(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    throw asUnavailable(error);
  }
}

export function abortOption(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal ? { abortSignal: signal } : {};
}

export async function translated<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw asUnavailable(error);
  }
}

const networkCodes = new Set(
  'ECONNREFUSED ECONNRESET ECONNABORTED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN ETIMEDOUT EPIPE'.split(
    ' ',
  ),
);

/** No answer, an answer of 5xx or 429: the server is unavailable. Every other error stays unchanged. */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const status = statusOf(error);
  const code = 'code' in error ? String(error.code) : '';
  const isNetwork = networkCodes.has(code) || error.name === 'TimeoutError' || error.message === 'aborted';
  if (!isNetwork && !(status !== undefined && (status >= 500 || status === 429))) return error;
  return new StoreUnavailable(`the object store did not answer (${code || error.name})`, { cause: error });
}

export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  return (error as S3ServiceException).$metadata.httpStatusCode;
}
