import type { Outside } from '../ports/outside.ts';

/** Network addresses are kept for a limited time; the entries they belong to keep their salted digest. Policy P11. */
export async function forgetAddresses(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  days: number,
): Promise<number> {
  const before = new Date(clock().getTime() - days * 24 * 60 * 60_000);
  const { count } = await database.read.auditAddress.deleteMany({ where: { at: { lt: before } } });
  return count;
}
