import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type DetailedError, Upload } from 'tus-js-client';
import { mustHave } from '../domain/must-have.ts';
import { ServerUnreachable } from './errors.ts';
import { readProblem } from './read-problem.ts';
import type { OnProgress } from './send-form.ts';

/** Pauses between tries without progress: five minutes in all. A byte that arrives resets them. */
export const retryDelaysMs = [200, 500, 1_000, 2_000, 4_000, ...Array.from({ length: 58 }, () => 5_000)];

/**
 * Sends a file as a resumable upload (tus 1.0.0) and resumes after every interruption: a server or store that is away,
 * or a previous process whose `url` is given. Memory does not grow with the file. Resolves with the address of the
 * upload once every byte is safe.
 * @throws ApiProblem if the server refuses; ServerUnreachable if it does not answer for the time of all `retryDelays`;
 * the signal's reason.
 */
export async function sendResumable(
  endpoint: URL,
  options: {
    readonly headers: Readonly<Record<string, string>>;
    readonly path: string;
    readonly bytes: number;
    readonly metadata: Readonly<Record<string, string>>;
    readonly url?: string | undefined;
    readonly onUrl?: ((url: string) => Promise<void>) | undefined;
    readonly onProgress?: OnProgress | undefined;
    readonly onWait?: (() => void) | undefined;
    readonly signal?: AbortSignal | undefined;
    readonly retryDelays?: readonly number[] | undefined;
  },
): Promise<string> {
  const { signal } = options;
  signal?.throwIfAborted();
  const key = randomUUID();
  let sentBytes = 0;
  let saving: Promise<void> = Promise.resolve();
  return new Promise((resolve, reject) => {
    // The library reopens the file for every try; this stream only names it.
    const file = createReadStream(options.path);
    file.on('error', reject);
    const upload = new Upload(file, {
      endpoint: endpoint.href,
      headers: { ...options.headers },
      metadata: { ...options.metadata },
      uploadSize: options.bytes,
      ...(options.url ? { uploadUrl: options.url } : {}),
      // An answer to the creation that was lost: the next try finds what it has begun.
      onBeforeRequest(request) {
        if (request.getMethod() === 'POST') request.setHeader('Idempotency-Key', key);
      },
      storeFingerprintForResuming: false,
      retryDelays: [...(options.retryDelays ?? retryDelaysMs)],
      onShouldRetry(error) {
        const status = error.originalResponse?.getStatus() ?? 0;
        const isPassing = status === 0 || status >= 500 || [409, 423, 429].includes(status);
        if (isPassing) options.onWait?.();
        return isPassing;
      },
      onUploadUrlAvailable() {
        saving = options.onUrl?.(mustHave(upload.url, 'address of an upload that has begun')) ?? saving;
        saving.catch(reject);
      },
      onProgress(sent, total) {
        sentBytes = sent;
        options.onProgress?.(sent, total);
      },
      onError(error) {
        file.destroy();
        reject(translate(error, endpoint, sentBytes));
      },
      onSuccess() {
        file.destroy();
        saving.then(() => resolve(mustHave(upload.url, 'address of an upload that has begun')), reject);
      },
    });
    signal?.addEventListener(
      'abort',
      () => {
        upload
          .abort()
          .finally(() => file.destroy())
          .then(() => reject(signal.reason), reject);
      },
      { once: true },
    );
    upload.start();
  });
}

function translate(error: Error | DetailedError, endpoint: URL, sentBytes: number): unknown {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (response) return readProblem(response.getStatus(), response.getHeader('content-type'), response.getBody());
  if (!('originalRequest' in error)) return error;
  return new ServerUnreachable(endpoint.origin, error.causingError ?? error, sentBytes);
}
