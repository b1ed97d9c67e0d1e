import { randomBytes } from 'node:crypto';
import { digestToken } from '../../src/pipeline/core/token.ts';
import { createPermittedLesson, inDays, type School } from './school.ts';
import { createSealedRecording } from './sealed-recording.ts';
import type { TestServer } from './server.ts';

/** A released recording of a lesson of its own, written past review, for what comes after it. */
export async function createReleased(server: TestServer, school: School, { by = school.teacher, days = 60 } = {}) {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school, by);
  const { id } = await createSealedRecording(outside, lesson.id, by.id);
  const { read } = outside.database;
  await read.recording.update({ where: { id }, data: { state: 'released' } });
  const rendition = await read.rendition.findFirstOrThrow({ where: { recordingId: id } });
  const release = await read.release.create({
    data: {
      recordingId: id,
      renditionId: rendition.id,
      audience: 'class',
      endsAt: new Date(inDays(days)),
      releasedById: school.admin.id,
    },
  });
  return { lesson, recordingId: id, releaseId: release.id };
}

/** Links of a release, as many as asked for, past the API. */
export async function createLinks(server: TestServer, releaseId: string, createdById: string, viewers: string[]) {
  const { read } = server.context.outside.database;
  const expiresAt = new Date(inDays(20));
  await read.viewerLink.createMany({
    data: viewers.map((viewerName) => ({
      releaseId,
      viewerName,
      tokenDigest: digestToken(randomBytes(32).toString('base64url')),
      createdById,
      expiresAt,
    })),
  });
}
