import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import { findRecordedLessons } from '../core/quarantine.ts';
import { lessonsWith } from '../people/lessons-with.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * What a withdrawal of this answer stops, before it happens: lessons of which a recording would go out of reach, and how many
 * are still to come, which go on and are not recorded with the subject.
 */
export async function previewWithdrawal(
  { database: { read }, clock }: Pick<Outside, 'database' | 'clock'>,
  permissionId: Id,
) {
  const { courseId, participantId, participant, site } = await read.permission.findUniqueOrThrow({
    where: { id: permissionId },
    include: {
      participant: { select: { personId: true, person: { select: { name: true } } } },
      site: { select: { name: true } },
    },
  });
  const own =
    participantId === null ? undefined : await lessonsWith(read, mustHave(participant, 'participant').personId);
  const where = { courseId, ...(own === undefined ? {} : { id: { in: own } }) };
  const recorded = await findRecordedLessons(read, where);
  const upcoming = await read.lesson.count({ where: { ...where, plannedStart: { gt: clock() } } });
  return { subject: mustHave(site ?? participant?.person, 'subject of a permission').name, recorded, upcoming };
}
