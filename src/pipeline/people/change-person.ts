import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import { assertFewer } from '../core/assert-fewer.ts';
import { lockCoursesOf } from '../core/course-people.ts';
import { findPerson } from '../core/find-person.ts';
import { openContactBook, toContact } from '../core/people-key.ts';
import { quarantineInCourse } from '../core/quarantine.ts';
import { revokeLinks } from '../core/signer-link.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { linksSentTo, renewLink } from '../signing/revoke-link.ts';
import { getPerson } from './get-person.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring' | 'settings'>;

const mostContacts = 20;

/**
 * Changes what no roster says: the language of somebody's pages and mails, from which day they sign alone, and their addresses.
 * A new address is asked for by nobody any more; one that is taken away stays on the mails that it was used for, as a mask. A
 * link that went there may be in the wrong hands: it is revoked, and a new one goes to the address that is left.
 * Coming of age counts for the lessons of every course at once (policy P6).
 * @throws Refusal `NOT_FOUND`; `INVALID_REQUEST` `TOO_MANY`.
 */
export async function changePerson(
  outside: Needs,
  caller: Caller,
  personId: Id,
  change: {
    language?: Language | null | undefined;
    adultFrom?: string | null | undefined;
    addContact?: string | undefined;
    removeContactId?: Id | undefined;
  },
) {
  const { language, adultFrom, addContact, removeContactId } = change;
  const now = outside.clock();
  const link = await outside.database.transact(caller, async (tx) => {
    const courses = adultFrom === undefined ? [] : await lockCoursesOf(tx.db, personId);
    if (!(await findPerson(tx.db, personId))) throw new Refusal('NOT_FOUND');
    await tx.db.person.update({
      where: { id: personId },
      data: {
        ...(language === undefined ? {} : { language }),
        ...(adultFrom === undefined ? {} : { adultFrom: adultFrom === null ? null : new Date(adultFrom) }),
      },
    });
    let isExposed = false;
    if (removeContactId !== undefined) {
      const contact = await tx.db.contact.findFirst({ where: { id: removeContactId, personId } });
      if (!contact) throw new Refusal('NOT_FOUND');
      await tx.db.contact.delete({ where: { id: removeContactId } });
      isExposed = (await linksSentTo(tx, contact)) > 0;
    }
    if (addContact !== undefined) {
      await assertFewer(tx.db.contact.count({ where: { personId } }), mostContacts);
      const book = await openContactBook(outside, tx.db);
      try {
        const data = toContact(book, personId, addContact, staffIdOf(caller));
        const { kind, digest } = data;
        // The same address typed again is one that works after all.
        await tx.db.contact.deleteMany({ where: { personId, kind, digest } });
        await tx.db.contact.create({ data });
      } finally {
        book.close();
      }
      await tx.db.task.updateMany({
        where: { kind: 'correct_address', personId, doneAt: null },
        data: { doneAt: now, doneById: staffIdOf(caller) },
      });
    }
    for (const courseId of courses) await quarantineInCourse(tx, courseId, now);
    // After the new address is there: the new link goes to it.
    const revoked = isExposed ? await revokeLinks(tx, { personId }, now) : [];
    // Whose link was revoked while no address was there gets the new one with the address.
    const isWithout = addContact !== undefined && (await hasLostLinks(tx, personId));
    const renewed = isExposed || isWithout ? await renewLink(outside, tx, { personId }, revoked) : null;
    const fields = Object.entries(change).flatMap(([field, value]) => (value === undefined ? [] : [field]));
    await tx.log({
      action: 'person.changed',
      outcome: 'done',
      object: { kind: 'person', id: personId },
      details: { fields },
    });
    return renewed;
  });
  return { ...(await getPerson(outside, caller, personId)), link };
}

/** Whether a personal link of somebody was revoked, and none that opens anything has been sent to them since. */
async function hasLostLinks({ db }: Transaction, personId: Id): Promise<boolean> {
  const revoked = await db.signerLink.count({ where: { personId, revokedAt: { not: null } } });
  const sent = await db.signerLink.count({ where: { personId, revokedAt: null, deliveries: { some: {} } } });
  return revoked > 0 && sent === 0;
}
