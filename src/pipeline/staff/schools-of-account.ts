import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import type { NamedSchool } from '../ports/schools.ts';

/** The school in which whoever signs in with this address begins. An unknown address belongs nowhere: as if to this one. */
export async function schoolOfAddress(outside: Outside, email: string): Promise<Outside> {
  const account = await outside.database.read.account.findUnique({
    where: { email: email.toLowerCase() },
    select: { id: true },
  });
  return schoolOf(outside, account?.id);
}

/** As {@link schoolOfAddress}, by the id of a passkey. */
export async function schoolOfPasskey(outside: Outside, passkeyId: string): Promise<Outside> {
  const passkey = await outside.database.read.passkey.findUnique({
    where: { id: passkeyId },
    select: { accountId: true },
  });
  return schoolOf(outside, passkey?.accountId);
}

async function schoolOf(outside: Outside, accountId: Id | undefined): Promise<Outside> {
  // Asked in either case: the time that an answer takes does not tell an address that is known from one that is not.
  const [school] = await outside.schools.ofAccount(accountId ?? 'nobody');
  return school === undefined ? outside : outside.schools.of(school.id);
}

/** The school in which a person works now, and all in which they may work. Null: there is no school yet. */
export async function schoolsOfPerson(
  { database, schools }: Pick<Outside, 'database' | 'schools'>,
  personId: Id,
): Promise<{ readonly school: NamedSchool | null; readonly schools: NamedSchool[] }> {
  const school = await database.read.school.findFirst({ select: { id: true, name: true } });
  const all = await schools.ofAccount(personId);
  return { school, schools: all.toSorted((a, b) => a.name.localeCompare(b.name)) };
}

/**
 * What an administrator may take from an account, they must not take from one that opens other schools, too.
 * @throws Refusal `WRONG_STATE` `ACCOUNT_OF_SEVERAL_SCHOOLS`.
 */
export async function assertOfThisSchoolAlone({ schools }: Pick<Outside, 'schools'>, accountId: Id): Promise<void> {
  if ((await schools.ofAccount(accountId)).length > 1)
    throw new Refusal('WRONG_STATE', { reasons: [{ code: 'ACCOUNT_OF_SEVERAL_SCHOOLS' }] });
}
