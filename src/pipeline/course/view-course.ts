import {
  type Asked,
  type CourseState,
  courseStates,
  type NextAction,
  nextActionFor,
  stateInCourse,
} from '../../domain/course-state.ts';
import { gateReasons } from '../../domain/gate.ts';
import type { Id } from '../../domain/ids.ts';
import type { Audience, LessonParticipant, Permission } from '../../domain/permission.ts';
import type { Reason } from '../../domain/reason.ts';
import type { DeliveryState, RequestState } from '../../domain/request.ts';
import { mailIn, nameIn } from '../../domain/site-contact.ts';
import { getCourseRecord } from '../core/gate-record.ts';
import type { Database } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

/** One line of the view: somebody, or a site. */
export interface CourseRow {
  readonly kind: 'participant' | 'site';
  readonly id: Id;
  readonly name: string;
  readonly className: string | null;
  readonly state: CourseState;
  /** Why a lesson that began now could not be recorded because of them. */
  readonly reasons: Reason[];
  /** To whom a recording of such a lesson could be shown. */
  readonly audiences: Audience[];
  readonly signers: {
    readonly name: string;
    readonly hasAddress: boolean;
    readonly request: RequestState | null;
    readonly askedAt: Date | null;
    readonly openedAt: Date | null;
    readonly reminders: number;
    readonly delivery: DeliveryState | null;
  }[];
  readonly next: NextAction | null;
}

export interface CourseView {
  readonly at: Date;
  readonly counts: Readonly<Record<CourseState, number>>;
  readonly rows: CourseRow[];
}

const requestShown = {
  id: true,
  participantId: true,
  siteId: true,
  signerId: true,
  state: true,
  askedAt: true,
  openedAt: true,
  reminders: true,
  deliveries: {
    select: { delivery: { select: { state: true, queuedAt: true } } },
    orderBy: { delivery: { queuedAt: 'desc' } },
    take: 1,
  },
} as const;

/**
 * Who is missing in a course, why, and what can be done next: one look, in the order of names. The counts are of all; the
 * rows may be of one class or in one state. @throws Refusal `NOT_FOUND`.
 */
export async function viewCourse(
  { database: { read }, clock, settings }: Pick<Outside, 'database' | 'clock' | 'settings'>,
  courseId: Id,
  only: { readonly classId?: Id | undefined; readonly state?: CourseState | undefined } = {},
): Promise<CourseView> {
  const at = clock();
  // A lesson that begins right after all that has been said so far.
  const { lesson, permissions } = await getCourseRecord(read, courseId, new Date(at.getTime() + 1));
  const soon = lesson.plannedStart;
  const { audiences } = await read.course.findUniqueOrThrow({ where: { id: courseId }, select: { audiences: true } });
  const kept = bySubject(gateReasons(lesson, permissions, soon));
  const released = audiences.map(
    (audience) => [audience, bySubject(gateReasons(lesson, permissions, soon, { kind: 'release', audience }))] as const,
  );
  const requests = await read.request.findMany({
    where: { courseId },
    orderBy: { askedAt: 'asc' },
    select: requestShown,
  });
  const places = await read.participant.findMany({
    where: { courseId, id: { in: lesson.participants.map(({ id }) => id) } },
    select: { id: true, personId: true, classId: true, class: { select: { name: true } } },
  });
  const placeOf = new Map(places.map((place) => [place.id, place]));
  const reachable = await findReachable(read, [
    ...lesson.participants.flatMap(({ guardians }) => guardians.map(({ id }) => id)),
    ...places.map(({ personId }) => personId),
  ]);
  const sites = await read.site.findMany({ where: { courseId }, select: { id: true, contact: true } });
  const contactOf = new Map(sites.map(({ id, contact }) => [id, contact]));

  const toRow = (
    kind: CourseRow['kind'],
    { id, name }: { id: Id; name: string },
    className: string | null,
    signing: readonly { id: Id | null; name: string; hasAddress: boolean }[],
  ): CourseRow => {
    const reasons = kept.get(id) ?? [];
    const own = requests.filter((one) => (kind === 'site' ? one.siteId : one.participantId) === id);
    const asked = own.map(
      (one): Asked => ({
        state: one.state,
        isOpened: one.openedAt !== null,
        lastDelivery: one.deliveries[0]?.delivery.state ?? null,
      }),
    );
    const state = stateInCourse(reasons, asked, hasAnswer(permissions, id));
    const signers = signing.map(({ id: signerId, ...signer }) => {
      const request = own.findLast((one) => one.signerId === signerId);
      return {
        ...signer,
        request: request?.state ?? null,
        askedAt: request?.askedAt ?? null,
        openedAt: request?.openedAt ?? null,
        reminders: request?.reminders ?? 0,
        delivery: request?.deliveries[0]?.delivery.state ?? null,
      };
    });
    const hasAddress = settings.sendsMail && signers.some((signer) => signer.hasAddress);
    return {
      kind,
      id,
      name,
      className,
      state,
      reasons,
      audiences: released.filter(([, found]) => !found.has(id)).map(([audience]) => audience),
      signers,
      next: nextActionFor(state, reasons, asked, hasAddress),
    };
  };
  const all = [
    ...lesson.participants.map((person) => {
      const place = placeOf.get(person.id);
      return toRow('participant', person, place?.class?.name ?? null, signersOf(person, place?.personId, reachable));
    }),
    ...lesson.sites.map((site) => {
      const contact = contactOf.get(site.id) ?? '';
      return toRow('site', site, null, [{ id: null, name: nameIn(contact), hasAddress: mailIn(contact) !== null }]);
    }),
  ];
  const counts = Object.fromEntries(
    courseStates.map((state) => [state, all.filter((row) => row.state === state).length]),
  ) as Record<CourseState, number>;
  const isOfClass = ({ id }: CourseRow) => only.classId === undefined || placeOf.get(id)?.classId === only.classId;
  const rows = all.filter((row) => isOfClass(row) && (only.state === undefined || row.state === only.state));
  return { at, counts, rows: rows.toSorted((a, b) => a.name.localeCompare(b.name, 'tr')) };
}

function bySubject(reasons: readonly Reason[]): Map<Id, Reason[]> {
  return Map.groupBy(reasons, ({ subject }) => subject?.id ?? '');
}

function hasAnswer(permissions: readonly Permission[], subjectId: Id): boolean {
  return permissions.some(({ subject, status }) => subject.id === subjectId && status !== 'requested');
}

/** Who is to sign for somebody: the guardians of a minor who still stand for them, or the person. */
function signersOf(person: LessonParticipant, personId: Id | undefined, reachable: ReadonlySet<Id>) {
  if (!person.isMinor && personId !== undefined)
    return [{ id: personId, name: person.name, hasAddress: reachable.has(personId) }];
  return person.guardians
    .filter(({ until }) => until === null)
    .map(({ id, name }) => ({ id, name, hasAddress: reachable.has(id) }));
}

/** Those of whom an e-mail address is known from which nothing came back. */
export async function findReachable(
  db: Pick<Database['read'], 'contact'>,
  personIds: readonly Id[],
): Promise<ReadonlySet<Id>> {
  const rows = await db.contact.findMany({
    where: { personId: { in: [...personIds] }, kind: 'email', undeliverableAt: null },
    select: { personId: true },
  });
  return new Set(rows.map(({ personId }) => personId));
}
