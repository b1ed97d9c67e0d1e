import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import { type Expiry, expiresAt, type Hold, type RetentionPolicy } from '../../domain/retention.ts';
import type { Database, Transaction } from '../ports/database.ts';

type Db = Transaction['db'] | Database['read'];

/** The school's retention rules, read at one moment. */
export interface RetentionRules {
  readonly policies: readonly RetentionPolicy[];
  readonly yearBegins: { readonly month: number; readonly day: number };
  readonly graceDays: number;
  readonly eraseOnWithdrawalDays: number | null;
}

export async function loadRules(db: Db): Promise<RetentionRules> {
  const school = await db.school.findFirst({ orderBy: { createdAt: 'asc' } });
  return {
    policies: await db.retentionPolicy.findMany(),
    yearBegins: { month: school?.yearStartMonth ?? 9, day: school?.yearStartDay ?? 1 },
    graceDays: school?.expiredGraceDays ?? 7,
    eraseOnWithdrawalDays: school?.eraseOnWithdrawalDays ?? null,
  };
}

/** The facts of a lesson that decide when its recordings expire. */
export const keptLesson = {
  course: {
    select: {
      keptUntil: true,
      permissions: {
        include: {
          events: { where: { status: 'withdrawn' }, select: { at: true } },
          participant: { select: { personId: true } },
        },
      },
    },
  },
  holds: { where: { liftedAt: null } },
} as const satisfies Prisma.LessonInclude;
type KeptLessonRow = Prisma.LessonGetPayload<{ include: typeof keptLesson }>;

/** Null: no end is set. */
export function expiryOf(lesson: KeptLessonRow, rules: RetentionRules): Expiry | null {
  const promises = lesson.course.permissions.map((permission) => ({
    id: permission.id,
    status: permission.status,
    purposes: permission.purposes,
    route: permission.route,
    // Two guardians of one child are two signers; so are a pupil and a guardian.
    signer: [
      permission.siteId ?? permission.participant?.personId,
      permission.guardianId ?? permission.signerCapacity,
    ].join(' '),
    signedAt: permission.signedAt,
    validUntil: permission.validUntil,
  }));
  return expiresAt(lesson, rules.policies, promises, rules.yearBegins);
}

/** Holds on the recording and on its lesson that were not lifted; some may be over. */
export async function holdsOf(db: Db, of: { recordingId: Id; lessonId: Id }): Promise<Hold[]> {
  return db.legalHold.findMany({
    where: { liftedAt: null, OR: [{ recordingId: of.recordingId }, { lessonId: of.lessonId }] },
    orderBy: { setAt: 'asc' },
  });
}
