import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { findPerson } from '../core/find-person.ts';
import { openContactBook } from '../core/people-key.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/** Somebody with their addresses and whom they stand for. Reading addresses is on the log. @throws Refusal `NOT_FOUND`. */
export function getPerson(outside: Pick<Outside, 'database' | 'keyring'>, caller: Caller, personId: Id) {
  return outside.database.transact(caller, async (tx) => {
    const row = await findPerson(tx.db, personId);
    if (!row) throw new Refusal('NOT_FOUND');
    const contacts = await tx.db.contact.findMany({
      where: { personId },
      include: { import: { select: { fileName: true } } },
      orderBy: { createdAt: 'asc' },
    });
    const members = await tx.db.classMember.findMany({
      where: { personId },
      include: { class: true },
      orderBy: { from: 'asc' },
    });
    const guardianships = await tx.db.guardianship.findMany({
      where: { OR: [{ pupilId: personId }, { guardianId: personId }] },
      include: { pupil: { select: { name: true } }, guardian: { select: { name: true } } },
      orderBy: { from: 'asc' },
    });
    if (contacts.length > 0)
      await tx.log({
        action: 'person.shown',
        outcome: 'done',
        object: { kind: 'person', id: personId },
        details: { contacts: contacts.length },
      });
    const book = await openContactBook(outside, tx.db);
    try {
      return {
        id: row.id,
        name: row.name,
        roles: row.roles,
        schoolNumber: row.schoolNumber,
        language: row.language,
        adultFrom: row.adultFrom?.toISOString().slice(0, 10) ?? null,
        contacts: contacts.map(
          ({ id, kind, locked, file, line, undeliverableAt, undeliverableWhy, import: source }) => ({
            id,
            kind,
            value: book.unlock(id, locked),
            undeliverable: undeliverableAt === null ? null : (undeliverableWhy ?? ''),
            // A single file is known by the name that it was uploaded under; a member of an archive by its own.
            from: file === null ? null : { file: source?.fileName ?? file, line },
          }),
        ),
        classes: members.map(({ class: { id, name, schoolYear }, from, until }) => ({
          id,
          name,
          schoolYear,
          from,
          until,
        })),
        guardianships: guardianships.map(
          ({ id, pupilId, pupil, guardianId, guardian, relation, authority, from, until }) => ({
            id,
            pupil: { id: pupilId, name: pupil.name },
            guardian: { id: guardianId, name: guardian.name },
            relation,
            authority,
            from,
            until,
          }),
        ),
      };
    } finally {
      book.close();
    }
  });
}
