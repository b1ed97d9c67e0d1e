import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { isPresent, ofLesson } from '../core/gate-record.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

export const arrived = { where: { state: { not: 'receiving' } }, select: { id: true } } as const;

const asShown = {
  orderBy: { addedAt: 'asc' },
  select: {
    id: true,
    kind: true,
    isMinor: true,
    personId: true,
    lessonId: true,
    from: true,
    until: true,
    addedAt: true,
    person: {
      select: {
        name: true,
        guardians: {
          where: { authority: 'may_sign', until: null },
          orderBy: { id: 'asc' },
          select: { guardian: { select: { id: true, name: true } } },
        },
      },
    },
  },
} as const;

/** @throws Refusal `NOT_FOUND`. */
export async function getLesson({ database }: Pick<Outside, 'database'>, lessonId: Id) {
  const row = await database.read.lesson.findUnique({
    where: { id: lessonId },
    include: {
      recordings: arrived,
      seats: { select: { participantId: true } },
      course: {
        include: {
          channel: { select: { name: true } },
          sites: { orderBy: { addedAt: 'asc' } },
          participants: { where: ofLesson(lessonId), ...asShown },
        },
      },
    },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  const { course, recordings, seats, ...lesson } = row;
  const unrecorded = new Set(seats.map(({ participantId }) => participantId));
  const { reason, supervisorName, channelId, channel, sites, participants, isSingle } = course;
  const there = participants.filter((one) => isSingle || isPresent(one, lesson.plannedStart));
  return {
    ...lesson,
    isAlone: isSingle,
    reason,
    supervisorName,
    channelId,
    channelName: channel.name,
    sites,
    // Who takes part twice, with their class and by themselves, is one.
    participants: [...new Map(there.toReversed().map((one) => [one.personId, one])).values()]
      .toReversed()
      .map((one) => ({ ...toParticipant(one), unrecorded: unrecorded.has(one.id) })),
    recordings: recordings.length,
  };
}

/** Somebody as the answers show them. */
export async function findParticipant({ db }: Pick<Transaction, 'db'>, id: Id) {
  return toParticipant(await db.participant.findUniqueOrThrow({ where: { id }, select: asShown.select }));
}

type ParticipantRow = Prisma.ParticipantGetPayload<{ select: typeof asShown.select }>;

function toParticipant({ id, kind, isMinor, addedAt, person }: ParticipantRow) {
  const guardians = person.guardians.map(({ guardian }) => guardian);
  return { id, kind, isMinor, addedAt, name: person.name, guardians };
}
