import { Refusal } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';

/** @throws Refusal `INVALID_REQUEST` when there are as many as there may be. */
export async function assertFewer(counted: Promise<number>, most: number): Promise<void> {
  if ((await counted) < most) return;
  const reason: Reason = { code: 'TOO_MANY', params: { most } };
  throw new Refusal('INVALID_REQUEST', { reasons: [reason] });
}
