import { randomInt } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import { collectBytes, openSealed, purgeSealed, type SealedRow } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { MediaProbe } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import type { Measured } from '../review/measure-recording.ts';
import { MeasuredMalformed, unpackMeasured } from '../review/pack-measured.ts';
import { quarantineRunner } from './disable-runner.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'third-party-check' } };

/** A result that waits to be made findings of. */
export interface HandedIn {
  readonly jobId: Id;
  readonly recordingId: Id;
  /** Null: it was removed meanwhile. */
  readonly runnerId: Id | null;
  readonly sealed: SealedRow;
}

/** What a runner handed in of a recording; null: nothing that counts. */
export async function findResult({ database }: Pick<Needs, 'database'>, recordingId: Id): Promise<HandedIn | null> {
  const job = await database.read.runnerJob.findUnique({ where: { recordingId }, include: { result: true } });
  if (job?.state !== 'handed_in' || job.result === null) return null;
  return { jobId: job.id, recordingId, runnerId: job.runnerId, sealed: job.result };
}

/** Null: it is not what a runner may send. The runner is disabled then, and the check is queued again. */
export async function readResult(
  outside: Needs,
  handed: HandedIn,
  probe: MediaProbe,
  signal: AbortSignal,
): Promise<Measured | null> {
  const source = await openSealed(outside, handed.sealed, signal);
  try {
    return unpackMeasured(await collectBytes(source.read(0, source.bytes, signal)), probe);
  } catch (error) {
    if (!(error instanceof MeasuredMalformed)) throw error;
    await disbelieve(outside, handed, 'result');
    return null;
  } finally {
    source.close();
  }
}

/** Says on the log that a result does not count, and disables whoever sent it. */
export async function disbelieve(outside: Needs, handed: HandedIn, why: 'result' | 'spot_check'): Promise<void> {
  const { jobId, recordingId, runnerId } = handed;
  await outside.database.transact(caller, async (tx) => {
    const { lessonId } = await tx.db.recording.findUniqueOrThrow({ where: { id: recordingId } });
    await tx.log({
      action: 'runner.result_refused',
      outcome: 'refused',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { runner: runnerId ?? '', job: jobId, lease: '', why },
    });
    // Of a runner that is gone, nothing else takes it away.
    if (runnerId === null) {
      await dropResult(tx, handed);
      await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    }
  });
  if (runnerId === null) await purgeSealed(outside, handed.sealed.bodyKey);
  else await quarantineRunner(outside, caller, runnerId, why);
}

/** Within the transaction that writes down what was found: the job is over. Its body is purged after the commit. */
export async function settleResult(tx: Transaction, handed: HandedIn): Promise<void> {
  const { runnerId, recordingId } = handed;
  await dropResult(tx, handed);
  if (runnerId !== null) await tx.db.runner.updateMany({ where: { id: runnerId }, data: { done: { increment: 1 } } });
  await tx.db.recording.update({ where: { id: recordingId }, data: { checkedById: runnerId } });
}

async function dropResult(tx: Transaction, { jobId, sealed }: HandedIn): Promise<void> {
  await tx.db.runnerJob.deleteMany({ where: { id: jobId } });
  await tx.db.sealedObject.deleteMany({ where: { id: sealed.id } });
}

/** Nobody but us will ever make findings of it: the check failed for good, or the recording is erased. Returns bodies to be purged. */
export async function dropJob(tx: Transaction, recordingId: Id): Promise<string[]> {
  const job = await tx.db.runnerJob.findUnique({ where: { recordingId }, include: { result: true } });
  if (job === null) return [];
  await tx.db.runnerJob.delete({ where: { id: job.id } });
  if (job.result === null) return [];
  await tx.db.sealedObject.delete({ where: { id: job.result.id } });
  return [job.result.bodyKey];
}

/** The declared length may be off by so much before it is looked at again: milliseconds, and a share. */
const [slackMs, slackShare] = [5_000, 0.02];

/**
 * Whether the worker measures again what a runner has measured: one in so many, which nobody can foresee; and where the length,
 * which times are fitted into, does not follow from what the file declares.
 */
export function isToBeMeasuredAgain(
  { settings }: Pick<Needs, 'settings'>,
  { declaredDurationMs }: Pick<MediaProbe, 'declaredDurationMs'>,
  { features: { analysedDurationMs } }: Measured,
): boolean {
  if (declaredDurationMs === null) return true;
  if (Math.abs(analysedDurationMs - declaredDurationMs) > slackMs + slackShare * declaredDurationMs) return true;
  return settings.runnerSpotCheck > 0 && randomInt(settings.runnerSpotCheck) === 0;
}
