import type { OpenDatabase } from '../adapters/prisma/database.ts';
import type { Config } from '../config/env.ts';
import { Refusal } from '../domain/errors.ts';
import type { Id } from '../domain/ids.ts';
import type { ReasonCode } from '../domain/reason.ts';
import { ensureKeysOfSchool, type NewRecoveryKey } from '../keys/keys-of-school.ts';
import { closeSchool as closeOne } from '../pipeline/authority/close-school.ts';
import { makeSchool } from '../pipeline/authority/open-school.ts';
import { readFigures } from '../pipeline/authority/school-figures.ts';
import { schoolConfig } from './schools.ts';

/** What the operator asked for cannot be done; the message says why, and to whom it is said. */
export class SetUpRefused extends Error {
  override readonly name = 'SetUpRefused';
}

const caller = { actor: { kind: 'system', id: 'setup' } } as const;

/** As {@link makeSchool}, for the operator: the recovery key is made here, and written where it is to be taken from. @throws SetUpRefused */
export async function openAnotherSchool(
  config: Config,
  open: OpenDatabase,
  name: string,
  rules: 'tr' | 'uk',
): Promise<{ readonly id: Id; readonly newRecoveryKey: NewRecoveryKey | null }> {
  let newRecoveryKey: NewRecoveryKey | null = null;
  const makeKeys = async (id: Id) => {
    newRecoveryKey ??= await ensureKeysOfSchool(schoolConfig(config, id));
  };
  const outside = { database: open, schools: { rowsOf: open.ofSchool }, clock: () => new Date() };
  const nobody = { administrator: null, toUrl: null };
  const { id } = await orSay(makeSchool(outside, caller, { name, rules }, makeKeys, nobody), {
    NO_SCHOOL_YET: 'there is no school yet: the first one is made with --school NAME',
    SCHOOL_NAME_TAKEN: 'there is a school of this name already: {id}',
  });
  return { id, newRecoveryKey };
}

/** As the page of an authority does it. @throws SetUpRefused */
export async function closeSchool(
  open: OpenDatabase,
  { id, isClosed, clock }: { readonly id: Id; readonly isClosed: boolean; readonly clock: () => Date },
): Promise<void> {
  await assertThere(open, id);
  await orSay(closeOne({ database: open, schools: { rowsOf: open.ofSchool }, clock }, caller, { id, isClosed }), {
    FIRST_SCHOOL_STAYS: 'the first school of an installation cannot be closed',
    SCHOOL_CLOSED_ALREADY: `the school ${id} is closed already`,
    SCHOOL_OPEN_ALREADY: `the school ${id} is open already`,
  });
}

/** Says to the operator why not. */
async function orSay<T>(work: Promise<T>, words: Readonly<Partial<Record<ReasonCode, string>>>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const [reason] = error instanceof Refusal ? error.reasons : [];
    const said = reason && words[reason.code];
    if (said === undefined) throw error;
    throw new SetUpRefused(said.replace('{id}', String(reason?.params?.id)), { cause: error });
  }
}

/** @throws SetUpRefused for an id that is none of a school here, and for one that was taken out. */
export async function assertThere(open: OpenDatabase, id: string): Promise<void> {
  const found = (await readFigures(open.read)).find((school) => school.id === id);
  if (found === undefined) throw new SetUpRefused(`there is no school ${id}: --schools lists them`);
  if (found.takenOutAt !== null)
    throw new SetUpRefused(`the school ${id} was taken out, and goes on in another installation (docs/backup.md)`);
}

/** A line for each school: figures, never people or media. */
export async function describeSchools(open: OpenDatabase): Promise<string[]> {
  const day = (at: Date) => at.toISOString().slice(0, 10);
  const schools = await readFigures(open.read);
  return schools.map(({ id, name, closedAt, takenOutAt, staff, recordings, bytes, lastUploadAt }) =>
    [
      `${id}  ${name}`,
      `staff ${staff}, recordings ${recordings}, stored ${(bytes / 1024 ** 3).toFixed(2)} GiB`,
      `last upload ${lastUploadAt ? day(lastUploadAt) : 'never'}`,
      ...(closedAt ? [`closed ${day(closedAt)}`] : []),
      ...(takenOutAt ? ['taken out: it goes on in another installation'] : []),
    ].join('; '),
  );
}
