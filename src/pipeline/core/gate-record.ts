import type { PermissionEvent } from '../../adapters/prisma/generated/client.ts';
import { readAttendanceSummary } from '../../domain/attendance/coverage.ts';
import { Refusal } from '../../domain/errors.ts';
import { assertGateHolds, type GateQuestion, gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { LessonParticipant, LessonRecord, Permission } from '../../domain/permission.ts';
import type { Reason } from '../../domain/reason.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { type GateRows, readGateRows } from './gate-rows.ts';
import { toPermissionRules } from './permission-rules.ts';

type Db = Transaction['db'] | Database['read'];

/** Who of a course takes part in one of its lessons: everybody, and of the guests of one day those of that day. */
export const ofLesson = (lessonId: Id) => ({ OR: [{ lessonId: null }, { lessonId }] });

interface GateRecord {
  readonly lesson: LessonRecord;
  readonly permissions: Permission[];
}

/**
 * What the gate asks about, read at one moment: the lesson, and of its course who takes part in it and every answer.
 * @throws Refusal `NOT_FOUND`.
 */
export async function getGateRecord(db: Db, lessonId: Id): Promise<GateRecord> {
  const rows = await readGateRows(db, { lessonId });
  if (!rows?.lesson) throw new Refusal('NOT_FOUND');
  const { announcedAt, announcedBy, announcedHow, id, plannedStart, plannedEnd, seats, objections, attendance } =
    rows.lesson;
  return toGateRecord(rows, {
    id,
    plannedStart: new Date(plannedStart),
    plannedEnd: new Date(plannedEnd),
    announcement:
      announcedAt && announcedBy && announcedHow
        ? { at: new Date(announcedAt), by: announcedBy, how: announcedHow }
        : null,
    seats: new Set(seats),
    objections,
    attendance: attendance === null ? null : readAttendanceSummary(attendance, 'lesson.attendance'),
  });
}

/**
 * The same for a lesson of the course that would begin at `at`, or with the course if that is later; nothing is announced of
 * it. Whoever is to join later takes part in it already. @throws Refusal `NOT_FOUND`.
 */
export async function getCourseRecord(db: Db, courseId: Id, at: Date): Promise<GateRecord> {
  const rows = await readGateRows(db, { courseId });
  if (!rows) throw new Refusal('NOT_FOUND');
  const start = new Date(Math.max(at.getTime(), Date.parse(rows.from)));
  const meeting = {
    plannedStart: start,
    plannedEnd: start,
    announcement: null,
    seats: new Set<Id>(),
    objections: [],
    attendance: null,
  };
  const isThere = (one: Part) => one.until === null || one.until > at;
  return toGateRecord(rows, { id: courseId, ...meeting }, isThere);
}

interface Meeting extends Pick<LessonRecord, 'id' | 'plannedStart' | 'plannedEnd' | 'announcement' | 'attendance'> {
  /** Participants in seats that are not recorded. */
  readonly seats: ReadonlySet<Id>;
  readonly objections: NonNullable<GateRows['lesson']>['objections'];
}

function toGateRecord(
  rows: GateRows,
  { seats, objections, ...meeting }: Meeting,
  isThere = (one: Part) => rows.isSingle || isPresent(one, meeting.plannedStart),
): GateRecord {
  const present = rows.participants.filter(({ lessonId, from, until }) =>
    isThere({ lessonId, from: new Date(from), until: toDate(until) }),
  );
  // Somebody may take part twice, with their class and by themselves: an answer of the person counts for both.
  const byPerson = Map.groupBy(present, ({ personId }) => personId);
  const byPupil = Map.groupBy(rows.guardianships, ({ pupilId }) => pupilId);
  const participants = [...byPerson].map(([personId, same]): LessonParticipant => {
    const first = mustHave(same[0], 'participant of a person');
    const guardianships = byPupil.get(personId) ?? [];
    const all = guardiansOf(guardianships);
    return {
      id: first.id,
      personId,
      name: first.name,
      isMinor: same.some(({ isMinor }) => isMinor),
      adultFrom: toDate(first.adultFrom),
      guardians: guardiansOf(guardianships.filter(({ authority }) => authority === 'may_sign')),
      isUnrecorded: same.some(({ id }) => seats.has(id)),
      objections: objections
        .filter((one) => one.personId === personId)
        .map(({ guardianId }) => ({ until: all.find(({ id }) => id === guardianId)?.until ?? null })),
    };
  });
  const idOf = new Map(present.map(({ personId }) => [personId, mustHave(byPerson.get(personId)?.[0], personId).id]));
  const lesson: LessonRecord = {
    ...meeting,
    reason: rows.reason,
    supervisorName: rows.supervisorName,
    channel: {
      ...rows.channel,
      assessments: rows.assessments.map(({ validFrom, validUntil }) => ({
        validFrom: new Date(validFrom),
        validUntil: new Date(validUntil),
      })),
    },
    asksToTakePart: rows.purposes.includes('take_part'),
    terms: termsInForce(rows, meeting.plannedStart),
    sites: rows.sites,
    participants,
    rules: {
      requireAllGuardians: rows.requireAllGuardians,
      requirePupilSignature: rows.requirePupilSignature,
      leastAssurance: toPermissionRules(rows.permissionRules).leastAssurance,
      attendance: rows.attendance,
    },
  };
  const eventsOf = Map.groupBy(rows.events, ({ permissionId }) => permissionId);
  const permissions = rows.permissions.map(({ personId, participantId, ...row }) =>
    toDomainPermission({
      ...row,
      participantId: (personId && idOf.get(personId)) ?? participantId,
      signedAt: toDate(row.signedAt),
      inHandAt: toDate(row.inHandAt),
      validUntil: toDate(row.validUntil),
      events: (eventsOf.get(row.id) ?? []).map(({ at, status }) => ({ at: new Date(at), status })),
    }),
  );
  return { lesson, permissions };
}

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time));

/** From and until when somebody takes part. */
interface Part {
  readonly lessonId: Id | null;
  readonly from: Date;
  readonly until: Date | null;
}

/**
 * Whether somebody takes part in a lesson that begins at `at`; a guest of one day is there on that day, unless they were taken
 * out of it.
 */
export function isPresent(one: Part, at: Date): boolean {
  return one.lessonId !== null ? one.until === null : one.from <= at && (one.until === null || one.until > at);
}

/** A guardianship that ended and was begun again is one that stands. */
function guardiansOf(guardianships: GateRows['guardianships']): LessonParticipant['guardians'] {
  return [...Map.groupBy(guardianships, ({ guardianId }) => guardianId)].map(([id, same]) => {
    const ends = same.map(({ until }) => (until === null ? Number.POSITIVE_INFINITY : Date.parse(until)));
    const last = Math.max(...ends);
    const { name } = mustHave(same[0], 'guardianship');
    return { id, name, until: Number.isFinite(last) ? new Date(last) : null };
  });
}

/** The version that was in force when the lesson began; of a lesson that stands alone the newest. */
function termsInForce({ isSingle, terms }: GateRows, at: Date): string | null {
  const found = isSingle ? terms.at(-1) : (terms.findLast(({ since }) => new Date(since) <= at) ?? terms[0]);
  return found?.digest ?? null;
}

/** One permission with its history, as the rules know it. */
export function toDomainPermission(
  row: Omit<GateRows['permissions'][number], 'personId' | 'signedAt' | 'inHandAt' | 'validUntil'> &
    Pick<Permission, 'signedAt' | 'inHandAt' | 'validUntil'> & {
      readonly events: readonly Pick<PermissionEvent, 'at' | 'status'>[];
    },
): Permission {
  const noes = row.events.filter(({ status }) => status === 'refused' || status === 'withdrawn');
  return {
    id: row.id,
    // The constraint permission_one_subject: without a site it is of a participant.
    subject: row.siteId
      ? { kind: 'site', id: row.siteId }
      : { kind: 'participant', id: mustHave(row.participantId, 'participant in a permission without a site') },
    status: row.status,
    purposes: row.purposes,
    releaseTo: row.releaseTo,
    declined: row.declined,
    declinedTo: row.declinedTo,
    route: row.route,
    signer:
      row.signerName && row.signerCapacity
        ? { name: row.signerName, capacity: row.signerCapacity, guardianId: row.guardianId }
        : null,
    signedAt: row.signedAt,
    isDatedByDay: row.isDatedByDay,
    inHandAt: row.inHandAt,
    validUntil: row.validUntil,
    assurance: row.assurance,
    terms: row.digest,
    reason: row.reason,
    receivedAt: row.events.find((event) => event.status === 'granted')?.at ?? null,
    // What was declared invalid was never anybody's will.
    noAt: row.status === 'invalidated' ? [] : noes.map(({ at }) => at),
  };
}

/**
 * Locks the lesson and its course until the transaction ends. A use case that asks the gate, or changes what the gate reads,
 * takes this lock first. So an answer of the gate is still true when the change that rests on it commits.
 * @throws Refusal `NOT_FOUND`.
 */
export async function lockLesson(db: Transaction['db'], lessonId: Id): Promise<void> {
  await lockCourse(db, await courseOf(db, lessonId));
  await db.$queryRaw`SELECT id FROM lesson WHERE id = ${lessonId}::uuid FOR UPDATE`;
}

/** Locks everything that the gates of a course's lessons read but the lessons. @throws Refusal `NOT_FOUND`. */
export async function lockCourse(db: Transaction['db'], courseId: Id): Promise<void> {
  const rows = await db.$queryRaw<{ id: Id }[]>`SELECT id FROM course WHERE id = ${courseId}::uuid FOR UPDATE`;
  if (rows.length === 0) throw new Refusal('NOT_FOUND');
}

/**
 * Locks a course that has lessons of its own, and returns it. @throws Refusal `NOT_FOUND`; `WRONG_STATE`
 * `LESSON_STANDS_ALONE`.
 */
export async function lockSeries(db: Transaction['db'], courseId: Id) {
  await lockCourse(db, courseId);
  const course = await db.course.findUniqueOrThrow({ where: { id: courseId } });
  if (course.isSingle) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'LESSON_STANDS_ALONE' }] });
  return course;
}

/** @throws Refusal `NOT_FOUND`. */
export async function courseOf(db: Db, lessonId: Id): Promise<Id> {
  const row = await db.lesson.findUnique({ where: { id: lessonId }, select: { courseId: true } });
  if (!row) throw new Refusal('NOT_FOUND');
  return row.courseId;
}

/**
 * Asks the gate and keeps its answer true until the transaction ends. Uploads into one lesson do this side by side. A
 * change of what the gate reads (`lockLesson`, `lockCourse`) waits for them, and they for it. `kind`: `upload` before the
 * first byte is taken. Policy P1.
 * @throws Refusal `NOT_FOUND`; `PERMISSION_MISSING` with everything that is missing.
 */
export async function holdGate(
  db: Transaction['db'],
  lessonId: Id,
  now: Date,
  kind: 'upload' | 'keep' = 'keep',
): Promise<void> {
  await db.$queryRaw`SELECT id FROM course WHERE id = ${await courseOf(db, lessonId)}::uuid FOR SHARE`;
  await db.$queryRaw`SELECT id FROM lesson WHERE id = ${lessonId}::uuid FOR SHARE`;
  const { lesson, permissions } = await getGateRecord(db, lessonId);
  assertGateHolds(lesson, permissions, now, { kind });
}

/**
 * What the gate of a lesson says to one of its recordings: persons whose parts go from it need no permission in it.
 * @throws Refusal `NOT_FOUND`.
 */
export async function askForRecording(
  db: Db,
  { recordingId, lessonId }: { readonly recordingId: Id; readonly lessonId: Id },
  at: Date,
  question: GateQuestion = { kind: 'keep' },
): Promise<Reason[]> {
  const { lesson, permissions } = await getGateRecord(db, lessonId);
  const removals =
    lesson.attendance === null
      ? []
      : await db.attendeeRemoval.findMany({ where: { recordingId }, select: { personId: true } });
  return gateReasons(lesson, permissions, at, {
    ...question,
    removed: new Set(removals.map(({ personId }) => personId)),
  });
}

/** @throws Refusal `PERMISSION_MISSING` with everything that is missing for this recording, `NOT_FOUND`. */
export async function assertForRecording(...asked: Parameters<typeof askForRecording>): Promise<void> {
  const reasons = await askForRecording(...asked);
  if (reasons.length > 0) throw new Refusal('PERMISSION_MISSING', { reasons });
}

/** The lesson that stands alone in a course made for it; undefined for every other course. */
export async function soleLessonOf(db: Db, courseId: Id): Promise<Id | undefined> {
  const row = await db.lesson.findFirst({ where: { courseId, course: { isSingle: true } }, select: { id: true } });
  return row?.id;
}
