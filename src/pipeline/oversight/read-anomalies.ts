import { anomalyParams, anomalyRules } from '../../domain/anomaly.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findAnomalies } from './find-anomalies.ts';
import { noteReading, shown } from './note-reading.ts';
import { resolvePersons } from './resolve-persons.ts';

type Needs = Pick<Outside, 'database' | 'logSigner' | 'clock' | 'settings'>;

/**
 * What stands out on the log of the last `days` days, newest first, by simple rules that say what they counted and which
 * entries they counted in. Looking is on the log as well. Policy P4.
 */
export async function readAnomalies(outside: Needs, caller: Caller, days: number) {
  const { database } = outside;
  const { anomalies: thresholds } = outside.settings;
  const { found, checkpoint } = await findAnomalies(outside, days);
  await noteReading(outside, caller, { action: 'audit.anomalies_read', outcome: 'done', details: { days } });
  const pseudonyms = found.flatMap(({ actor }) => actor ?? []);
  return {
    days,
    rules: anomalyRules.map((rule) => ({ rule, params: anomalyParams(rule, thresholds) })),
    anomalies: found,
    persons: await resolvePersons(database.read, [...new Set(pseudonyms)]),
    checkpoint: shown(checkpoint),
  };
}
