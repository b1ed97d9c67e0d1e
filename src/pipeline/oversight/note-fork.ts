import { claimOnce } from '../core/claim-once.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { LogForked } from './publish-log.ts';

type Needs = Pick<Outside, 'database' | 'settings' | 'clock'>;

const caller: Caller = { actor: { kind: 'system', id: 'sequencer' } };

/**
 * Does `work`; when it finds that a copy of the log kept elsewhere does not fit this one, that goes onto the log and to every
 * administrator, once a day. The error propagates.
 */
export async function notingForks<T>(
  { database, settings, clock }: Needs,
  where: 'store' | 'witness',
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof LogForked)) throw error;
    const day = clock().toISOString().slice(0, 10);
    await database.transact(caller, async (tx) => {
      if (!(await claimOnce(tx, `fork:${where}:${day}`, clock()))) return;
      await tx.log({ action: 'audit.forked', outcome: 'failed', details: { where, day } });
      await mailAdministrators({ settings }, tx, { kind: 'log_forked' });
    });
    throw error;
  }
}
