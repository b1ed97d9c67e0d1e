import type { AuditEvent } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { Schools } from '../ports/schools.ts';
import { asAuthority } from './as-authority.ts';
import { readFigures } from './school-figures.ts';

/**
 * Closes a school, or opens it again. A closed one is kept, with its retention; nobody signs in, sessions and API tokens have
 * ended, and links lead nowhere. The first school stays open: what happens to the installation is on its log.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` `FIRST_SCHOOL_STAYS`, `SCHOOL_TAKEN_OUT`, `SCHOOL_CLOSED_ALREADY`,
 * `SCHOOL_OPEN_ALREADY`.
 */
export async function closeSchool(
  {
    database,
    schools,
    clock,
  }: Pick<Outside, 'database' | 'clock'> & { readonly schools: Pick<Schools<unknown>, 'rowsOf'> },
  caller: Caller,
  { id, isClosed }: { readonly id: Id; readonly isClosed: boolean },
): Promise<void> {
  const found = (await readFigures(database.read)).find((school) => school.id === id);
  if (found === undefined) throw new Refusal('NOT_FOUND');
  if (found.isFirst && isClosed) throw wrong('FIRST_SCHOOL_STAYS');
  if (found.takenOutAt !== null) throw wrong('SCHOOL_TAKEN_OUT');
  const object = { kind: 'school', id };
  const done = await schools.rowsOf(id).transact(asAuthority(caller), async (tx) => {
    const at = clock();
    const data = { closedAt: isClosed ? at : null };
    const { count } = await tx.db.school.updateMany({ where: { closedAt: isClosed ? null : { not: null } }, data });
    if (count === 0) throw wrong(isClosed ? 'SCHOOL_CLOSED_ALREADY' : 'SCHOOL_OPEN_ALREADY');
    const sessions = isClosed ? await tx.db.session.deleteMany({}) : { count: 0 };
    const tokens = isClosed
      ? await tx.db.apiToken.updateMany({ where: { revokedAt: null }, data: { revokedAt: at } })
      : { count: 0 };
    const ended = { sessions: sessions.count, tokens: tokens.count };
    const event: AuditEvent = isClosed
      ? { action: 'school.closed', outcome: 'done', object, details: ended }
      : { action: 'school.opened', outcome: 'done', object, details: { again: true } };
    await tx.log(event);
    return event;
  });
  await database.transact(caller, (tx) => tx.log(done));
}

const wrong = (code: ReasonCode) => new Refusal('WRONG_STATE', { reasons: [{ code }] });
