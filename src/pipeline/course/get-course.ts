import { dayIn, lastDayBefore } from '../../domain/calendar.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { toPermissionRules } from '../core/permission-rules.ts';
import type { Outside } from '../ports/outside.ts';

/** Who takes part now or later, without the guests of one day. */
export const takingPart = { where: { until: null, lessonId: null } } as const;

const courseShown = {
  channel: { select: { name: true } },
  school: { select: { permissionRules: true } },
  classes: { select: { class: { select: { id: true, name: true, schoolYear: true } } } },
  sites: { orderBy: { addedAt: 'asc' } },
  terms: { orderBy: { since: 'desc' }, take: 1, select: { digest: true, since: true } },
  _count: { select: { participants: takingPart, lessons: true } },
} as const;

/** @throws Refusal `NOT_FOUND`. */
export async function getCourse({ database }: Pick<Outside, 'database'>, courseId: Id) {
  const row = await database.read.course.findUnique({ where: { id: courseId }, include: courseShown });
  if (!row) throw new Refusal('NOT_FOUND');
  const { channel, school, classes, terms, _count, from, until, keptUntil, ...course } = row;
  const { timeZone } = toPermissionRules(school.permissionRules);
  return {
    ...course,
    channelName: channel.name,
    from: dayIn(from, timeZone),
    until: lastDayBefore(until, timeZone),
    keptUntil: keptUntil === null ? null : lastDayBefore(keptUntil, timeZone),
    timeZone,
    classes: classes.map((one) => one.class),
    terms: terms[0]?.digest ?? null,
    termsSince: terms[0]?.since ?? null,
    participants: _count.participants,
    lessons: _count.lessons,
  };
}
