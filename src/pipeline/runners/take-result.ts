import { createHash } from 'node:crypto';
import { detectorsVersion } from '../../detection/detectors-version.ts';
import { mayBeCommitted, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { mostResultBytes, type RunnerFault } from '../../domain/runner.ts';
import { parseVerifyingKey } from '../../vault/keyring.ts';
import { findSigner } from '../../vault/sign.ts';
import { folderOf, purgeSealed, recordSealed, type StoredSealed, sealIntoStore } from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { quarantineRunner } from './disable-runner.ts';
import { endLease, type LeasedJob } from './end-lease.ts';
import { lockLease } from './hold-lease.ts';
import { type RunnerStatement, readStatement } from './statement.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'settings'>;

/** What a runner hands in: what it says, its signature over that, and what it measured. */
export interface HandIn {
  readonly statement: string;
  readonly signature: string;
  readonly result: AsyncIterable<Uint8Array>;
  readonly signal: AbortSignal;
}

/**
 * Takes a result in and seals it; the worker makes findings of it (`review/check-recording.ts`). A runner that states what is
 * not so, signs with another key, or sends something else than it signed is disabled, and its job goes to another one.
 * @throws Refusal `LEASE_OVER`, `RESULT_REFUSED`, `TOO_LARGE`.
 */
export async function takeResult(outside: Needs, caller: Caller, leaseId: Id, given: HandIn): Promise<void> {
  const { database } = outside;
  const asked = await database.transact(caller, async (tx) => {
    const job = await lockLease(tx, caller, leaseId);
    const { publicKey } = await tx.db.runner.findUniqueOrThrow({ where: { id: job.runnerId } });
    const { sealed } = await tx.db.recording.findUniqueOrThrow({
      where: { id: job.recordingId },
      select: { sealed: { select: { bodySha256: true, mediaBytes: true, mediaSha256: true } } },
    });
    if (sealed === null) throw new Refusal('LEASE_OVER');
    return { job, publicKey, sealed };
  });
  const { job } = asked;
  const statement = readStatement(given.statement);
  const lie = await findLie(asked, statement, given);
  if (lie !== null || statement === null) return refuse(outside, caller, job, leaseId, lie ?? 'statement');
  if (statement.detectors !== detectorsVersion) {
    // Either of us was renewed meanwhile: that is no lie.
    await database.transact(caller, async (tx) => endLease(tx, await lockLease(tx, caller, leaseId), 'outdated'));
    throw new Refusal('RESULT_REFUSED', { reasons: [{ code: 'RUNNER_OUTDATED' }] });
  }
  if (statement.result.bytes > mostResultBytes) throw new Refusal('TOO_LARGE');
  const sealed = await sealSigned(outside, job, statement, given);
  if (sealed === null) return refuse(outside, caller, job, leaseId, 'result');
  try {
    await database.transact(caller, async (tx) => {
      await lockLease(tx, caller, leaseId);
      const binding = await recordSealed(tx, sealed);
      await tx.db.runnerJob.update({
        where: { id: job.id },
        data: { state: 'handed_in', resultId: sealed.id, leasedUntil: null },
      });
      const { recordingId, lessonId } = job;
      await tx.log({
        action: 'runner.result_accepted',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId },
        details: { ...binding, statement: given.statement, signature: given.signature },
      });
      await tx.enqueue('check-recording', { recordingId }, { key: `check:${recordingId}` });
    });
  } catch (error) {
    if (!mayBeCommitted(error)) await purgeSealed(outside, sealed.bodyKey);
    throw error;
  }
}

/** Null: what arrives is not what was signed; nothing of it is kept. */
async function sealSigned(
  outside: Needs,
  { recordingId }: LeasedJob,
  { result }: RunnerStatement,
  given: HandIn,
): Promise<StoredSealed | null> {
  const hash = createHash('sha256');
  let bytes = 0;
  let isMore = false;
  async function* asSigned() {
    for await (const piece of given.result) {
      bytes += piece.length;
      isMore = bytes > result.bytes;
      if (isMore) throw new Refusal('TOO_LARGE');
      hash.update(piece);
      yield piece;
    }
  }
  let sealed: StoredSealed;
  try {
    sealed = await sealIntoStore(outside, folderOf('recordings', recordingId), asSigned(), {
      signal: given.signal,
    });
  } catch (error) {
    if (isMore) return null;
    throw error;
  }
  if (bytes === result.bytes && hash.digest('hex') === result.sha256) return sealed;
  await purgeSealed(outside, sealed.bodyKey);
  return null;
}

type Asked = {
  readonly job: LeasedJob;
  readonly publicKey: string;
  readonly sealed: { readonly bodySha256: string; readonly mediaBytes: bigint; readonly mediaSha256: string };
};

/** Null: what it says is as we know it. */
async function findLie(
  { job, publicKey, sealed }: Asked,
  statement: RunnerStatement | null,
  given: HandIn,
): Promise<RunnerFault | null> {
  if (statement === null) return 'statement';
  const key = await parseVerifyingKey(publicKey);
  if ((await findSigner(given.statement, given.signature, [key])) === null) return 'signature';
  const { recording } = statement;
  if (statement.job !== job.id || statement.lease !== job.leaseId || statement.runner !== job.runnerId)
    return 'foreign_job';
  if (recording.bodySha256 !== sealed.bodySha256) return 'foreign_job';
  if (recording.mediaBytes !== Number(sealed.mediaBytes)) return 'length';
  if (recording.mediaSha256 !== sealed.mediaSha256) return 'digest';
  return null;
}

/** Says on the log why, and disables whoever sent it. */
async function refuse(
  outside: Needs,
  caller: Caller,
  { id, recordingId, lessonId, runnerId }: LeasedJob,
  leaseId: Id,
  why: RunnerFault,
): Promise<never> {
  await outside.database.transact(caller, (tx) =>
    tx.log({
      action: 'runner.result_refused',
      outcome: 'refused',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
      details: { runner: runnerId ?? '', job: id, lease: leaseId, why },
    }),
  );
  if (runnerId !== null) await quarantineRunner(outside, caller, runnerId, why);
  throw new Refusal('RESULT_REFUSED', { reasons: [{ code: 'RUNNER_DISBELIEVED', params: { why } }] });
}
