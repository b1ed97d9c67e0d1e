import { setTimeout as wait } from 'node:timers/promises';
import { ApiProblem } from '../client/errors.ts';
import { detectorsVersion } from '../detection/detectors-version.ts';
import { doJob, type JobParts, type JobProgress, LeaseLost } from './do-job.ts';

/** What a runner tells whoever watches it. */
export type RunnerNews =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'outdated' }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'away'; readonly why: string; readonly againMs: number }
  | { readonly kind: 'begun' | 'done' | 'lost' | 'given_back'; readonly job: string }
  | { readonly kind: 'failed'; readonly job: string; readonly why: string }
  | { readonly kind: 'progress'; readonly job: string; readonly progress: JobProgress };

const [idleMs, longestMs] = [2_000, 60_000];

/** Takes one job after the other until it is told to stop; what it has then goes back. Never throws for what a server does. */
export async function workUntil(stop: AbortSignal, parts: JobParts, tell: (news: RunnerNews) => void): Promise<void> {
  const { client } = parts.link;
  let failures = 0;
  let isIdle = false;
  const rest = (ms: number) => wait(ms, undefined, { signal: stop }).catch(() => undefined);
  while (!stop.aborted) {
    try {
      const { lease, isOutdated } = await client.call('takeLease', { body: { detectors: detectorsVersion } });
      failures = 0;
      if (lease === null) {
        if (!isIdle) tell({ kind: isOutdated ? 'outdated' : 'waiting' });
        isIdle = true;
        await rest(isOutdated ? longestMs : idleMs);
        continue;
      }
      isIdle = false;
      await workOn(parts, lease, stop, tell);
    } catch (error) {
      if (stop.aborted) return;
      failures += 1;
      isIdle = false;
      // Apart from each other, so that many runners do not come back at once.
      const againMs = Math.round(Math.min(longestMs, 1_000 * 2 ** (failures - 1)) * (0.75 + Math.random() / 2));
      const why = error instanceof Error ? error.message : String(error);
      if (error instanceof ApiProblem && error.status < 500) tell({ kind: 'refused', why: error.title });
      else tell({ kind: 'away', why, againMs });
      await rest(againMs);
    }
  }
}

async function workOn(
  parts: JobParts,
  lease: Parameters<typeof doJob>[1],
  stop: AbortSignal,
  tell: (news: RunnerNews) => void,
): Promise<void> {
  const { job, id: leaseId } = lease;
  const giveBack = (why: 'given_back' | 'failed') =>
    parts.link.client.call('giveLeaseBack', { params: { leaseId }, query: { why } }).catch(() => undefined);
  tell({ kind: 'begun', job });
  try {
    await doJob(parts, lease, { signal: stop, onProgress: (progress) => tell({ kind: 'progress', job, progress }) });
    tell({ kind: 'done', job });
  } catch (error) {
    if (stop.aborted) {
      await giveBack('given_back');
      tell({ kind: 'given_back', job });
    } else if (error instanceof LeaseLost) tell({ kind: 'lost', job });
    else {
      await giveBack('failed');
      tell({ kind: 'failed', job, why: error instanceof Error ? error.message : String(error) });
    }
  }
}
