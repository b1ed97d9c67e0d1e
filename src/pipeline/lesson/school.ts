import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { shorteningPart } from '../../domain/retention-change.ts';
import type { Caller, Outside } from '../ports.ts';
import { askChange } from '../retention/ask-change.ts';
import { setSchoolRules } from '../retention/set-school-rules.ts';
import { toChange } from '../retention/settle-change.ts';

type Needs = Pick<Outside, 'database'>;

/** The one school of this installation. @throws Refusal `NOT_FOUND` before it was set up. */
export async function getSchool({ database }: Needs) {
  const row = await database.read.school.findFirst({ orderBy: { createdAt: 'asc' } });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}

/**
 * Changes the school's rules. The part that would make recordings go sooner waits (`retention-change.ts`); the rest counts at
 * once. @throws Refusal `NOT_FOUND` before it was set up.
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
  },
) {
  const before = await getSchool(outside);
  return outside.database.transact(caller, async (tx) => {
    const shortening = shorteningPart(before, change, await tx.db.retentionPolicy.findMany());
    const atOnce = Object.entries(change).filter(
      ([rule, value]) => value !== undefined && !Object.hasOwn(shortening ?? {}, rule),
    );
    const row = await setSchoolRules(tx, Object.fromEntries(atOnce));
    const waiting = shortening && toChange(await askChange(outside, tx, caller, 'school_rules', shortening));
    return { ...row, waiting };
  });
}

export async function listChannels({ database }: Needs) {
  return database.read.channel.findMany({
    include: { assessments: { orderBy: { validFrom: 'asc' } } },
    orderBy: { name: 'asc' },
  });
}

/** Policy P7. @throws Refusal `ALREADY_EXISTS`. */
export async function approveChannel({ database }: Needs, caller: Caller, name: string) {
  const { id: schoolId } = await getSchool({ database });
  return database.transact(caller, async (tx) => {
    if (await tx.db.channel.findUnique({ where: { schoolId_name: { schoolId, name } } }))
      throw new Refusal('ALREADY_EXISTS');
    const row = await tx.db.channel.create({ data: { schoolId, name }, include: { assessments: true } });
    await tx.log({ action: 'channel.approved', outcome: 'done', object: { kind: 'channel', id: row.id } });
    return row;
  });
}

/** Policy P7. @throws Refusal `NOT_FOUND`. */
export async function assessChannel(
  { database }: Needs,
  caller: Caller,
  channelId: Id,
  assessment: { assessedBy: string; summary: string; validFrom: Date; validUntil: Date },
) {
  return database.transact(caller, async (tx) => {
    if (!(await tx.db.channel.findUnique({ where: { id: channelId } }))) throw new Refusal('NOT_FOUND');
    await tx.db.riskAssessment.create({ data: { ...assessment, channelId } });
    await tx.log({
      action: 'channel.assessed',
      outcome: 'done',
      object: { kind: 'channel', id: channelId },
      details: { validFrom: assessment.validFrom.toISOString(), validUntil: assessment.validUntil.toISOString() },
    });
    return tx.db.channel.findUniqueOrThrow({
      where: { id: channelId },
      include: { assessments: { orderBy: { validFrom: 'asc' } } },
    });
  });
}
