import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { findAccesses } from './find-accesses.ts';
import { integrateLog } from './integrate-log.ts';
import { noteReading, shown } from './note-reading.ts';
import { resolvePersons } from './resolve-persons.ts';

type Needs = Pick<Outside, 'database' | 'logSigner'>;

/** "Who saw this recording?" Policy P4. @throws Refusal `NOT_FOUND`. */
export async function readViewers(outside: Needs, caller: Caller, recordingId: Id) {
  const { database } = outside;
  const recording = await database.read.recording.findUnique({
    where: { id: recordingId },
    select: { lessonId: true },
  });
  if (!recording) throw new Refusal('NOT_FOUND');
  const checkpoint = await integrateLog(outside);
  const accesses = await findAccesses(database.read, { id: recordingId, lessonId: recording.lessonId }, checkpoint);
  await noteReading(outside, caller, {
    action: 'audit.read',
    outcome: 'done',
    object: { kind: 'recording', id: recordingId, recordingId, lessonId: recording.lessonId },
    details: { filter: {}, question: 'viewers' },
  });
  const pseudonyms = accesses.flatMap(({ actor }) => (actor.id === null ? [] : [actor.id]));
  return {
    recordingId,
    accesses,
    persons: await resolvePersons(database.read, pseudonyms),
    checkpoint: shown(checkpoint),
  };
}
