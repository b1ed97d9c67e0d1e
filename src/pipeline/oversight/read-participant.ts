import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { AuditQuery } from './audit-query.ts';
import { findParticipants } from './find-participants.ts';
import { findRecords } from './find-records.ts';
import { integrateLog } from './integrate-log.ts';
import { noteReading } from './note-reading.ts';
import { readPage } from './read-audit.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/**
 * "What happened to this child's data?": where it came from, the courses and lessons with them, what was asked by which mails
 * and sheets, their permissions, receipts and recordings, and every entry that names them or concerns any of it. By name they
 * may be different children: the answer says which it took. Policy P4, P11. @throws Refusal `NOT_FOUND`.
 */
export async function readParticipant(
  outside: Needs,
  caller: Caller,
  who: { readonly id?: Id | undefined; readonly name?: string | undefined },
  page: { cursor?: string | undefined; limit: number },
) {
  const { database } = outside;
  const { persons, participants, scope } = await findParticipants(database.read, who);
  const records = await findRecords(database.read, persons);
  const query = await AuditQuery.of(
    database.read,
    {},
    { ...scope, objects: [...scope.objects, ...objectsOf(records)] },
  );
  const checkpoint = await integrateLog(outside);
  const answer = await readPage(outside, query, checkpoint, page);
  const [first] = participants;
  await noteReading(outside, caller, {
    action: 'audit.read',
    outcome: 'done',
    object: first
      ? { kind: 'participant', id: first.id, lessonId: first.lessons[0]?.id }
      : { kind: 'person', id: mustHave(persons[0], 'person among those found') },
    details: { filter: {}, question: 'participant' },
  });
  return { records, participants, ...answer };
}

/** Under which the log speaks of what is kept: imports, pages of scans, and the courses that were asked and printed for. */
function objectsOf(records: Awaited<ReturnType<typeof findRecords>>): Id[] {
  return records.flatMap(({ imports, requests }) => [
    ...imports.map(({ id }) => id),
    ...requests.flatMap(({ courseId, sheets }) => [
      courseId,
      ...sheets.flatMap(({ scans }) => scans.map(({ id }) => id)),
    ]),
  ]);
}
