import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { AuditQuery } from './audit-query.ts';
import { findParticipants } from './find-participants.ts';
import { integrateLog } from './integrate-log.ts';
import { noteReading } from './note-reading.ts';
import { readPage } from './read-audit.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/**
 * "What happened to this child's data?": the courses and lessons with them, their permissions and recordings, and every entry
 * that names them or concerns one of these lessons. By name they may be different children: the answer says which it took. Policy P4, P11. @throws Refusal `NOT_FOUND`.
 */
export async function readParticipant(
  outside: Needs,
  caller: Caller,
  who: { readonly id?: Id | undefined; readonly name?: string | undefined },
  page: { cursor?: string | undefined; limit: number },
) {
  const { database } = outside;
  const { participants, scope } = await findParticipants(database.read, who);
  const query = await AuditQuery.of(database.read, {}, scope);
  const checkpoint = await integrateLog(outside);
  const answer = await readPage(outside, query, checkpoint, page);
  const first = mustHave(participants[0], 'participant among those found');
  await noteReading(outside, caller, {
    action: 'audit.read',
    outcome: 'done',
    object: { kind: 'participant', id: first.id, lessonId: first.lessons[0]?.id },
    details: { filter: {}, question: 'participant' },
  });
  return { participants, ...answer };
}
