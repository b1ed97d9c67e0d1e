import type { Id } from '../../domain/ids.ts';
import type { Database } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

const owner = { select: { lesson: { select: { teacherId: true } } } } as const;
/** A recording that is still arriving does not exist for anybody. */
const visible = { state: { not: 'receiving' } } as const;

type Read = Database['read'];
type Found = Promise<Id | null | undefined>;

const finders = {
  lesson: async (db: Read, id: Id): Found => (await db.lesson.findUnique({ where: { id } }))?.teacherId,
  recording: async (db: Read, id: Id): Found =>
    (await db.recording.findUnique({ where: { id, ...visible }, ...owner }))?.lesson.teacherId,
  // An upload that has become a recording keeps its id.
  upload: async (db: Read, id: Id): Found =>
    (await db.upload.findUnique({ where: { id }, ...owner }))?.lesson.teacherId ?? finders.recording(db, id),
  permission: async (db: Read, id: Id): Found =>
    (await db.permission.findUnique({ where: { id }, select: { course: { select: { teacherId: true } } } }))?.course
      .teacherId,
  course: async (db: Read, id: Id): Found => (await db.course.findUnique({ where: { id } }))?.teacherId,
  // Of a page that belongs to no sheet yet, whoever brought it.
  scanPage: async (db: Read, id: Id): Found => {
    const sheet = { select: { request: { select: { course: { select: { teacherId: true } } } } } };
    const page = await db.scanPage.findUnique({ where: { id }, select: { uploadedById: true, sheet } });
    return page?.sheet?.request.course.teacherId ?? page?.uploadedById;
  },
  segment: async (db: Read, id: Id): Found =>
    (await db.segment.findUnique({ where: { id }, select: { recording: owner } }))?.recording.lesson.teacherId,
  release: async (db: Read, id: Id): Found =>
    (await db.release.findUnique({ where: { id }, select: { recording: owner } }))?.recording.lesson.teacherId,
  link: async (db: Read, id: Id): Found => {
    const release = { select: { recording: owner } };
    return (await db.viewerLink.findUnique({ where: { id }, select: { release } }))?.release.recording.lesson.teacherId;
  },
};

/** The teacher whose lesson an object belongs to; null when there is no such object. */
export async function findOwner(
  { database }: Pick<Outside, 'database'>,
  kind: keyof typeof finders,
  id: Id,
): Promise<Id | null> {
  return (await finders[kind](database.read, id)) ?? null;
}
