import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { lockLease } from './hold-lease.ts';

type Needs = Pick<Outside, 'database' | 'objects'>;

/** Of one lease at once, in one process: a runner reads one stretch after the other. */
const mostAtOnce = 4;
/** How often a runner may be sent the whole, and what ranges that broke off add to that. */
const [mostTimes, slackBytes] = [4, 64 * 2 ** 20];
const askAgainMs = 1_000;

const open = new Map<Id, number>();

/** The ciphertext of a leased recording, in ranges. The caller closes it. */
export interface LeasedBody {
  readonly bytes: number;
  readonly sha256: string;
  /** Ciphertext `[start, end)`. Fails within a second of the end of the lease. @throws Refusal `LEASE_OVER`, `TOO_MANY_REQUESTS`. */
  read(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array>;
  close(): void;
}

/**
 * Opens the ciphertext for the runner that has the lease. That it begins to fetch it is logged once.
 * @throws Refusal `LEASE_OVER`; `TOO_MANY_REQUESTS` for a lease that reads it in too many places, or too often.
 */
export async function openLeasedBody(outside: Needs, caller: Caller, leaseId: Id): Promise<LeasedBody> {
  const atOnce = open.get(leaseId) ?? 0;
  if (atOnce >= mostAtOnce) throw new Refusal('TOO_MANY_REQUESTS', { retryAfterSeconds: 1 });
  open.set(leaseId, atOnce + 1);
  const close = () => {
    const left = (open.get(leaseId) ?? 1) - 1;
    if (left === 0) open.delete(leaseId);
    else open.set(leaseId, left);
  };
  try {
    const sealed = await findBody(outside, caller, leaseId);
    const bytes = Number(sealed.bodyBytes);
    await assertMayRead(outside, caller, leaseId, bytes, 0);
    const from = { key: sealed.bodyKey, bytes };
    return {
      bytes,
      sha256: sealed.bodySha256,
      read: (start, end, signal) => readCounted(outside, caller, leaseId, { ...from, start, end }, signal),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

function findBody({ database }: Needs, caller: Caller, leaseId: Id) {
  return database.transact(caller, async (tx) => {
    const { id, recordingId, lessonId, runnerId } = await lockLease(tx, caller, leaseId);
    const recording = await tx.db.recording.findUnique({
      where: { id: recordingId },
      select: { sealed: { select: { bodyKey: true, bodyBytes: true, bodySha256: true } } },
    });
    if (!recording?.sealed) throw new Refusal('LEASE_OVER');
    const begun = await tx.db.$executeRaw`
      UPDATE runner_job SET "bodyBegunAt" = now() WHERE id = ${id}::uuid AND "bodyBegunAt" IS NULL`;
    if (begun > 0)
      await tx.log({
        action: 'runner.body_begun',
        outcome: 'done',
        object: { kind: 'recording', id: recordingId, recordingId, lessonId },
        details: { runner: runnerId, job: id, lease: leaseId },
      });
    return recording.sealed;
  });
}

async function* readCounted(
  outside: Needs,
  caller: Caller,
  leaseId: Id,
  { key, bytes, start, end }: { key: string; bytes: number; start: number; end: number },
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let sent = 0;
  try {
    let askedAt = performance.now();
    for await (const piece of await outside.objects.get(key, { start, end }, { signal })) {
      if (performance.now() - askedAt >= askAgainMs) {
        await assertMayRead(outside, caller, leaseId, bytes, sent);
        askedAt = performance.now();
      }
      sent += piece.length;
      yield piece;
    }
  } finally {
    await outside.database.read.$executeRaw`
      UPDATE runner_job SET "bodyBytes" = "bodyBytes" + ${sent} WHERE "leaseId" = ${leaseId}::uuid`;
  }
}

async function assertMayRead(
  { database }: Needs,
  caller: Caller,
  leaseId: Id,
  bytes: number,
  sent: number,
): Promise<void> {
  const [row] = await database.read.$queryRaw<{ before: bigint }[]>`
    SELECT "bodyBytes" AS before FROM runner_job
     WHERE "leaseId" = ${leaseId}::uuid AND "runnerId" = ${caller.runnerId}::uuid AND state = 'leased' AND "leasedUntil" > now()`;
  if (row === undefined) throw new Refusal('LEASE_OVER');
  if (Number(row.before) + sent > mostTimes * bytes + slackBytes) throw new Refusal('TOO_MANY_REQUESTS');
}
