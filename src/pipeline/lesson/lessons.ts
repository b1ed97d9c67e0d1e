import type { AuditEvent } from '../../domain/audit-event.ts';
import { Refusal } from '../../domain/errors.ts';
import { type GateQuestion, gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { mostParticipants, mostSites } from '../../domain/permission.ts';
import type { LessonKind } from '../../domain/retention.ts';
import type { Caller, Outside } from '../ports.ts';
import { quarantineUnlessGateHolds } from '../quarantine.ts';
import { getGateRecord, lockLesson } from './load-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const everything = {
  channel: { select: { name: true } },
  sites: { orderBy: { addedAt: 'asc' } },
  participants: { include: { guardians: true }, orderBy: { addedAt: 'asc' } },
  recordings: { where: { state: { not: 'receiving' } }, select: { id: true } },
} as const;

/** @throws Refusal `NOT_FOUND`. */
export async function getLesson({ database }: Pick<Needs, 'database'>, lessonId: Id) {
  const row = await database.read.lesson.findUnique({ where: { id: lessonId }, include: everything });
  if (!row) throw new Refusal('NOT_FOUND');
  return { ...row, kind: row.kind as LessonKind, channelName: row.channel.name, recordings: row.recordings.length };
}

/** Newest first; `teacherId`: only that teacher's own. */
export async function listLessons({ database }: Pick<Needs, 'database'>, teacherId: Id | null) {
  const rows = await database.read.lesson.findMany({
    where: teacherId === null ? {} : { teacherId },
    orderBy: { plannedStart: 'desc' },
    include: { recordings: everything.recordings },
  });
  return rows.map((row) => ({ ...row, recordings: row.recordings.length }));
}

interface NewSite {
  name: string;
  kind: string;
  contact: string;
}
interface NewParticipant {
  name: string;
  kind: 'pupil' | 'teacher' | 'guest';
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
        reasons: [
          {
            code: 'CHANNEL_UNKNOWN',
            subject: { kind: 'field', id: 'channelId' },
            tr: 'Böyle bir kanal yok.',
            en: 'There is no such channel.',
          },
        ],
      });
    const row = await tx.db.lesson.create({
      data: {
        ...lesson,
        schoolId: channel.schoolId,
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

/** A changed reason voids the permissions given for the old one: the gate compares them. Policy P2. */
export async function changeLesson(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  change: {
    title?: string | undefined;
    kind?: LessonKind | undefined;
    reason?: string | undefined;
    supervisorName?: string | undefined;
  },
) {
  const { title, kind, reason, supervisorName } = change;
  const data = {
    ...(title === undefined ? {} : { title }),
    ...(kind === undefined ? {} : { kind }),
    ...(reason === undefined ? {} : { reason }),
    ...(supervisorName === undefined ? {} : { supervisorName }),
  };
  return applyChange({ database, clock }, caller, lessonId, data, {
    action: 'lesson.changed',
    details: { fields: Object.keys(data) },
  });
}

/** P3: how, by whom and when the recording was made clear to everybody. */
export async function announceRecording(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  announcement: { at: Date; by: string; how: string; second?: number | undefined },
) {
  const data = {
    announcedAt: announcement.at,
    announcedBy: announcement.by,
    announcedHow: announcement.how,
    announcedSecond: announcement.second ?? null,
  };
  return applyChange({ database, clock }, caller, lessonId, data, {
    action: 'lesson.announced',
    details: { second: announcement.second ?? null },
  });
}

async function applyChange(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  data: Record<string, unknown>,
  event: Pick<Extract<AuditEvent, { action: 'lesson.changed' | 'lesson.announced' }>, 'action' | 'details'>,
) {
  await database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await tx.db.lesson.update({ where: { id: lessonId }, data });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({ ...event, outcome: 'done', object: { kind: 'lesson', id: lessonId, lessonId } } as AuditEvent);
  });
  return getLesson({ database }, lessonId);
}

export async function addSite({ database, clock }: Needs, caller: Caller, lessonId: Id, site: NewSite) {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await assertFewer(tx.db.site.count({ where: { lessonId } }), mostSites);
    const row = await tx.db.site.create({ data: { ...site, lessonId } });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({ action: 'lesson.site_added', outcome: 'done', object: { kind: 'site', id: row.id, lessonId } });
    return row;
  });
}

/** Also after an upload: without this person's permission its recordings go into quarantine at once. */
export async function addParticipant({ database, clock }: Needs, caller: Caller, lessonId: Id, person: NewParticipant) {
  return database.transact(caller, async (tx) => {
    await lockLesson(tx.db, lessonId);
    await assertFewer(tx.db.participant.count({ where: { lessonId } }), mostParticipants);
    const row = await tx.db.participant.create({
      data: { ...person, lessonId, guardians: { create: person.guardians } },
      include: { guardians: true },
    });
    await quarantineUnlessGateHolds(tx, lessonId, clock());
    await tx.log({
      action: 'lesson.participant_added',
      outcome: 'done',
      object: { kind: 'participant', id: row.id, lessonId },
    });
    return row;
  });
}

/** @throws Refusal `INVALID_REQUEST` when there are as many as there may be. */
export async function assertFewer(counted: Promise<number>, most: number): Promise<void> {
  if ((await counted) < most) return;
  const reason = {
    code: 'TOO_MANY',
    tr: `Bundan en fazla ${most} tane olabilir.`,
    en: `There may be ${most} of these at most.`,
  };
  throw new Refusal('INVALID_REQUEST', { reasons: [reason] });
}

/** Everything that is missing now; changes nothing. */
export async function askGate({ database, clock }: Needs, lessonId: Id, question: GateQuestion) {
  const { lesson, permissions } = await getGateRecord(database.read as never, lessonId);
  const at = clock();
  const reasons = gateReasons(lesson, permissions, at, question);
  return { holds: reasons.length === 0, at, reasons };
}

/** The member of staff who asks. @throws Refusal `NOT_ALLOWED` for anybody else. */
export function staffIdOf(caller: Caller): Id {
  if (caller.actor.kind !== 'staff') throw new Refusal('NOT_ALLOWED');
  return caller.actor.id;
}
