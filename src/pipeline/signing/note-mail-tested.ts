import type { Outside } from '../ports/outside.ts';

/** Notes that the mail server took a test mail just now. */
export async function noteMailTested({ database, clock }: Pick<Outside, 'database' | 'clock'>): Promise<void> {
  await database.read.school.updateMany({ data: { mailTestedAt: clock() } });
}
