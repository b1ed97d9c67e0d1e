import { randomUUID } from 'node:crypto';
import { foldForSearch } from '../../src/domain/person.ts';
import type { Database } from '../../src/pipeline/ports/database.ts';

/** Puts adults without an answer into the course of a lesson, past every use case. */
export async function putPupils(read: Database['read'], lessonId: string, count: number): Promise<void> {
  const { courseId, plannedStart } = await read.lesson.findUniqueOrThrow({ where: { id: lessonId } });
  const people = Array.from({ length: count }, (_, i) => ({ id: randomUUID(), name: `Pupil ${i}` }));
  await read.person.createMany({
    data: people.map(({ id, name }) => ({ id, name, folded: foldForSearch(name), roles: ['pupil' as const] })),
  });
  await read.participant.createMany({
    data: people.map(({ id }) => ({
      courseId,
      personId: id,
      kind: 'pupil' as const,
      isMinor: false,
      from: plannedStart,
    })),
  });
}
