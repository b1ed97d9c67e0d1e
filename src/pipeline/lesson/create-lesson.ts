import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { SiteKind } from '../../domain/permission.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { addTypedPeople, type NewParticipant } from '../core/typed-people.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { getLesson } from './get-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'keyring'>;

export interface NewSite {
  name: string;
  kind: SiteKind;
  contact: string;
}

/**
 * A lesson that stands alone: a course of one lesson is made for it, silently.
 * @throws Refusal `INVALID_REQUEST` `CHANNEL_UNKNOWN`. Policy P2, P7, P8.
 */
export async function createLesson(
  outside: Needs,
  caller: Caller,
  input: {
    title: string;
    kind: LessonKind;
    reason: string;
    plannedStart: Date;
    plannedEnd: Date;
    supervisorName: string;
    channelId: Id;
    sites: NewSite[];
    participants: NewParticipant[];
  },
) {
  const { sites, participants, title, kind, plannedStart, plannedEnd, ...asked } = input;
  const teacherId = staffIdOf(caller);
  const lessonId = await outside.database.transact(caller, async (tx) => {
    await assertChannel(tx, input.channelId);
    const course = await tx.db.course.create({
      data: {
        ...asked,
        isSingle: true,
        title,
        teacherId,
        purposes: ['record', 'keep', 'release'],
        audiences: ['class', 'school', 'sites', 'families'],
        from: plannedStart,
        until: plannedEnd,
        sites: { create: sites },
      },
    });
    const courseId = course.id;
    const row = await tx.db.lesson.create({
      data: { courseId, title, kind, plannedStart, plannedEnd, teacherId },
    });
    await addTypedPeople(outside, tx, participants, { courseId, lessonId: null, from: plannedStart }, teacherId);
    await tx.log({
      action: 'lesson.created',
      outcome: 'done',
      object: { kind: 'lesson', id: row.id, lessonId: row.id },
      details: { sites: sites.length, participants: participants.length },
    });
    return row.id;
  });
  return getLesson(outside, lessonId);
}

/** @throws Refusal `INVALID_REQUEST` `CHANNEL_UNKNOWN`. */
export async function assertChannel(tx: Transaction, channelId: Id): Promise<void> {
  if (await tx.db.channel.findUnique({ where: { id: channelId } })) return;
  throw new Refusal('INVALID_REQUEST', {
    reasons: [{ code: 'CHANNEL_UNKNOWN', subject: { kind: 'field', id: 'channelId' } }],
  });
}
