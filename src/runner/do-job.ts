import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ApiProblem, ServerUnreachable } from '../client/errors.ts';
import { detectorsVersion } from '../detection/detectors-version.ts';
import { readProbe } from '../pipeline/core/stored-json.ts';
import type { MediaSource } from '../pipeline/ports/media.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import { measureRecording } from '../pipeline/review/measure-recording.ts';
import { packMeasured } from '../pipeline/review/pack-measured.ts';
import { writeStatement } from '../pipeline/runners/statement.ts';
import { openMedia } from '../vault/open.ts';
import { signDetached } from '../vault/sign.ts';
import { fetchBody, readFrom } from './fetch-body.ts';
import { type Identity, workFolder } from './identity.ts';
import type { Lease, ServerLink } from './server-link.ts';

/** The server gave the job to somebody else, or takes nothing from this runner any more. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

export interface JobParts {
  readonly home: string;
  readonly identity: Identity;
  readonly link: ServerLink;
  readonly tools: Pick<Outside, 'media' | 'textReader'>;
}

/** How far a job is: first the ciphertext arrives, then the recording is decoded. */
export type JobProgress =
  | { readonly what: 'fetched'; readonly bytes: number; readonly of: number }
  | { readonly what: 'measured'; readonly doneMs: number; readonly ofMs: number | null };

/**
 * Does one leased job and hands its result in, while it renews the lease. Leaves no ciphertext behind.
 * @throws LeaseLost; the signal's reason; what went wrong.
 */
export async function doJob(
  { home, identity, link, tools }: JobParts,
  lease: Lease,
  { signal: stop, onProgress }: { signal: AbortSignal; onProgress: (progress: JobProgress) => void },
): Promise<void> {
  const path = join(workFolder(home), lease.id);
  let doneMs = 0;
  await using held = holdLease(link, lease, () => doneMs);
  const signal = AbortSignal.any([stop, held.signal]);
  const { sealed } = lease;
  const probe = readProbe({ ...lease.probe, tags: [], warnings: [] });
  try {
    await fetchBody(link, lease, path, {
      signal,
      onProgress: (bytes) => onProgress({ what: 'fetched', bytes, of: sealed.bodyBytes }),
    });
    const source = await openMedia({
      envelope: Buffer.from(sealed.envelope, 'base64'),
      privateKeys: [identity.key],
      bodyBytes: sealed.bodyBytes,
      mediaBytes: sealed.mediaBytes,
      framing: sealed.framing,
      fetch: readFrom(path),
      expected: {
        salt: Buffer.from(sealed.salt, 'hex'),
        chunkOctet: sealed.chunkOctet,
        commitment: sealed.commitment,
      },
      signal,
    });
    try {
      const media = await digestOf(source, signal);
      const measured = await measureRecording(
        tools,
        { source, probe, rules: lease.rules },
        {
          signal,
          onProgress(ms) {
            doneMs = Math.max(0, ms);
            onProgress({ what: 'measured', doneMs, ofMs: probe.declaredDurationMs });
          },
        },
      );
      const result = packMeasured(measured);
      const hash = createHash('sha256');
      for (const piece of result) hash.update(piece);
      const statement = writeStatement({
        kind: 'emanet.runner_result',
        v: 1,
        runner: identity.runnerId,
        job: lease.job,
        lease: lease.id,
        recording: { bodySha256: sealed.bodySha256, ...media },
        detectors: detectorsVersion,
        result: { bytes: result.reduce((sum, { length }) => sum + length, 0), sha256: hash.digest('hex') },
      });
      const signature = await signDetached(statement, identity.key);
      await retried(() => link.handIn(lease.id, { statement, signature, result }, signal), signal);
    } finally {
      source.close();
    }
  } catch (error) {
    if (held.signal.aborted && !stop.aborted) throw held.signal.reason;
    throw isOver(error) ? new LeaseLost() : error;
  } finally {
    await rm(path, { force: true });
  }
}

async function digestOf(source: MediaSource, signal: AbortSignal) {
  const hash = createHash('sha256');
  let mediaBytes = 0;
  for await (const piece of source.read(0, source.bytes, signal)) {
    hash.update(piece);
    mediaBytes += piece.length;
  }
  return { mediaBytes, mediaSha256: hash.digest('hex') };
}

const isOver = (error: unknown): boolean =>
  error instanceof ApiProblem && ['LEASE_OVER', 'NOT_SIGNED_IN'].includes(error.code);

/** Renews a lease three times in its length. `signal` says that it is over. */
function holdLease({ client }: ServerLink, { id, lastsMs }: Lease, doneMs: () => number) {
  const lost = new AbortController();
  let renewedAt = performance.now();
  let last: Promise<void> = Promise.resolve();
  const renew = async () => {
    const askedAt = performance.now();
    try {
      await client.call('renewLease', { params: { leaseId: id }, body: { doneMs: doneMs() } });
      renewedAt = askedAt;
    } catch (error) {
      // Without an answer for so long it is over there.
      if (isOver(error) || performance.now() - renewedAt > lastsMs) lost.abort(new LeaseLost());
    }
  };
  const timer = setInterval(() => {
    last = last.then(renew);
  }, lastsMs / 3);
  return {
    signal: lost.signal,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await last;
    },
  };
}

/** Tries again as long as the server does not answer and the lease is held. */
async function retried(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const isAway = error instanceof ServerUnreachable || (error instanceof ApiProblem && error.status >= 500);
      if (!isAway) throw error;
      await wait(Math.min(30_000, 2 ** failures * 500), undefined, { signal });
    }
  }
}
