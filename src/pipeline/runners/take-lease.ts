import { randomUUID } from 'node:crypto';
import { detectorsVersion } from '../../detection/detectors-version.ts';
import { mustHave } from '../../domain/must-have.ts';
import { neededForCheck } from '../../domain/runner.ts';
import { rewrapEnvelope } from '../../vault/envelope.ts';
import { KeyRefused, VaultCorrupt } from '../../vault/errors.ts';
import { parsePublicKey } from '../../vault/keyring.ts';
import { checkable } from '../core/checkable.ts';
import { openLock } from '../core/envelope-lock.ts';
import { readProbe } from '../core/stored-json.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getDetectionRules } from '../review/detection-rules.ts';
import { doHere, endLeasesOf } from './end-lease.ts';
import { runnerIdOf } from './find-runner.ts';
import { endExpiredLeases } from './keep-jobs.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'settings'>;

/**
 * Hands one check to a runner for a while: with the session key of that one recording, sealed to the runner's own key. What it
 * held before is over, since it would not ask. `lease` null: there is nothing to do; `isOutdated`: nor will there be, until it
 * is of this version.
 */
export async function takeLease(outside: Needs, caller: Caller, { detectors }: { detectors: number }) {
  const { database, keyring, settings } = outside;
  const runnerId = runnerIdOf(caller);
  await endExpiredLeases(outside);
  const rules = await getDetectionRules(outside);
  return database.transact(caller, async (tx) => {
    const [runner] = await tx.db.$queryRaw<{ publicKey: string; canCheck: boolean }[]>`
      UPDATE runner SET "lastSeenAt" = now(), detectors = ${detectors}
       WHERE id = ${runnerId}::uuid AND "disabledAt" IS NULL
      RETURNING "publicKey", capabilities @> ${[...neededForCheck]}::"RunnerCapability"[] AS "canCheck"`;
    const isOutdated = detectors !== detectorsVersion;
    const nothing = { lease: null, isOutdated };
    if (runner === undefined) return nothing;
    await endLeasesOf(tx, runnerId, 'asked_again');
    if (isOutdated || !runner.canCheck) return nothing;
    const leaseId = randomUUID();
    const [taken] = await tx.db.$queryRaw<{ id: string; recordingId: string }[]>`
      UPDATE runner_job SET state = 'leased', "runnerId" = ${runnerId}::uuid, "leaseId" = ${leaseId}::uuid, leases = leases + 1,
             "leasedUntil" = now() + ${settings.runnerLeaseMs}::integer * interval '1 millisecond',
             "bodyBegunAt" = NULL, "bodyBytes" = 0
       WHERE id = (
         SELECT j.id FROM runner_job j JOIN recording r ON r.id = j."recordingId"
          WHERE j.state = 'waiting' AND r.state::text = ANY(${[...checkable]}) AND r."sealedId" IS NOT NULL
            AND NOT EXISTS (SELECT FROM paused_job WHERE kind = 'check-recording')
          ORDER BY j."queuedAt", j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED)
      RETURNING id, "recordingId"`;
    if (taken === undefined) return nothing;
    const { id: job, recordingId } = taken;
    const recording = await tx.db.recording.findUniqueOrThrow({
      where: { id: recordingId },
      include: { sealed: true },
    });
    const sealed = mustHave(recording.sealed, 'sealed object of a recording that is checked');
    const recipient = await parsePublicKey(runner.publicKey);
    let envelope: Uint8Array;
    try {
      envelope = await rewrapEnvelope(await openLock(keyring, sealed), keyring.openingKeys, [recipient]);
    } catch (error) {
      if (!(error instanceof VaultCorrupt || error instanceof KeyRefused)) throw error;
      // What is wrong with it is the worker's to say.
      await doHere(tx, taken);
      return nothing;
    }
    await tx.db.recording.update({
      where: { id: recordingId },
      data: { checkState: 'running', checkedMs: 0, checkError: null },
    });
    await tx.log({
      action: 'runner.key_sealed',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId: recording.lessonId },
      details: { runner: runnerId, job, lease: leaseId, fingerprint: recipient.fingerprint },
    });
    const { container, mediaType, declaredDurationMs, streams } = readProbe(recording.probe);
    return {
      isOutdated,
      lease: {
        id: leaseId,
        job,
        lastsMs: settings.runnerLeaseMs,
        // Tags and warnings hold what is personal, and no decoder needs them.
        probe: { container, mediaType, declaredDurationMs, streams: streams.map((stream) => ({ ...stream })) },
        rules: { names: [...rules.watchedNames], pagesPerHour: settings.pagesPerHour },
        sealed: {
          envelope: Buffer.from(envelope).toString('base64'),
          salt: Buffer.from(sealed.salt).toString('hex'),
          chunkOctet: sealed.chunkOctet,
          commitment: sealed.commitment,
          framing: sealed.framing,
          bodyBytes: Number(sealed.bodyBytes),
          mediaBytes: Number(sealed.mediaBytes),
          bodySha256: sealed.bodySha256,
        },
      },
    };
  });
}
