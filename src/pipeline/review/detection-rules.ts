import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { type DetectionRules, defaultDetectionRules } from '../../domain/detection-rules.ts';
import { getSchool } from '../lesson/get-school.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;
type Stored = Partial<DetectionRules>;

/** What is looked for in recordings that are checked from now on. */
export async function getDetectionRules({ database }: Needs): Promise<DetectionRules> {
  const school = await database.read.school.findFirst({ orderBy: { createdAt: 'asc' }, select: { detection: true } });
  return complete((school?.detection ?? {}) as Stored);
}

/** Rules that are left out stay as they are; null puts all of them back as delivered. @throws Refusal `NOT_FOUND`. */
export async function changeDetectionRules(
  { database }: Needs,
  caller: Caller,
  change: {
    watchedNames?: DetectionRules['watchedNames'] | undefined;
    least?: Partial<Record<keyof DetectionRules['least'], number | undefined>> | undefined;
    gapMs?: number | undefined;
  } | null,
): Promise<DetectionRules> {
  const { id } = await getSchool({ database });
  return database.transact(caller, async (tx) => {
    const { detection } = await tx.db.school.findUniqueOrThrow({ where: { id }, select: { detection: true } });
    const before = (detection ?? {}) as Stored;
    const after: Stored =
      change === null
        ? {}
        : { ...before, ...given(change), least: { ...complete(before).least, ...given(change.least) } };
    await tx.db.school.update({ where: { id }, data: { detection: after as Prisma.InputJsonObject } });
    const rules = complete(after);
    await tx.log({
      action: 'detection.changed',
      outcome: 'done',
      object: { kind: 'school', id },
      details: { names: rules.watchedNames.length, gapMs: rules.gapMs, least: { ...rules.least } },
    });
    return rules;
  });
}

const complete = (stored: Stored): DetectionRules => ({
  ...defaultDetectionRules,
  ...stored,
  least: { ...defaultDetectionRules.least, ...stored.least },
});

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

const given = <Values extends object>(values: Values | undefined): Given<Values> =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== undefined)) as Given<Values>;
