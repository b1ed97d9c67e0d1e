import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import { Refusal } from '../domain/errors.ts';
import type { Export } from '../pipeline/release/export-recording.ts';

/** Sends the file. If it cannot be finished the connection breaks: the client does not take a part for the whole. */
export async function sendExport(res: Response, file: Export): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort(res.errored ?? undefined));
  res.setHeader('Content-Type', file.mediaType);
  res.setHeader('Content-Disposition', `attachment; filename="${file.fileName}"`);
  res.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
  if (file.bytes !== null) res.setHeader('Content-Length', String(file.bytes));
  try {
    await pipeline(file.read(gone.signal), res);
  } catch (error) {
    if (!(gone.signal.aborted && !(error instanceof Refusal))) throw error;
  }
}
