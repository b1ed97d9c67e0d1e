import { type GateQuestion, gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { getGateRecord } from '../core/gate-record.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Everything that is missing now; changes nothing. */
export async function askGate({ database, clock }: Needs, lessonId: Id, question: GateQuestion) {
  const { lesson, permissions } = await getGateRecord(database.read, lessonId);
  const at = clock();
  const reasons = gateReasons(lesson, permissions, at, question);
  return { holds: reasons.length === 0, at, reasons };
}
