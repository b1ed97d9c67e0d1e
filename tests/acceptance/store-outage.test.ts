import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shortLesson } from '../support/media.ts';
import { controlS3Server, startS3Server, testS3Servers, whyNoS3Server } from '../support/s3-servers.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const hasSwift = testS3Servers().some((server) => server.name === 'swift');

describe.skipIf(!hasSwift)(`an S3 store that goes away (${hasSwift ? 'Swift' : whyNoS3Server()})`, () => {
  let folder: string;
  let server: TestServer;
  let school: School;
  const media = shortLesson();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-outage-'));
    const s3 = await startS3Server('swift', folder); // of its own: the shared one serves other tests
    server = await startTestServer({
      STORE: 's3',
      S3_ENDPOINT: s3.endpoint,
      S3_ACCESS_KEY_ID: s3.key,
      S3_SECRET_ACCESS_KEY: s3.secret,
      S3_REGION: s3.region,
      S3_BUCKET: 'emanet-outage',
      RECEIVING_LEASE_SECONDS: '5',
    });
    school = await createSchool(server);
  });
  afterAll(async () => {
    await server?.stop();
    await controlS3Server('stop', 'swift', folder);
    await rm(folder, { recursive: true, force: true });
  });

  /** An upload of several parts that stops in the middle until it is told to go on. */
  function beginUpload(lessonId: string, bytes: Buffer) {
    const head = Buffer.from(
      '--x\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\ncontent-type: audio/wav\r\n\r\n',
    );
    const tail = Buffer.from('\r\n--x--\r\n');
    const half = Math.floor(bytes.length / 2);
    const req = request(`${server.url}/api/lessons/${lessonId}/recordings`, {
      method: 'POST',
      headers: {
        ...school.teacher.headers,
        'content-type': 'multipart/form-data; boundary=x',
        'content-length': head.length + bytes.length + tail.length,
      },
    });
    const answer = new Promise<{ status: number; body: { id: string; code: string } }>((resolve, reject) => {
      req.on('error', reject);
      req.on('response', async (res) => {
        const pieces: Buffer[] = [];
        for await (const piece of res) pieces.push(piece);
        resolve({ status: res.statusCode!, body: JSON.parse(Buffer.concat(pieces).toString()) });
      });
    });
    req.write(head);
    req.write(bytes.subarray(0, half));
    return { answer, goOn: () => req.end(Buffer.concat([bytes.subarray(half), tail])) };
  }
  const wav = () => {
    const head = Buffer.from(
      '524946460000000057415645666d7420100000000100020044ac000010b10200040010006461746100000000',
      'hex',
    );
    const bytes = 40 * 2 ** 20;
    head.writeUInt32LE(bytes + 36, 4);
    head.writeUInt32LE(bytes, 40);
    return Buffer.concat([head, Buffer.alloc(bytes)]);
  };

  test('a recording is sealed there, checked from there and played from there', async () => {
    const lesson = await createPermittedLesson(school);
    const { id } = ok(await school.teacher.upload(lesson.id, media));
    await until(school.reviewer, id, (r) => r.state === 'in_review');
    const played = await fetch(`${server.url}/api/recordings/${id}/media`, { headers: school.reviewer.headers });
    expect(Buffer.from(await played.arrayBuffer()).equals(media)).toBe(true);
  });

  test('for ten seconds in the middle of an upload: the upload ends well', async () => {
    const lesson = await createPermittedLesson(school);
    const upload = beginUpload(lesson.id, wav());
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await controlS3Server('kill9', 'swift', folder);
    expect((await fetch(`${server.url}/readyz`)).status).toBe(503);
    upload.goOn();
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    await controlS3Server('start', 'swift', folder);
    expect(await upload.answer).toMatchObject({ status: 201, body: { state: 'sealed' } });
  });

  test('for longer than that: the upload is refused, and after the sweep nothing of it is left', async () => {
    const { objects, database } = server.context.outside;
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of objects.list('')) if (!key.startsWith('log/')) found.push(key);
      return found.sort();
    };
    const before = await keys();
    const lesson = await createPermittedLesson(school);
    const upload = beginUpload(lesson.id, wav());
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await controlS3Server('kill9', 'swift', folder);
    upload.goOn();
    const answer = await upload.answer;
    expect(answer).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
    await controlS3Server('start', 'swift', folder);
    for (let i = 0; i < 80 && (await database.read.recording.count({ where: { lessonId: lesson.id } })) > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await database.read.recording.count({ where: { lessonId: lesson.id } })).toBe(0);
    expect(await keys()).toEqual(before);
    expect(await objects.abortUnfinished('', new Date(Date.now() + 60_000))).toBe(0);
    const { entries } = ok(await school.auditor.get(`/api/audit?lesson=${lesson.id}`));
    expect(entries.map((row: { entry: { action: string } }) => row.entry.action)).toContain(
      'recording.upload_abandoned',
    );
    // What is tried in turn while nobody answers (upload, its end, its clean-up) waits up to 24 s each.
  }, 240_000);
});
