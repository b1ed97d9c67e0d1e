import type { Id } from '../../domain/ids.ts';
import type { Database } from '../ports.ts';

const owner = { select: { lesson: { select: { teacherId: true } } } } as const;

/**
 * The teacher whose lesson an object belongs to, by the name of the route's parameter; null when there is no such object.
 * A recording that is still arriving is not there for anybody.
 */
export async function findOwner(db: Database['read'], params: Readonly<Record<string, string>>): Promise<Id | null> {
  const visible = { state: { not: 'receiving' } } as const;
  const { lessonId, recordingId, uploadId, permissionId, segmentId, releaseId, linkId } = params;
  if (lessonId) return (await db.lesson.findUnique({ where: { id: lessonId } }))?.teacherId ?? null;
  if (recordingId)
    return (
      (await db.recording.findUnique({ where: { id: recordingId, ...visible }, ...owner }))?.lesson.teacherId ?? null
    );
  if (uploadId) {
    const upload = await db.upload.findUnique({ where: { id: uploadId }, ...owner });
    if (upload) return upload.lesson.teacherId;
    return (await db.recording.findUnique({ where: { id: uploadId, ...visible }, ...owner }))?.lesson.teacherId ?? null;
  }
  if (permissionId)
    return (await db.permission.findUnique({ where: { id: permissionId }, ...owner }))?.lesson.teacherId ?? null;
  if (segmentId)
    return (
      (await db.segment.findUnique({ where: { id: segmentId }, select: { recording: owner } }))?.recording.lesson
        .teacherId ?? null
    );
  if (releaseId)
    return (
      (await db.release.findUnique({ where: { id: releaseId }, select: { recording: owner } }))?.recording.lesson
        .teacherId ?? null
    );
  if (linkId) {
    const link = await db.viewerLink.findUnique({
      where: { id: linkId },
      select: { release: { select: { recording: owner } } },
    });
    return link?.release.recording.lesson.teacherId ?? null;
  }
  return null;
}
