import type { Outside } from '../ports/outside.ts';

const dayMs = 24 * 60 * 60_000;

/** Queues a drill when the last one that passed is so long ago; one that failed is tried again the next day. */
export async function beginDrillWhenDue({
  database,
  drill,
  clock,
}: Pick<Outside, 'database' | 'drill' | 'clock'>): Promise<boolean> {
  if (drill === null) return false;
  const since = async (action: 'drill.passed' | 'drill.failed') => {
    const last = await database.read.auditEntry.findFirst({ where: { action }, orderBy: { seq: 'desc' } });
    return last === null ? Number.POSITIVE_INFINITY : clock().getTime() - Date.parse(last.at);
  };
  if ((await since('drill.passed')) < drill.everyMs || (await since('drill.failed')) < dayMs) return false;
  await database.transact({ actor: { kind: 'system', id: 'drill' } }, (tx) =>
    tx.enqueue('run-drill', {}, { key: 'drill', queue: 'drill' }),
  );
  return true;
}
