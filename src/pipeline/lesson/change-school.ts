import { Refusal } from '../../domain/errors.ts';
import type { StaffRole } from '../../domain/ids.ts';
import { assertLinkRules } from '../../domain/link-rules.ts';
import type { AttendanceRule } from '../../domain/permission.ts';
import { shorteningPart } from '../../domain/retention-change.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { askChange } from '../retention/ask-change.ts';
import { toChange } from '../retention/list-changes.ts';
import { setSchoolRules } from '../retention/set-school-rules.ts';

/**
 * Changes the school's rules. The part that would make recordings go sooner waits (`retention-change.ts`); the rest counts at
 * once. @throws Refusal `NOT_FOUND` before it was set up; `INVALID_REQUEST` `LINK_DAYS_ORDER`.
 */
export async function changeSchool(
  outside: Pick<Outside, 'database' | 'clock' | 'settings'>,
  caller: Caller,
  change: {
    name?: string | undefined;
    requireAllGuardians?: boolean | undefined;
    secondFactorRoles?: StaffRole[] | undefined;
    requirePupilSignature?: boolean | undefined;
    yearStartMonth?: number | undefined;
    yearStartDay?: number | undefined;
    expiredGraceDays?: number | undefined;
    eraseOnWithdrawalDays?: number | null | undefined;
    linkDays?: number | undefined;
    longestLinkDays?: number | undefined;
    attendance?: AttendanceRule | undefined;
  },
) {
  return outside.database.transact(caller, async (tx) => {
    const before = await tx.db.school.findFirst();
    if (!before) throw new Refusal('NOT_FOUND');
    assertLinkRules({
      linkDays: change.linkDays ?? before.linkDays,
      longestLinkDays: change.longestLinkDays ?? before.longestLinkDays,
    });
    const shortening = shorteningPart(before, change, await tx.db.retentionPolicy.findMany());
    const atOnce = Object.entries(change).filter(
      ([rule, value]) => value !== undefined && !Object.hasOwn(shortening ?? {}, rule),
    );
    const row = await setSchoolRules(tx, Object.fromEntries(atOnce));
    const waiting =
      shortening && toChange(await askChange(outside, tx, caller, { kind: 'school_rules', payload: shortening }));
    return { ...row, waiting };
  });
}
