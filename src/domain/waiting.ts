import type { StaffRole } from './ids.ts';
import { type Reach, type ReachByRole, reachOf } from './search.ts';

/**
 * What may wait for a member of staff, in the order in which it is looked at, and for whom: `own` counts only what belongs to
 * a lesson, a course or an upload of theirs.
 */
export const waitingFor = {
  emergency_used: { administrator: 'any' },
  quarantined: { teacher: 'own', administrator: 'any' },
  attendance: { teacher: 'own', administrator: 'any' },
  to_review: { reviewer: 'any' },
  to_approve: { administrator: 'any' },
  scan_to_confirm: { teacher: 'own', administrator: 'any' },
  scan_to_read: { teacher: 'own', administrator: 'any' },
  scan_to_assign: { teacher: 'own', administrator: 'any' },
  failed_job: { administrator: 'any' },
  task: { teacher: 'any', administrator: 'any' },
  unanswered: { teacher: 'own', administrator: 'any' },
  upload: { teacher: 'own', administrator: 'own' },
} as const satisfies Record<string, ReachByRole>;
export type WaitingKind = keyof typeof waitingFor;
export const waitingKinds = Object.keys(waitingFor) as [WaitingKind, ...WaitingKind[]];

/** How much of a kind somebody with these roles sees; undefined: nothing. The wider relation counts. */
export function waitingRelation(kind: WaitingKind, roles: readonly StaffRole[]): Reach | undefined {
  return reachOf(waitingFor[kind], roles);
}
