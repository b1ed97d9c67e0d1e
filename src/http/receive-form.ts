import { AsyncLocalStorage } from 'node:async_hooks';
import type { Readable } from 'node:stream';
import type { Request, Response } from 'express';
import multer, { type StorageEngine } from 'multer';
import { Refusal } from '../domain/errors.ts';
import type { Reason } from '../domain/reason.ts';
import { cleanName } from './clean-name.ts';
import { inTurns } from './in-turns.ts';

export interface FormFile {
  readonly stream: AsyncIterable<Uint8Array>;
  readonly name: string | null;
  readonly type: string | undefined;
  /** The text fields before the file in the form. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

type Take = (file: FormFile) => Promise<void>;

/**
 * Reads a multipart form (RFC 7578) with one file named `file`, which streams into `take` while it arrives: no
 * temporary file, no buffer of the whole. Resolves when the whole form has arrived; `take` was then called at most
 * once. `more` takes other files by their names in the form, before or after it.
 * @throws Refusal `UPLOAD_INCOMPLETE` if the client vanishes, `INVALID_REQUEST` for a form that is not as described,
 * and the errors of `take`.
 */
export async function receiveForm(
  req: Request,
  res: Response,
  take: Take,
  more: Readonly<Record<string, Take>> = {},
): Promise<void> {
  if (!req.is('multipart/form-data')) throw badForm({ code: 'NOT_A_FORM' });
  const gone = new AbortController();
  const onClose = () => {
    if (!req.complete) gone.abort(new Refusal('UPLOAD_INCOMPLETE'));
  };
  req.once('close', onClose);
  let taking: Promise<void> = Promise.resolve();
  let stream: Readable | null = null;
  // The parser calls from the events of the connection, which know nothing of the request that is being handled.
  const inRequest = AsyncLocalStorage.snapshot();
  const storage: StorageEngine = {
    _handleFile(_req, file, done) {
      stream = file.stream;
      gone.signal.addEventListener('abort', () => file.stream.destroy(gone.signal.reason), { once: true });
      const takeIt = file.fieldname === 'file' ? take : more[file.fieldname];
      if (!takeIt) return done(new Error('multer lets no other file through'));
      const given: FormFile = {
        stream: inTurns(file.stream),
        name: cleanName(file.originalname),
        type: file.mimetype,
        fields: { ...(req.body as object) },
        signal: gone.signal,
      };
      const own = inRequest(() => takeIt(given));
      taking = Promise.all([taking, own]).then(() => undefined);
      taking.catch(() => undefined); // Who waits for the form meets the failure.
      own.then(
        () => done(null, {}),
        (error) => done(error),
      );
    },
    _removeFile(_req, _file, done) {
      done(null);
    },
  };
  const names = ['file', ...Object.keys(more)];
  const form = multer({
    storage,
    limits: { files: names.length, fields: 20, fieldSize: 16 * 1024, fieldNameSize: 100, headerPairs: 40 },
    defParamCharset: 'utf8',
  }).fields(names.map((name) => ({ name, maxCount: 1 })));
  // Only now may a client that asked (Expect: 100-continue) send its body.
  if (req.get('expect')?.toLowerCase() === '100-continue') res.writeContinue();
  try {
    await new Promise<void>((resolve, reject) => {
      gone.signal.addEventListener('abort', () => reject(gone.signal.reason), { once: true });
      form(req, res, (error: unknown) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    const hasVanished = gone.signal.aborted;
    // A reader that stopped is about to say why, and may still be writing earlier bytes down; all others are told.
    if (!isLeft(stream)) gone.abort(error);
    // The clean-up after us must find all writing ended. The error of `take` is the cause; that of the form is only its
    // consequence.
    const cause = await taking.then(
      () => error,
      (takeError: unknown) => takeError,
    );
    throw hasVanished ? gone.signal.reason : translate(cause);
  } finally {
    req.off('close', onClose);
  }
}

/**
 * Closed by its reader, before its end: Node then destroys a stream with an AbortError, which happens nowhere else
 * here.
 */
function isLeft(stream: Readable | null): boolean {
  return stream?.errored?.name === 'AbortError';
}

function translate(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  if (error instanceof multer.MulterError) {
    const { code, field } = error;
    return badForm({ code: 'FORM_UNEXPECTED', params: { what: `${code}${field ? `: ${field}` : ''}` } }, error);
  }
  const message = error instanceof Error ? error.message : '';
  if (/unexpected end of (form|multipart)|request aborted|premature close|aborted/i.test(message))
    return new Refusal('UPLOAD_INCOMPLETE', { cause: error });
  if (/boundary|multipart|malformed|part header/i.test(message)) return badForm({ code: 'BAD_FORM' }, error);
  return error;
}

function badForm(reason: Reason, cause?: unknown): Refusal {
  return new Refusal('INVALID_REQUEST', { cause, reasons: [reason] });
}
