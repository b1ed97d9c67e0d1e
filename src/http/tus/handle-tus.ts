import { Server } from '@tus/server';
import type { Request, Response } from 'express';
import { Refusal, type RefusalCode } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import type { Checksum } from '../../pipeline/intake/append-to-upload.ts';
import type { Caller } from '../../pipeline/ports/caller.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { UploadBody } from './upload-body.ts';
import { VaultUploads } from './vault-uploads.ts';

/**
 * Answers one request of tus 1.0.0, with the extensions that `VaultUploads` names. The caller was authorised before.
 * Errors are thrown and answered as a problem like everywhere else, with the status that the protocol demands.
 * `uploadId` is the authorised one. The library would read an id from the end of the address, query and all; it is
 * given this one and no other, and an address with a query is refused.
 * @throws Refusal `INVALID_REQUEST`, and the refusals of the use cases.
 */
export async function handleTus(
  outside: Outside,
  caller: Caller,
  { req, res, lessonId, uploadId }: { req: Request; res: Response; lessonId?: string; uploadId?: string },
): Promise<void> {
  assertNoQuery(req);
  const uploads = new VaultUploads(outside, caller, {
    lessonId,
    uploadId,
    isRemoval: req.method === 'DELETE',
    checksum: readChecksum(req),
    key: req.method === 'POST' ? idempotencyKey(req) : undefined,
    body: new UploadBody(req),
  });
  res.setHeader('Tus-Resumable', '1.0.0');
  if (req.method === 'OPTIONS') res.setHeader('Tus-Checksum-Algorithm', 'sha1,sha256');
  const server = new Server({
    path: '/api/uploads',
    datastore: uploads,
    locker: uploads,
    lockDrainTimeout: 200,
    maxSize: outside.settings.maxRecordingBytes,
    // Our own pages only: no other origin gets CORS headers.
    allowedOrigins: [],
    relativeLocation: true,
    getFileIdFromRequest: () => uploadId,
    disableTerminationForFinishedUploads: false,
    async onUploadFinish(_, upload) {
      await uploads.close(upload.id);
      return {};
    },
    onResponseError(_, error) {
      throw toProblem(error);
    },
  });
  await sendAnswer(res, await server.handleWeb(withoutBody(req)));
}

/** The request as the library takes it. It gets no body: `VaultUploads` reads that from the connection. */
function withoutBody(req: Request): globalThis.Request {
  const headers = new Headers();
  for (const [name, values] of Object.entries(req.headersDistinct))
    for (const value of values ?? []) headers.append(name, value);
  // The name of the host is in no answer: locations are relative.
  return new globalThis.Request(new URL(req.originalUrl, 'http://emanet.invalid'), { method: req.method, headers });
}

async function sendAnswer(res: Response, answer: globalThis.Response): Promise<void> {
  res.status(answer.status);
  for (const [name, value] of answer.headers) res.setHeader(name, value);
  const body = Buffer.from(await answer.arrayBuffer());
  res.end(body);
}

/** tus 1.0.0 knows no query: a client that sends one means an upload other than the one in the path. */
function assertNoQuery(req: Request): void {
  if (!req.originalUrl.includes('?')) return;
  throw new Refusal('INVALID_REQUEST', {
    reasons: [{ code: 'QUERY_NOT_ALLOWED' }],
  });
}

/** @throws Refusal `INVALID_REQUEST` for an algorithm that is not on offer (tus 1.0.0, checksum: 400). */
function readChecksum(req: Request): Checksum | undefined {
  const header = req.get('upload-checksum');
  if (header === undefined) return undefined;
  const [, algorithm, digest] = /^(sha1|sha256) ([A-Za-z0-9+/]+=*)$/.exec(header) ?? [];
  if (!algorithm || !digest)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'CHECKSUM_UNKNOWN', subject: { kind: 'field', id: 'Upload-Checksum' } }],
    });
  return { algorithm: algorithm as Checksum['algorithm'], digest: Buffer.from(digest, 'base64') };
}

const codes: Readonly<Record<number, RefusalCode>> = {
  404: 'NOT_FOUND',
  409: 'OFFSET_CONFLICT',
  410: 'UPLOAD_OVER',
  413: 'TOO_LARGE',
};

/** The library throws plain objects with a status and a sentence; every other error is ours already. */
function toProblem(error: unknown): unknown {
  const { status_code: status, body } = error as { status_code?: number; body?: string };
  if (error instanceof Error || status === undefined) return error;
  if (/aborted/i.test(body ?? '')) return new Refusal('STATE_CHANGED');
  const reason: Reason = { code: 'TUS', params: { what: String(body).trim() } };
  return new Refusal(codes[status] ?? 'INVALID_REQUEST', codes[status] ? {} : { reasons: [reason] });
}
