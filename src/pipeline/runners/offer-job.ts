import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { detectorsVersion } from '../../detection/detectors-version.ts';
import type { Id } from '../../domain/ids.ts';
import { neededForCheck, runnerSeenMs } from '../../domain/runner.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'third-party-check' } };

/** Whether there is a runner that could take a check: enabled, of this version, and heard of lately. */
export async function hasRunner(db: Pick<Prisma.TransactionClient, '$queryRaw'>): Promise<boolean> {
  const [row] = await db.$queryRaw<{ there: boolean }[]>`
    SELECT EXISTS (
      SELECT FROM runner WHERE "disabledAt" IS NULL AND detectors = ${detectorsVersion}
         AND capabilities @> ${[...neededForCheck]}::"RunnerCapability"[]
         AND "lastSeenAt" > now() - ${runnerSeenMs}::integer * interval '1 millisecond'
    ) AS there`;
  return row?.there === true;
}

/** Lets a check wait for a runner. False: there is none that could do it. A check that waits already goes on waiting. */
export async function offerToRunners({ database, settings }: Needs, recordingId: Id): Promise<boolean> {
  if (settings.runnerWaitMs === 0) return false;
  if (!(await hasRunner(database.read))) return false;
  await database.transact(caller, async (tx) => {
    await tx.db.$executeRaw`
      INSERT INTO runner_job (id, "recordingId", "queuedAt", "waitsUntil")
      VALUES (gen_random_uuid(), ${recordingId}::uuid, now(), now() + ${settings.runnerWaitMs}::integer * interval '1 millisecond')
      ON CONFLICT ("recordingId") DO NOTHING`;
  });
  return true;
}
