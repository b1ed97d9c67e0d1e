import { randomUUID } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { foldForSearch, type PersonRole } from '../../domain/person.ts';
import { followClasses } from '../core/course-people.ts';
import { isAdministrator } from '../core/is-administrator.ts';
import { openContactBook, toContact } from '../core/people-key.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertKnown } from '../course/create-course.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { getPerson } from './get-person.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring'>;

export interface NewPerson {
  readonly name: string;
  readonly roles: readonly PersonRole[];
  readonly schoolNumber?: string | undefined;
  readonly language?: Language | undefined;
  readonly adultFrom?: string | undefined;
  readonly contacts: readonly string[];
  readonly classIds: Id[];
}

/**
 * Takes one person into the records of the school by hand. Who has the same name is told, and nobody is taken for them: two
 * children may have one name. From when somebody signs alone an administrator says (policy P6).
 * @throws Refusal `NOT_ALLOWED` `ADULT_BY_ADMINISTRATOR`; `INVALID_REQUEST` `CLASS_UNKNOWN`; `ALREADY_EXISTS`
 * `SCHOOL_NUMBER_TAKEN`.
 */
export async function createPerson(outside: Needs, caller: Caller, input: NewPerson) {
  const { roles, schoolNumber = null, language = null, adultFrom, contacts, classIds } = input;
  // As a roster writes it.
  const name = input.name.replaceAll(/\s+/gu, ' ');
  const by = staffIdOf(caller);
  if (adultFrom !== undefined && !isAdministrator(caller))
    throw new Refusal('NOT_ALLOWED', { reasons: [{ code: 'ADULT_BY_ADMINISTRATOR' }] });
  const now = outside.clock();
  const personId = randomUUID();
  const folded = foldForSearch(name);
  const namesakes = await outside.database.transact(caller, async (tx) => {
    const { db } = tx;
    // A roster that is taken in at the same moment may bring the same number.
    await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtext('roster import'))`;
    await assertKnown(tx, 'classIds', 'CLASS_UNKNOWN', classIds);
    await assertNumberFree(db, schoolNumber);
    const same = await db.person.findMany({
      where: { folded, erasedAt: null },
      orderBy: { createdAt: 'asc' },
      take: 20,
      select: {
        id: true,
        name: true,
        roles: true,
        memberships: { where: { until: null }, select: { class: { select: { name: true } } } },
      },
    });
    await db.person.create({
      data: {
        id: personId,
        name,
        folded,
        roles: [...roles],
        schoolNumber,
        language,
        adultFrom: adultFrom === undefined ? null : new Date(adultFrom),
      },
    });
    await addContacts(outside, tx, personId, contacts, by);
    await db.classMember.createMany({ data: classIds.map((classId) => ({ classId, personId, from: now })) });
    for (const classId of classIds) await followClasses(db, { classId }, { now, from: now });
    await tx.log({
      action: 'person.created',
      outcome: 'done',
      object: { kind: 'person', id: personId },
      details: { roles: [...roles], contacts: contacts.length, classes: classIds.length },
    });
    return same.map(({ memberships, ...person }) => ({
      ...person,
      classes: memberships.map((member) => member.class.name),
    }));
  });
  return { ...(await getPerson(outside, caller, personId)), namesakes };
}

async function assertNumberFree(db: Transaction['db'], schoolNumber: string | null): Promise<void> {
  if (schoolNumber === null) return;
  const other = await db.person.findFirst({ where: { schoolNumber }, select: { name: true } });
  if (other)
    throw new Refusal('ALREADY_EXISTS', {
      reasons: [
        {
          code: 'SCHOOL_NUMBER_TAKEN',
          params: { number: schoolNumber, name: other.name },
          subject: { kind: 'field', id: 'schoolNumber' },
        },
      ],
    });
}

async function addContacts(
  outside: Needs,
  { db }: Transaction,
  personId: Id,
  values: readonly string[],
  addedById: Id,
): Promise<void> {
  if (values.length === 0) return;
  const book = await openContactBook(outside, db);
  try {
    await db.contact.createMany({
      data: values.map((value) => toContact(book, personId, value, addedById)),
      skipDuplicates: true,
    });
  } finally {
    book.close();
  }
}
