import { type IncomingMessage, request } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StaffRole } from '../../src/domain/ids.ts';
import { recordSealed, sealIntoStore } from '../../src/pipeline/core/sealed-object.ts';
import { createLink } from '../../src/pipeline/release/create-link.ts';
import { createToken } from '../../src/pipeline/staff/create-token.ts';
import { invite } from '../../src/pipeline/staff/invite.ts';
import { type Api, signedInStaff, testPassword } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { inPieces } from '../support/vault.ts';
import { readSlowly } from '../support/watching.ts';

type Staff = Awaited<ReturnType<typeof signedInStaff>>;

/** More than the operating system holds in its buffers. */
const manyBytes = 48 * 2 ** 20;

let server: TestServer;
let school: School;
let lesson: Awaited<ReturnType<typeof createPermittedLesson>>;
let recordingId: string;
let people = 0;
const newStaff = (role: StaffRole) => signedInStaff(server, `${role} ${people++}`, [role]);

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id, {
    mediaBytes: manyBytes,
  });
  recordingId = id;
});
afterAll(() => server?.stop());

/** Begins to read, lets `then` happen, and reads on: how it ended, and how much came. */
async function readAcross(
  api: Api,
  path: string,
  then: () => Promise<unknown>,
  { method = 'GET', body }: { method?: string; body?: object } = {},
) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...api.headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  expect(response.status).toBe(200);
  const reader = response.body!.getReader();
  await reader.read();
  await then();
  return readSlowly(reader);
}
const disable = async (person: { id: string }) =>
  ok(await school.admin.patch(`/api/staff/${person.id}`, { disabled: true }));

describe('what is being sent stops', () => {
  test('an original, when the reviewer is disabled; and the log says that it was stopped', async () => {
    const reviewer = await newStaff('reviewer');
    const read = await readAcross(reviewer, `/api/recordings/${recordingId}/media`, () => disable(reviewer));
    expect(read.end).toBe('broken');
    expect(read.bytes).toBeLessThan(manyBytes);
    const { entries } = ok(await school.auditor.get(`/api/audit?actor=${reviewer.id}&limit=20`));
    const actions = entries.map(({ entry }: { entry: { action: string } }) => entry.action);
    expect(actions).toContain('media.stopped');
    expect(actions).toContain('request.refused');
  });

  test('an original, when the role is taken away', async () => {
    const reviewer = await newStaff('reviewer');
    const read = await readAcross(reviewer, `/api/recordings/${recordingId}/media`, async () =>
      ok(await school.admin.patch(`/api/staff/${reviewer.id}`, { roles: ['teacher'] })),
    );
    expect(read.end).toBe('broken');
  });

  test('an original, when the person signs out', async () => {
    const reviewer = await newStaff('reviewer');
    const read = await readAcross(reviewer, `/api/recordings/${recordingId}/media`, async () =>
      ok(await reviewer.delete('/api/session')),
    );
    expect(read.end).toBe('broken');
  });

  test('an original, when its session is ended from elsewhere', async () => {
    const reviewer = await newStaff('reviewer');
    const code = await server.nextCode(reviewer.totpUri!);
    const elsewhere = await reviewer.post('/api/session', { email: reviewer.email, password: testPassword, code });
    const other = Object.assign(Object.create(Object.getPrototypeOf(reviewer)), reviewer) as Staff;
    expect(elsewhere.status).toBe(200);
    const [current] = ok(await reviewer.get('/api/sessions')).items.filter((one: { current: boolean }) => one.current);
    const read = await readAcross(other, `/api/recordings/${recordingId}/media`, async () =>
      ok(await reviewer.delete(`/api/sessions/${current.id}`)),
    );
    expect(read.end).toBe('broken');
  });

  test('an export, when the administrator is disabled', async () => {
    const admin = await newStaff('administrator');
    const read = await readAcross(admin, `/api/recordings/${recordingId}/export`, () => disable(admin), {
      method: 'POST',
      body: { format: 'media' },
    });
    expect(read.end).toBe('broken');
    const { entries } = ok(await school.auditor.get(`/api/audit?actor=${admin.id}&action=recording.exported`));
    expect(entries[0].entry).toMatchObject({ outcome: 'failed', details: { stage: 'broken_off' } });
  });

  test('a signed document, when the administrator is disabled', async () => {
    const admin = await newStaff('administrator');
    const { outside } = server.context;
    const sealed = await sealIntoStore(outside, 'documents/x/', inPieces(Buffer.alloc(24 * 2 ** 20)));
    await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
      await recordSealed(tx, sealed);
      await tx.db.permission.update({
        where: { id: lesson.permissions.site },
        data: { documentId: sealed.id, documentSha256: sealed.mediaSha256 },
      });
    });
    const read = await readAcross(admin, `/api/permissions/${lesson.permissions.site}/document`, () => disable(admin));
    expect(read.end).toBe('broken');
  });
});

describe('what is being received stops', () => {
  let teacher: Staff;
  let own: Awaited<ReturnType<typeof createPermittedLesson>>;
  beforeEach(async () => {
    teacher = await newStaff('teacher');
    own = await createPermittedLesson(school, teacher);
  });
  const begin = async () => {
    const begun = await teacher.request('POST', `/api/lessons/${own.id}/uploads`, undefined, {
      'tus-resumable': '1.0.0',
      'upload-length': '100000000',
    });
    expect(begun.status).toBe(201);
    return begun.headers.get('location')!;
  };
  /** Sends a piece ten times a second until somebody ends it. */
  const trickle = (method: string, path: string, headers: Record<string, string | number>, first = '') => {
    const sending = request(new URL(path, server.url), { method, headers: { ...headers } });
    const ended = new Promise<string>((end) => {
      sending.once('response', (answer: IncomingMessage) => end(`answered ${answer.statusCode}`));
      sending.once('error', () => end('broken'));
      sending.once('close', () => end('broken'));
    });
    sending.write(first);
    const timer = setInterval(() => sending.write(Buffer.alloc(10_000)), 100);
    void ended.then(() => clearInterval(timer));
    return { ended, sending };
  };
  const patchWith = async (url: string, headers: Record<string, string>) => {
    const sent = trickle('PATCH', url, {
      ...headers,
      'tus-resumable': '1.0.0',
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': 100_000_000,
    });
    const where = { id: url.split('/').at(-1)! };
    const { read } = server.context.outside.database;
    await eventually(async () => (await read.upload.findUniqueOrThrow({ where })).fence > 0n, 'it to be let in');
    return sent;
  };

  test('a resumable upload, when the teacher is disabled', async () => {
    const { ended, sending } = await patchWith(await begin(), teacher.headers);
    await disable(teacher);
    expect(await ended).toBe('broken');
    sending.destroy();
  });

  test('a resumable upload, when its token is revoked', async () => {
    const url = await begin();
    const issued = ok(await teacher.post('/api/tokens', { name: 'x', scopes: ['write'], days: 1 }));
    const { ended, sending } = await patchWith(url, { authorization: `Bearer ${issued.token}` });
    ok(await teacher.delete(`/api/tokens/${issued.id}`));
    expect(await ended).toBe('broken');
    sending.destroy();
  });

  test('an upload in one request, when the teacher is disabled; nothing of it is kept', async () => {
    const { ended, sending } = trickle(
      'POST',
      `/api/lessons/${own.id}/recordings`,
      { ...teacher.headers, 'content-type': 'multipart/form-data; boundary=x', 'transfer-encoding': 'chunked' },
      '--x\r\ncontent-disposition: form-data; name="bytes"\r\n\r\n100000000\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="a.mp4"\r\ncontent-type: video/mp4\r\n\r\n',
    );
    const { read } = server.context.outside.database;
    await eventually(async () => (await read.recording.count({ where: { lessonId: own.id } })) === 1, 'it to begin');
    await disable(teacher);
    expect(await ended).toBe('broken');
    sending.destroy();
    await eventually(async () => (await read.recording.count({ where: { lessonId: own.id } })) === 0, 'it to be gone');
  });
});

describe('what was handed out ends', () => {
  const invitation = { email: 'next@school.example', name: 'Next', roles: ['administrator'] as StaffRole[], days: 7 };
  const accept = (token: string) =>
    school.nobody.post('/api/invitations/accept', { token, password: testPassword, language: 'en' });

  test('invitations, tokens and links of somebody who is disabled, each with its entry on the log', async () => {
    const admin = await newStaff('administrator');
    const { outside } = server.context;
    const invited = ok(await admin.post('/api/invitations', invitation));
    const token = ok(await admin.post('/api/tokens', { name: 'x', scopes: ['read'], days: 1 }));
    const rendition = await outside.database.read.rendition.findFirstOrThrow({ where: { recordingId } });
    const release = await outside.database.read.release.create({
      data: {
        recordingId,
        renditionId: rendition.id,
        audience: 'class',
        endsAt: new Date(inDays(7)),
        releasedById: school.admin.id,
      },
    });
    const link = ok(await admin.post(`/api/releases/${release.id}/links`, { viewerName: 'Gül Example' }));
    await disable(admin);
    expect(await accept(invited.token)).toMatchObject({ status: 404, body: { code: 'LINK_NOT_VALID' } });
    const { read } = outside.database;
    expect((await read.viewerLink.findUniqueOrThrow({ where: { id: link.id } })).revokedAt).not.toBeNull();
    expect((await read.apiToken.findUniqueOrThrow({ where: { id: token.id } })).revokedAt).not.toBeNull();
    for (const [id, action] of [
      [invited.id, 'staff.invitation_revoked'],
      [token.id, 'token.revoked'],
      [link.id, 'link.revoked'],
    ])
      expect(ok(await school.auditor.get(`/api/audit?action=${action}&object=${id}`)).entries).toHaveLength(1);
    // Enabling gives nothing back.
    ok(await school.admin.patch(`/api/staff/${admin.id}`, { disabled: false }));
    expect(await accept(invited.token)).toMatchObject({ status: 404 });
  });

  test('invitations of somebody who is no administrator any more', async () => {
    const admin = await newStaff('administrator');
    const invited = ok(await admin.post('/api/invitations', { ...invitation, email: 'other@school.example' }));
    ok(await school.admin.patch(`/api/staff/${admin.id}`, { roles: ['reviewer'] }));
    expect(await accept(invited.token)).toMatchObject({ status: 404 });
  });

  test('nothing is handed out by a request that was let in a moment before', async () => {
    const admin = await newStaff('administrator');
    const { outside } = server.context;
    const [session] = ok(await admin.get('/api/sessions')).items;
    const late = {
      actor: { kind: 'staff', id: admin.id, roles: ['administrator'], scopes: null },
      standing: { sessionId: session.id, tokenId: null, roles: ['administrator'] },
    } as const;
    await disable(admin);
    const refused = { code: 'NOT_SIGNED_IN' };
    await expect(invite(outside, late, { ...invitation, email: 'late@school.example' }, null)).rejects.toMatchObject(
      refused,
    );
    await expect(createToken(outside, late, { name: 'late', scopes: ['read'], days: 1 })).rejects.toMatchObject(
      refused,
    );
    const release = await outside.database.read.release.findFirstOrThrow();
    await expect(createLink(outside, late, release.id, { viewerName: 'Late' })).rejects.toMatchObject(refused);
  });
});
