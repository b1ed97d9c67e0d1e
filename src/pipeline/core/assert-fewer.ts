import { Refusal } from '../../domain/errors.ts';

/** @throws Refusal `INVALID_REQUEST` when there are as many as there may be. */
export async function assertFewer(counted: Promise<number>, most: number): Promise<void> {
  if ((await counted) < most) return;
  const reason = {
    code: 'TOO_MANY',
    tr: `Bundan en fazla ${most} tane olabilir.`,
    en: `There may be ${most} of these at most.`,
  };
  throw new Refusal('INVALID_REQUEST', { reasons: [reason] });
}
