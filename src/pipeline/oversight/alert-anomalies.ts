import { type Anomaly, anomalyParams } from '../../domain/anomaly.ts';
import { claimOnce } from '../core/claim-once.ts';
import { mailRoles } from '../core/mail-administrators.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findAnomalies } from './find-anomalies.ts';

const caller: Caller = { actor: { kind: 'system', id: 'alerts' } };

/**
 * Tells administrators and auditors what stands out on the log since yesterday, each thing once a day. The mail names a
 * rule and a number, but no person: the page says who it was. Run by the clock. Returns how many things were new. ASVS
 * 5.0, 16.4.3.
 */
export async function alertOfAnomalies(
  outside: Pick<Outside, 'database' | 'logSigner' | 'clock' | 'settings'>,
): Promise<number> {
  const { database, clock, settings } = outside;
  if (!settings.sendsMail) return 0;
  const { found } = await findAnomalies(outside, 1);
  if (found.length === 0) return 0;
  return database.transact(caller, async (tx) => {
    const fresh: Anomaly[] = [];
    for (const one of found) {
      const id = `anomaly:${one.rule}:${one.actor ?? '-'}:${one.recordingId ?? '-'}:${one.firstAt.slice(0, 10)}`;
      if (await claimOnce(tx, id, clock())) fresh.push(one);
    }
    if (fresh.length === 0) return 0;
    await mailRoles(outside, tx, ['administrator', 'auditor'], {
      kind: 'anomalies',
      found: fresh.map(({ rule, count }) => ({ rule, params: anomalyParams(rule, settings.anomalies), count })),
      url: settings.baseUrl(),
    });
    return fresh.length;
  });
}
