import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordSealed, sealIntoStore } from '../../src/pipeline/core/sealed-object.ts';
import { signedInStaff } from '../support/api.ts';
import { createPermittedLesson, createSchool, inDays, ok, pseudonymIn, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inPieces } from '../support/vault.ts';
import { watchToTheEnd } from '../support/watching.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

async function inReview() {
  const lesson = await createPermittedLesson(school);
  const recording = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id, {
    mediaBytes: 100_000,
  });
  return { ...recording, lesson };
}
const viewersOf = async (id: string) =>
  ok(await school.auditor.get(`/api/audit/viewers/${id}`)).accesses as {
    actor: { id: string };
    [count: string]: unknown;
  }[];
const accessOf = async (recordingId: string, userId: string) => {
  const pseudonym = await pseudonymIn(server, 'staff', userId);
  return (await viewersOf(recordingId)).find(({ actor }) => actor.id === pseudonym);
};

describe('"Who saw this recording?" names', () => {
  test('whoever had a picture or the sound of a segment shown', async () => {
    const { id } = await inReview();
    const segment = await server.context.outside.database.read.segment.findFirstOrThrow({ where: { recordingId: id } });
    // What is sealed here is no media: that it was asked for is on the log before the first byte is read.
    await school.reviewer.get(`/api/segments/${segment.id}/picture`);
    await school.reviewer.get(`/api/segments/${segment.id}/spectrogram`);
    expect(await accessOf(id, school.reviewer.id)).toMatchObject({ stills: 2, served: 0 });
  });

  test('whoever had the waveform or the thumbnails of the original shown', async () => {
    const { id } = await inReview();
    await school.reviewer.get(`/api/recordings/${id}/waveform`);
    await school.reviewer.get(`/api/recordings/${id}/thumbnails`);
    expect(await accessOf(id, school.reviewer.id)).toMatchObject({ stills: 2, served: 0 });
  });

  test('whoever watched the original, the rendition, or exported, each told apart', async () => {
    const { id } = await inReview();
    await watchToTheEnd(server, `/api/recordings/${id}/media`, school.reviewer.headers);
    await watchToTheEnd(server, `/api/recordings/${id}/rendition`, school.reviewer.headers);
    ok(await school.admin.post(`/api/recordings/${id}/export`, { format: 'media' }));
    expect(await accessOf(id, school.reviewer.id)).toMatchObject({ served: 2, originals: 1, exports: 0 });
    expect(await accessOf(id, school.admin.id)).toMatchObject({ served: 0, exports: 1 });
  });

  test('whoever read a signed document of its lesson', async () => {
    const { id, lesson } = await inReview();
    const { outside } = server.context;
    const sealed = await sealIntoStore(outside, `documents/${lesson.permissions.minor}/`, inPieces(Buffer.from('x')));
    await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
      await recordSealed(tx, sealed);
      await tx.db.permission.update({
        where: { id: lesson.permissions.minor },
        data: { documentId: sealed.id, documentSha256: sealed.mediaSha256 },
      });
    });
    ok(await school.admin.get(`/api/permissions/${lesson.permissions.minor}/document`));
    expect(await accessOf(id, school.admin.id)).toMatchObject({ documents: 1, served: 0 });
  });

  test('whoever was about to be sent something when a process ended', async () => {
    const { id, lesson } = await inReview();
    const { database } = server.context.outside;
    const actor = { kind: 'staff', id: school.reviewer.id, roles: [], scopes: null } as const;
    const object = { kind: 'recording', id, recordingId: id, lessonId: lesson.id };
    await database.transact({ actor }, async (tx) => {
      await tx.log({
        action: 'media.opened',
        outcome: 'done',
        object,
        details: { asked: { bytes: [0, 9], aboutSeconds: [0, 1] } },
      });
      await tx.log({
        action: 'recording.exported',
        outcome: 'done',
        object,
        details: { stage: 'begun', format: 'media' },
      });
    });
    expect(await accessOf(id, school.reviewer.id)).toMatchObject({ opened: 1, served: 0, exports: 1 });
  });
});

describe('nobody on the trail of a kept recording is forgotten', () => {
  const forget = (kind: string, id: string) => school.admin.delete(`/api/audit/persons/${kind}/${id}`);
  const erase = (id: string) =>
    server.context.outside.database.read.recording.update({ where: { id }, data: { state: 'erased' } });

  test('not a member of staff who saw it, even disabled', async () => {
    const { id } = await inReview();
    const leaver = await signedInStaff(server, 'Leaver Reviewer', ['reviewer']);
    await watchToTheEnd(server, `/api/recordings/${id}/media`, leaver.headers);
    ok(await school.admin.patch(`/api/staff/${leaver.id}`, { disabled: true }));
    const refused = await forget('staff', leaver.id);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'WRONG_STATE', reasons: [{ code: 'ON_THE_TRAIL', subject: { kind: 'recording', id } }] },
    });
    expect(refused.body.reasons[0].text).toContain('9-B Physics');
    expect(await accessOf(id, leaver.id)).toMatchObject({ served: 1 });
    await erase(id);
    expect((await forget('staff', leaver.id)).status).toBe(204);
  });

  test('not a viewer, when the recording of the link is erased and another one is not', async () => {
    const { id, lesson } = await inReview();
    const { read } = server.context.outside.database;
    const rendition = await read.rendition.findFirstOrThrow({ where: { recordingId: id } });
    const release = await read.release.create({
      data: {
        recordingId: id,
        renditionId: rendition.id,
        audience: 'class',
        endsAt: new Date(inDays(7)),
        releasedById: school.admin.id,
      },
    });
    const link = ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Gül Example' }));
    const second = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id, {
      mediaBytes: 1_000,
    });
    const viewer = { actor: { kind: 'viewer', id: link.id } } as const;
    await server.context.outside.database.transact(viewer, (tx) =>
      tx.log({
        action: 'media.opened',
        outcome: 'done',
        object: { kind: 'recording', id: second.id, recordingId: second.id, lessonId: lesson.id },
        details: { asked: { bytes: [0, 1], aboutSeconds: [0, 1] } },
      }),
    );
    await erase(id);
    expect(await forget('viewer', link.id)).toMatchObject({
      status: 409,
      body: { reasons: [{ code: 'ON_THE_TRAIL', subject: { id: second.id } }] },
    });
    await erase(second.id);
    expect((await forget('viewer', link.id)).status).toBe(204);
  });

  test('not a member of staff who only read a document of its lesson', async () => {
    const { id, lesson } = await inReview();
    const leaver = await signedInStaff(server, 'Leaver Administrator', ['administrator']);
    ok(await leaver.get(`/api/lessons/${lesson.id}/permissions`));
    ok(await school.admin.patch(`/api/staff/${leaver.id}`, { disabled: true }));
    expect(await forget('staff', leaver.id)).toMatchObject({ status: 409, body: { reasons: [{ subject: { id } }] } });
  });

  test('the reasons are named up to a number, and the rest is counted', async () => {
    const leaver = await signedInStaff(server, 'Busy Reviewer', ['reviewer']);
    const { lesson } = await inReview();
    const { database } = server.context.outside;
    await database.read.recording.createMany({
      data: Array.from({ length: 24 }, () => ({
        lessonId: lesson.id,
        uploaderId: school.teacher.id,
        state: 'receiving' as const,
      })),
    });
    const actor = { kind: 'staff', id: leaver.id, roles: [], scopes: null } as const;
    await database.transact({ actor }, (tx) =>
      tx.log({
        action: 'permission.viewed',
        outcome: 'done',
        object: { kind: 'lesson', id: lesson.id, lessonId: lesson.id },
      }),
    );
    ok(await school.admin.patch(`/api/staff/${leaver.id}`, { disabled: true }));
    const { reasons } = (await forget('staff', leaver.id)).body;
    expect(reasons).toHaveLength(21);
    expect(reasons.at(-1)).toMatchObject({ text: '… and 5 more.' });
  });
});
