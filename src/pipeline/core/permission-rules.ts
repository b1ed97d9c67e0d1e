import { type PermissionRules, presets, readPermissionRules } from '../../domain/permission-rules.ts';
import type { Database, Transaction } from '../ports/database.ts';

/** How the school asks for permission. */
export async function findPermissionRules(db: Transaction['db'] | Database['read']): Promise<PermissionRules> {
  const school = await db.school.findFirst({ select: { permissionRules: true } });
  return toPermissionRules(school?.permissionRules ?? null);
}

/** `school.permissionRules`; null: nothing was chosen yet. */
export function toPermissionRules(stored: unknown): PermissionRules {
  return stored === null ? presets.own : readPermissionRules(stored);
}
