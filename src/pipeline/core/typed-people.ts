import { randomUUID } from 'node:crypto';
import type { Id } from '../../domain/ids.ts';
import type { ParticipantKind } from '../../domain/permission.ts';
import { foldForSearch, type PersonRole } from '../../domain/person.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { openContactBook, toContact } from './people-key.ts';

/** Somebody who is typed in for a lesson, with who signs for them. */
export interface NewParticipant {
  name: string;
  kind: ParticipantKind;
  isMinor: boolean;
  /** Addresses of the person, with commas between them. */
  contact?: string | undefined;
  guardians: { name: string; contact: string }[];
}

/** Which part of a course they take part in. */
export interface PlaceInCourse {
  readonly courseId: Id;
  /** The one lesson of a guest of one day; null: all from then on. */
  readonly lessonId: Id | null;
  readonly from: Date;
}

const roleOf = { pupil: 'pupil', teacher: 'staff', guest: 'guest' } as const satisfies Record<
  ParticipantKind,
  PersonRole
>;

/**
 * Takes people into the records of the school and into a course. Nobody is looked for by name: two of one name are two.
 * Returns the ids of the participants, in the order given.
 */
export async function addTypedPeople(
  outside: Pick<Outside, 'keyring' | 'clock'>,
  { db }: Pick<Transaction, 'db'>,
  people: readonly NewParticipant[],
  place: PlaceInCourse,
  addedById: Id,
): Promise<Id[]> {
  const typed = people.map((person) => ({ ...person, id: randomUUID(), personId: randomUUID() }));
  const guardians = typed.flatMap(({ personId, guardians }) =>
    guardians.map((guardian) => ({ ...guardian, id: randomUUID(), pupilId: personId })),
  );
  await db.person.createMany({
    data: [
      ...typed.map(({ personId, name, kind }) => toPerson(personId, name, roleOf[kind])),
      ...guardians.map(({ id, name }) => toPerson(id, name, 'guardian')),
    ],
  });
  const now = outside.clock();
  await db.guardianship.createMany({
    data: guardians.map(({ id, pupilId }) => ({
      pupilId,
      guardianId: id,
      relation: 'carer' as const,
      authority: 'may_sign' as const,
      from: now,
      changedById: addedById,
    })),
  });
  const addresses = [
    ...typed.flatMap(({ personId, contact = '' }) => addressesIn(contact).map((value) => ({ id: personId, value }))),
    ...guardians.flatMap(({ id, contact }) => addressesIn(contact).map((value) => ({ id, value }))),
  ];
  if (addresses.length > 0) {
    const book = await openContactBook(outside, db);
    try {
      await db.contact.createMany({
        data: addresses.map(({ id, value }) => toContact(book, id, value, addedById)),
        skipDuplicates: true,
      });
    } finally {
      book.close();
    }
  }
  // One after the other in time, so that they stay in the order in which they were typed.
  await db.participant.createMany({
    data: typed.map(({ id, personId, kind, isMinor }, at) => ({
      ...place,
      id,
      personId,
      kind,
      isMinor,
      addedAt: new Date(now.getTime() + at),
    })),
  });
  return typed.map(({ id }) => id);
}

/** `a@b.example, 0532 000 00 00` are two. */
const addressesIn = (typed: string) =>
  typed
    .split(/[,;]/)
    .map((one) => one.trim())
    .filter((one) => one !== '');

function toPerson(id: Id, name: string, role: PersonRole) {
  return { id, name, folded: foldForSearch(name), roles: [role] };
}
