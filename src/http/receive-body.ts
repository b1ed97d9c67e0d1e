import express, { type Request, type Response } from 'express';
import { Refusal } from '../domain/errors.ts';

/** Maximum size of a JSON body, unless the route states its own, and the timeout for it. */
const limits = {
  /** Not signed in: a stranger may send an address, a password, a token, the answer of a passkey. */
  stranger: { bytes: 16 * 1024, withinMs: 10_000 },
  person: { bytes: 64 * 1024, withinMs: 60_000 },
} as const;

/**
 * Reads the JSON body of a route once its sender is known: strangers may send little, and must send it soon.
 * @throws Refusal `BODY_TOO_SLOW`; errors of the parser for a body that is too large or no JSON.
 */
export function bodyReader(
  from: keyof typeof limits,
  bytes: number = limits[from].bytes,
): (req: Request, res: Response) => Promise<void> {
  const parse = express.json({ limit: bytes });
  return async (req, res) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Refusal('BODY_TOO_SLOW')), limits[from].withinMs);
    });
    const parsed = new Promise<void>((resolve, reject) => {
      parse(req, res, (error?: unknown) => (error ? reject(error) : resolve()));
    });
    parsed.catch(() => {}); // too late: the connection was closed meanwhile
    await Promise.race([parsed, late]).finally(() => clearTimeout(timer));
  };
}

const silentMs = 60_000;

/**
 * Closes a connection whose body cannot be finished: one that goes on after its answer, and one that was silent for a
 * minute although we were reading. Slow bodies are allowed: school lines are slow.
 */
export function watchBody(req: Request, res: Response): void {
  res.once('finish', () => stopReading(req));
  let seen = -1;
  let since = performance.now();
  const timer = setInterval(() => {
    if (req.complete) return clearInterval(timer);
    const { bytesRead } = req.socket;
    if (bytesRead !== seen || req.readableLength > 0) {
      seen = bytesRead;
      since = performance.now();
    } else if (performance.now() - since > silentMs) {
      req.socket.destroy();
    }
  }, silentMs / 12);
  timer.unref();
  res.once('close', () => clearInterval(timer));
}

/** The body is no longer needed: give the client a moment to read the answer, then close. */
function stopReading(req: Request): void {
  if (req.complete) return;
  const timer = setTimeout(() => req.socket.destroy(), 2_000);
  timer.unref();
  req.resume();
  req.once('end', () => clearTimeout(timer));
}
