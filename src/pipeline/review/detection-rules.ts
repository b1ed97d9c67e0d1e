import { type DetectionRules, defaultDetectionRules, rankedSources } from '../../domain/detection-rules.ts';
import { list, number, object, oneOf, type Reader, text } from '../../domain/json.ts';
import { watchedKinds } from '../../domain/watched-names.ts';
import { storableJson } from '../core/storable.ts';
import { getSchool } from '../lesson/get-school.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

/** The rules that a school has changed. */
type Stored = Partial<Omit<DetectionRules, 'least'>> & { readonly least?: Partial<DetectionRules['least']> };
/** `school.detection`; null: nothing was changed. */
const readStored: Reader<Stored> = object(
  {},
  {
    watchedNames: list(object({ name: text, kind: oneOf(watchedKinds) })),
    least: object({}, Object.fromEntries(rankedSources.map((source) => [source, number]))),
    gapMs: number,
  },
);

/** The rules for recordings that are checked from now on. */
export async function getDetectionRules({ database }: Needs): Promise<DetectionRules> {
  const school = await database.read.school.findFirst({ select: { detection: true } });
  return complete(readStored(school?.detection ?? {}));
}

/** Rules that are left out stay as they are; null resets all of them to their defaults. @throws Refusal `NOT_FOUND`. */
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
    const before = readStored(detection ?? {});
    const after: Stored =
      change === null
        ? {}
        : { ...before, ...given(change), least: { ...complete(before).least, ...given(change.least) } };
    await tx.db.school.update({ where: { id }, data: { detection: storableJson(after) } });
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
