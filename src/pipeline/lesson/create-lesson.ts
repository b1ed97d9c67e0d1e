import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { ParticipantKind, SiteKind } from '../../domain/permission.ts';
import type { LessonKind } from '../../domain/retention.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { getLesson } from './get-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export interface NewSite {
  name: string;
  kind: SiteKind;
  contact: string;
}
export interface NewParticipant {
  name: string;
  kind: ParticipantKind;
  isMinor: boolean;
  guardians: { name: string; contact: string }[];
}

/** @throws Refusal `NOT_FOUND` for a channel that does not exist. Policy P2, P7, P8. */
export async function createLesson(
  { database }: Needs,
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
  const { sites, participants, ...lesson } = input;
  const lessonId = await database.transact(caller, async (tx) => {
    const channel = await tx.db.channel.findUnique({ where: { id: input.channelId } });
    if (!channel)
      throw new Refusal('INVALID_REQUEST', {
        reasons: [{ code: 'CHANNEL_UNKNOWN', subject: { kind: 'field', id: 'channelId' } }],
      });
    const row = await tx.db.lesson.create({
      data: {
        ...lesson,
        teacherId: staffIdOf(caller),
        sites: { create: sites },
        participants: {
          create: participants.map((person) => ({ ...person, guardians: { create: person.guardians } })),
        },
      },
    });
    await tx.log({
      action: 'lesson.created',
      outcome: 'done',
      object: { kind: 'lesson', id: row.id, lessonId: row.id },
      details: { sites: sites.length, participants: participants.length },
    });
    return row.id;
  });
  return getLesson({ database }, lessonId);
}
