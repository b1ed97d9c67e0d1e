import type { Id } from '../../domain/ids.ts';
import { mostParticipants } from '../../domain/permission.ts';
import { assertFewer } from '../core/assert-fewer.ts';
import { lockLesson } from '../core/gate-record.ts';
import { quarantineUnlessGateHolds } from '../core/quarantine.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { NewParticipant } from './create-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Also after an upload: without this person's permission its recordings go into quarantine at once. */
export async function addParticipant({ database, clock }: Needs, caller: Caller, lessonId: Id, person: NewParticipant) {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await assertFewer(tx.db.participant.count({ where: { lessonId } }), mostParticipants);
    const row = await tx.db.participant.create({
      data: { ...person, lessonId, guardians: { create: person.guardians } },
      include: { guardians: true },
    });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({
      action: 'lesson.participant_added',
      outcome: 'done',
      object: { kind: 'participant', id: row.id, lessonId },
    });
    return row;
  });
}
