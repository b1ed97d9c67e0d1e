import { Refusal } from '../../domain/errors.ts';
import type { LeastAssurance } from '../../domain/permission.ts';
import { type PermissionRules, presets } from '../../domain/permission-rules.ts';
import { toPermissionRules } from '../core/permission-rules.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Given = {
  readonly [Rule in Exclude<keyof PermissionRules, 'preset' | 'leastAssurance'>]?: PermissionRules[Rule] | undefined;
};

type Chosen = Given & {
  readonly preset?: 'tr' | 'uk' | undefined;
  readonly leastAssurance?:
    | { readonly [Purpose in keyof LeastAssurance]?: LeastAssurance[Purpose] | undefined }
    | undefined;
};

/**
 * Chooses how the school asks, and how sure it wants to be of an answer. Stricter rules count for what is recorded already:
 * recordings whose permission is not sure enough any more go into quarantine at once. Policy P6.
 * @throws Refusal `INVALID_REQUEST` `MAIL_HOURS` when mail would never go out.
 */
export async function choosePermissionRules(
  { database, clock }: Pick<Outside, 'database' | 'clock'>,
  caller: Caller,
  chosen: Chosen,
): Promise<PermissionRules> {
  return database.transact(caller, (tx) => changePermissionRules(tx, clock(), chosen));
}

/** As {@link choosePermissionRules}, in a transaction that is open. */
export async function changePermissionRules(tx: Transaction, at: Date, chosen: Chosen): Promise<PermissionRules> {
  const { preset, leastAssurance, ...given } = chosen;
  const school = await tx.db.school.findFirstOrThrow();
  const before = preset === undefined ? toPermissionRules(school.permissionRules) : presets[preset];
  const own = [leastAssurance, ...Object.values(given)].some((value) => value !== undefined);
  const rules: PermissionRules = {
    ...before,
    ...withoutGaps(given),
    leastAssurance: { ...before.leastAssurance, ...withoutGaps(leastAssurance ?? {}) },
    preset: own ? 'own' : before.preset,
  };
  if (rules.mailFromHour >= rules.mailUntilHour)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [{ code: 'MAIL_HOURS', subject: { kind: 'field', id: 'mailUntilHour' } }],
    });
  await tx.db.school.update({ where: { id: school.id }, data: { permissionRules: toJson(rules) } });
  await keepDays(tx, toPermissionRules(school.permissionRules).timeZone, rules.timeZone);
  const courses = await tx.db.$queryRaw<{ id: string }[]>`
    SELECT id FROM course WHERE id IN (SELECT l."courseId" FROM lesson l JOIN recording r ON r."lessonId" = l.id)
     ORDER BY id FOR UPDATE`;
  for (const { id } of courses) await quarantineInCourse(tx, id, at);
  await tx.log({
    action: 'school.changed',
    outcome: 'done',
    object: { kind: 'school', id: school.id },
    details: { permissionRules: rules.preset, leastRecord: rules.leastAssurance.record },
  });
  return rules;
}

/** A course is from one day until another, and its signers read these days: they stay when the time zone is another. */
async function keepDays({ db }: Transaction, before: string, after: string): Promise<void> {
  if (before === after) return;
  await db.$queryRaw`SELECT id FROM course WHERE NOT "isSingle" ORDER BY id FOR UPDATE`;
  await db.$executeRaw`
    UPDATE participant p SET "from" = (p."from" AT TIME ZONE ${before}) AT TIME ZONE ${after}
      FROM course c WHERE c.id = p."courseId" AND c."from" = p."from" AND p."lessonId" IS NULL AND NOT c."isSingle"`;
  await db.$executeRaw`
    UPDATE course SET "from" = ("from" AT TIME ZONE ${before}) AT TIME ZONE ${after},
                      until = (until AT TIME ZONE ${before}) AT TIME ZONE ${after},
                      "keptUntil" = ("keptUntil" AT TIME ZONE ${before}) AT TIME ZONE ${after}
     WHERE NOT "isSingle"`;
}

function withoutGaps<T extends object>(given: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}

/** As the column takes it: `readPermissionRules` reads it back. */
const toJson = ({ leastAssurance, ...rules }: PermissionRules) => ({
  ...rules,
  leastAssurance: { ...leastAssurance, release: { ...leastAssurance.release } },
});
