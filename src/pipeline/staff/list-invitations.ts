import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export async function listInvitations({ database }: Pick<Needs, 'database'>) {
  return database.read.invitation.findMany({ orderBy: { createdAt: 'desc' } });
}
