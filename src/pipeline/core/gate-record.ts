import type { PermissionEvent, Permission as PermissionRow, Prisma } from '../../adapters/prisma/generated/client.ts';
import { Refusal } from '../../domain/errors.ts';
import { assertGateHolds } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { LessonParticipant, LessonRecord, Permission } from '../../domain/permission.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { toPermissionRules } from './permission-rules.ts';

type Db = Transaction['db'] | Database['read'];

const inOrder = { orderBy: { at: 'asc' } } as const;

/** Who of a course takes part in one of its lessons: everybody, and of the guests of one day those of that day. */
export const ofLesson = (lessonId: Id) => ({ OR: [{ lessonId: null }, { lessonId }] });

/** Null: none of the guests of one day. */
const everythingOf = (lessonId: Id | null) =>
  ({
    school: true,
    channel: { include: { assessments: true } },
    sites: { orderBy: { addedAt: 'asc' } },
    terms: { orderBy: { since: 'asc' }, select: { digest: true, since: true } },
    participants: {
      where: lessonId === null ? { lessonId } : ofLesson(lessonId),
      orderBy: { addedAt: 'asc' },
      include: {
        person: {
          select: {
            name: true,
            adultFrom: true,
            guardians: {
              where: { authority: 'may_sign' },
              orderBy: { from: 'asc' },
              select: { guardianId: true, until: true, guardian: { select: { name: true } } },
            },
          },
        },
      },
    },
    permissions: {
      include: { events: inOrder, participant: { select: { personId: true } } },
      orderBy: { createdAt: 'asc' },
    },
  }) as const satisfies Prisma.CourseInclude;
type CourseRow = Prisma.CourseGetPayload<{ include: ReturnType<typeof everythingOf> }>;

interface GateRecord {
  readonly lesson: LessonRecord;
  readonly permissions: Permission[];
}

/**
 * What the gate asks about, read at one moment: the lesson, and of its course who takes part in it and every answer.
 * @throws Refusal `NOT_FOUND`.
 */
export async function getGateRecord(db: Db, lessonId: Id): Promise<GateRecord> {
  const row = await db.lesson.findUnique({
    where: { id: lessonId },
    include: {
      seats: { select: { participantId: true } },
      objections: { where: { liftedAt: null }, select: { participantId: true } },
      course: { include: everythingOf(lessonId) },
    },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  const { announcedAt, announcedBy, announcedHow, id, plannedStart, plannedEnd } = row;
  return toGateRecord(row.course, {
    id,
    plannedStart,
    plannedEnd,
    announcement:
      announcedAt && announcedBy && announcedHow ? { at: announcedAt, by: announcedBy, how: announcedHow } : null,
    seats: new Set(row.seats.map(({ participantId }) => participantId)),
    objections: new Set(row.objections.map(({ participantId }) => participantId)),
  });
}

/**
 * The same for a lesson of the course that would begin at `at`, or with the course if that is later; nothing is announced of
 * it. Whoever is to join later takes part in it already. @throws Refusal `NOT_FOUND`.
 */
export async function getCourseRecord(db: Db, courseId: Id, at: Date): Promise<GateRecord> {
  const row = await db.course.findUnique({ where: { id: courseId }, include: everythingOf(null) });
  if (!row) throw new Refusal('NOT_FOUND');
  const start = new Date(Math.max(at.getTime(), row.from.getTime()));
  const meeting = {
    plannedStart: start,
    plannedEnd: start,
    announcement: null,
    seats: new Set<Id>(),
    objections: new Set<Id>(),
  };
  const isThere = (one: Part) => one.until === null || one.until > at;
  return toGateRecord(row, { id: courseId, ...meeting }, isThere);
}

interface Meeting extends Pick<LessonRecord, 'id' | 'plannedStart' | 'plannedEnd' | 'announcement'> {
  /** Participants in seats that are not recorded, and those somebody objected for. */
  readonly seats: ReadonlySet<Id>;
  readonly objections: ReadonlySet<Id>;
}

function toGateRecord(
  course: CourseRow,
  { seats, objections, ...meeting }: Meeting,
  isThere = (one: Part) => course.isSingle || isPresent(one, meeting.plannedStart),
): GateRecord {
  const { school } = course;
  const present = course.participants.filter(isThere);
  // Somebody may take part twice, with their class and by themselves: an answer of the person counts for both.
  const byPerson = Map.groupBy(present, ({ personId }) => personId);
  const participants = [...byPerson.values()].map((same): LessonParticipant => {
    const first = mustHave(same[0], 'participant of a person');
    const isAny = (marked: ReadonlySet<Id>) => same.some(({ id }) => marked.has(id));
    return {
      id: first.id,
      name: first.person.name,
      isMinor: same.some(({ isMinor }) => isMinor),
      adultFrom: first.person.adultFrom,
      guardians: guardiansOf(first.person.guardians),
      isUnrecorded: isAny(seats),
      isObjectedTo: isAny(objections),
    };
  });
  const idOf = new Map(present.map(({ personId }) => [personId, mustHave(byPerson.get(personId)?.[0], personId).id]));
  const lesson: LessonRecord = {
    ...meeting,
    reason: course.reason,
    supervisorName: course.supervisorName,
    channel: {
      id: course.channel.id,
      name: course.channel.name,
      approved: course.channel.approved,
      assessments: course.channel.assessments,
    },
    asksToTakePart: course.purposes.includes('take_part'),
    terms: termsInForce(course, meeting.plannedStart),
    sites: course.sites,
    participants,
    rules: {
      requireAllGuardians: school.requireAllGuardians,
      requirePupilSignature: school.requirePupilSignature,
      leastAssurance: toPermissionRules(school.permissionRules).leastAssurance,
    },
  };
  const permissions = course.permissions.map(({ participant, ...permission }) =>
    toDomainPermission({
      ...permission,
      participantId: (participant && idOf.get(participant.personId)) ?? permission.participantId,
    }),
  );
  return { lesson, permissions };
}

/** From and until when somebody takes part. */
interface Part {
  readonly lessonId: Id | null;
  readonly from: Date;
  readonly until: Date | null;
}

/** Whether somebody takes part in a lesson that begins at `at`; a guest of one day is there on that day. */
export function isPresent(one: Part, at: Date): boolean {
  return one.lessonId !== null || (one.from <= at && (one.until === null || one.until > at));
}

/** A guardianship that ended and was begun again is one that stands. */
function guardiansOf(
  rows: readonly { guardianId: Id; until: Date | null; guardian: { name: string } }[],
): LessonParticipant['guardians'] {
  return [...Map.groupBy(rows, ({ guardianId }) => guardianId)].map(([id, same]) => {
    const ends = same.map(({ until }) => until?.getTime() ?? Number.POSITIVE_INFINITY);
    const last = Math.max(...ends);
    const name = mustHave(same[0], 'guardianship').guardian.name;
    return { id, name, until: Number.isFinite(last) ? new Date(last) : null };
  });
}

/** The version that was in force when the lesson began; of a lesson that stands alone the newest. */
function termsInForce(
  course: { isSingle: boolean; terms: readonly { digest: string; since: Date }[] },
  at: Date,
): string | null {
  const { terms } = course;
  const found = course.isSingle ? terms.at(-1) : (terms.findLast(({ since }) => since <= at) ?? terms[0]);
  return found?.digest ?? null;
}

/** One permission with its history, as the rules know it. */
export function toDomainPermission(
  row: PermissionRow & { readonly events: readonly Pick<PermissionEvent, 'at' | 'status'>[] },
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
 * change of what the gate reads (`lockLesson`, `lockCourse`) waits for them, and they for it. Policy P1.
 * @throws Refusal `NOT_FOUND`; `PERMISSION_MISSING` with everything that is missing.
 */
export async function holdGate(db: Transaction['db'], lessonId: Id, now: Date): Promise<void> {
  await db.$queryRaw`SELECT id FROM course WHERE id = ${await courseOf(db, lessonId)}::uuid FOR SHARE`;
  await db.$queryRaw`SELECT id FROM lesson WHERE id = ${lessonId}::uuid FOR SHARE`;
  const { lesson, permissions } = await getGateRecord(db, lessonId);
  assertGateHolds(lesson, permissions, now);
}

/** The lesson that stands alone in a course made for it; undefined for every other course. */
export async function soleLessonOf(db: Db, courseId: Id): Promise<Id | undefined> {
  const row = await db.lesson.findFirst({ where: { courseId, course: { isSingle: true } }, select: { id: true } });
  return row?.id;
}
