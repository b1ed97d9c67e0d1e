import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';

export const everything = {
  channel: { select: { name: true } },
  sites: { orderBy: { addedAt: 'asc' } },
  participants: { include: { guardians: true }, orderBy: { addedAt: 'asc' } },
  recordings: { where: { state: { not: 'receiving' } }, select: { id: true } },
} as const;

/** @throws Refusal `NOT_FOUND`. */
export async function getLesson({ database }: Pick<Outside, 'database'>, lessonId: Id) {
  const row = await database.read.lesson.findUnique({ where: { id: lessonId }, include: everything });
  if (!row) throw new Refusal('NOT_FOUND');
  return { ...row, kind: row.kind, channelName: row.channel.name, recordings: row.recordings.length };
}
