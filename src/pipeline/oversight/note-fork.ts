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
      await mailAdministrators({ settings }, tx, (language) => words[language]);
    });
    throw error;
  }
}

const words = {
  tr: {
    subject: 'Emanet: günlüğün kopyası uyuşmuyor',
    text: 'Günlüğün başka yerde saklanan bir kopyası bu günlükle uyuşmuyor: veritabanı eski bir yedeğe döndürülmüş ya da değiştirilmiş olabilir. Kopya değiştirilmedi. Denetçinize haber verin; docs/audit-log.md ne yapılacağını söyler.',
  },
  en: {
    subject: 'Emanet: a copy of the log does not fit',
    text: 'A copy of the log that is kept elsewhere does not fit this log: the database may have been set back to an older backup, or changed. The copy was left as it is. Tell your auditor; docs/audit-log.md says what to do.',
  },
} as const;
