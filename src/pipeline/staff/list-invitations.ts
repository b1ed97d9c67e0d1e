import type { Outside } from '../ports/outside.ts';

export async function listInvitations({ database }: Pick<Outside, 'database'>) {
  return database.read.invitation.findMany({ orderBy: { createdAt: 'desc' } });
}
