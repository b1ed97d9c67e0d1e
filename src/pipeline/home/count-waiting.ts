import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { type WaitingKind, waitingKinds, waitingRelation } from '../../domain/waiting.ts';
import type { Database } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

export interface Waiting {
  readonly kind: WaitingKind;
  readonly count: number;
  /** Since when the oldest of them waits. */
  readonly since: Date;
}

interface Counted {
  readonly count: number;
  readonly since: Date | null;
}

/** What waits for a member of staff, counted and not listed; nothing of a kind that is not theirs. */
export async function countWaiting(
  { database: { read } }: Pick<Outside, 'database'>,
  who: { readonly id: Id; readonly roles: readonly StaffRole[] },
): Promise<Waiting[]> {
  const counted = await Promise.all(
    waitingKinds.map(async (kind): Promise<Waiting[]> => {
      const relation = waitingRelation(kind, who.roles);
      if (relation === undefined) return [];
      const { count, since } = await counters[kind](read, who.id, relation === 'own');
      return since === null ? [] : [{ kind, count, since }];
    }),
  );
  return counted.flat();
}

const counters: Record<WaitingKind, (read: Database['read'], id: Id, isOwn: boolean) => Promise<Counted>> = {
  async emergency_used(read) {
    const found = await read.user.aggregate({
      where: { emergencyUsedAt: { not: null }, disabledAt: null },
      _count: true,
      _min: { emergencyUsedAt: true },
    });
    return { count: found._count, since: found._min.emergencyUsedAt };
  },
  quarantined: (read, id, isOwn) => recordings(read, { state: 'quarantined', ...ofTeacher(id, isOwn) }),
  attendance: (read, id, isOwn) => attendance(read, isOwn ? id : null),
  to_review: (read) => recordings(read, { state: 'in_review' }),
  to_approve: (read) => recordings(read, { state: 'cleared' }),
  scan_to_confirm: (read, id, isOwn) =>
    pages(read, { state: 'read', readById: { not: id }, sheet: { isNot: null, ...ofSheet(id, isOwn) } }),
  scan_to_read: (read, id, isOwn) => pages(read, { state: 'seen', sheet: { isNot: null, ...ofSheet(id, isOwn) } }),
  scan_to_assign: (read, id, isOwn) =>
    pages(read, { state: 'seen', sheetId: null, ...(isOwn ? { uploadedById: id } : {}) }),
  async failed_job(read) {
    const [found] = await read.$queryRaw<{ count: number; since: Date | null }[]>`
      SELECT count(*)::int AS count, min(updated_at) AS since FROM graphile_worker.jobs
       WHERE locked_at IS NULL AND attempts >= max_attempts AND flags ? ('school ' || current_school())`;
    return { count: found?.count ?? 0, since: found?.since ?? null };
  },
  async task(read) {
    const found = await read.task.aggregate({ where: { doneAt: null }, _count: true, _min: { createdAt: true } });
    return { count: found._count, since: found._min.createdAt };
  },
  async unanswered(read, teacherId, isOwn) {
    const where = { state: 'open', ...(isOwn ? { course: { teacherId } } : {}) } as const;
    const found = await read.request.aggregate({ where, _count: true, _min: { askedAt: true } });
    return { count: found._count, since: found._min.askedAt };
  },
  async upload(read, uploaderId) {
    const found = await read.upload.aggregate({ where: { uploaderId }, _count: true, _min: { createdAt: true } });
    return { count: found._count, since: found._min.createdAt };
  },
};

const ofTeacher = (teacherId: Id, isOwn: boolean) => (isOwn ? { lesson: { teacherId } } : {});
const ofSheet = (teacherId: Id, isOwn: boolean) => (isOwn ? { is: { request: { course: { teacherId } } } } : {});

async function recordings(read: Database['read'], where: Prisma.RecordingWhereInput): Promise<Counted> {
  const found = await read.recording.aggregate({ where, _count: true, _min: { createdAt: true } });
  return { count: found._count, since: found._min.createdAt };
}

/** Lessons whose attendance keeps a recording from being cleared: something is open, or the report that the school asks for. */
async function attendance(read: Database['read'], teacherId: Id | null): Promise<Counted> {
  const [found] = await read.$queryRaw<{ count: bigint; since: Date | null }[]>`
    SELECT count(*) AS count, min(l."plannedEnd") AS since
      FROM lesson l JOIN school s ON s.id = l."schoolId"
     WHERE (${teacherId}::text IS NULL OR l."teacherId" = ${teacherId})
       AND CASE WHEN l.attendance IS NULL THEN s.attendance <> 'never' ELSE l.attendance->'open' <> '[]' END
       AND EXISTS (SELECT FROM recording r
                    WHERE r."lessonId" = l.id AND r.state IN ('in_review', 'cleared', 'approved'))`;
  return { count: Number(found?.count ?? 0), since: found?.since ?? null };
}

async function pages(read: Database['read'], where: Prisma.ScanPageWhereInput): Promise<Counted> {
  const found = await read.scanPage.aggregate({ where, _count: true, _min: { uploadedAt: true } });
  return { count: found._count, since: found._min.uploadedAt };
}
