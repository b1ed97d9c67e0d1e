import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { startRelay } from '../support/relay.ts';
import { controlS3Server, startS3Server, testS3Servers, whyNoS3Server } from '../support/s3-servers.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { wavOf } from '../support/wav.ts';

const hasSwift = testS3Servers().some((server) => server.name === 'swift');

describe.skipIf(!hasSwift)(`an S3 store that goes away (${hasSwift ? 'Swift' : whyNoS3Server()})`, () => {
  let folder: string;
  let relay: Awaited<ReturnType<typeof startRelay>>;
  let store: Record<string, string>;
  const media = shortLesson();
  const stops: (() => Promise<unknown>)[] = [];

  /** A server and its school, on the one store. */
  async function start(env: Record<string, string>): Promise<{ server: TestServer; school: School }> {
    const server = await startTestServer({ ...store, RECEIVING_LEASE_SECONDS: '5', ...env });
    stops.push(() => server.stop());
    return { server, school: await createSchool(server) };
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-outage-'));
    const s3 = await startS3Server('swift', folder); // of its own: the shared one serves other tests
    relay = await startRelay(new URL(s3.endpoint));
    store = {
      STORE: 's3',
      S3_ENDPOINT: relay.url,
      S3_ACCESS_KEY_ID: s3.key,
      S3_SECRET_ACCESS_KEY: s3.secret,
      S3_REGION: s3.region,
    };
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await relay?.stop();
    await controlS3Server('stop', 'swift', folder);
    await rm(folder, { recursive: true, force: true });
  });

  /** An upload of several parts that stops in the middle until it is told to go on. */
  function beginUpload({ server, school }: { server: TestServer; school: School }, lessonId: string, bytes: Buffer) {
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
  /** The server passes on what arrives in parts of 16 MiB: one of them has left, or is leaving. */
  const untilPartIsSent = (before: number) =>
    eventually(() => relay.sentBytes() - before > 16 * 2 ** 20, 'a part of the upload to be sent to the store');

  test('a recording is sealed there, checked from there and played from there', async () => {
    const { server, school } = await start({ S3_BUCKET: 'emanet-sealed' });
    const lesson = await createPermittedLesson(school);
    const { id } = ok(await school.teacher.upload(lesson.id, media));
    await until(school.reviewer, id, (r) => r.state === 'in_review');
    const played = await fetch(`${server.url}/api/recordings/${id}/media`, { headers: school.reviewer.headers });
    expect(Buffer.from(await played.arrayBuffer()).equals(media)).toBe(true);
  });

  test('for ten seconds in the middle of an upload: the upload ends well', async () => {
    const running = await start({ S3_BUCKET: 'emanet-ten-seconds' });
    const lesson = await createPermittedLesson(running.school);
    const before = relay.sentBytes();
    const upload = beginUpload(running, lesson.id, wavOf(40 * 2 ** 20));
    await untilPartIsSent(before);
    await relay.cut();
    const away = setTimeout(10_000);
    expect((await fetch(`${running.server.url}/readyz`)).status).toBe(503);
    upload.goOn();
    await away;
    await relay.mend();
    expect(await upload.answer).toMatchObject({ status: 201, body: { state: 'sealed' } });
  });

  test('for longer than that: the upload is refused, and after the sweep nothing of it is left', async () => {
    // Fewer tries than usual: what is tried in turn while nobody answers (upload, its end, its clean-up) waits for all of them.
    const running = await start({ S3_BUCKET: 'emanet-longer', OUTAGE_SECONDS: '3' });
    const { server, school } = running;
    const { objects, database } = server.context.outside;
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of objects.list('')) if (!key.startsWith('log/')) found.push(key);
      return found.sort();
    };
    const before = await keys();
    const lesson = await createPermittedLesson(school);
    const sent = relay.sentBytes();
    const upload = beginUpload(running, lesson.id, wavOf(40 * 2 ** 20));
    await untilPartIsSent(sent);
    await controlS3Server('kill9', 'swift', folder);
    upload.goOn();
    const answer = await upload.answer;
    expect(answer).toMatchObject({ status: 503, body: { code: 'STORE_UNAVAILABLE' } });
    await controlS3Server('start', 'swift', folder);
    await eventually(
      async () => (await database.read.recording.count({ where: { lessonId: lesson.id } })) === 0,
      'the upload to be swept',
    );
    expect(await keys()).toEqual(before);
    expect(await objects.abortUnfinished('', new Date(Date.now() + 60_000))).toBe(0);
    const { entries } = ok(await school.auditor.get(`/api/audit?lesson=${lesson.id}`));
    expect(entries.map((row: { entry: { action: string } }) => row.entry.action)).toContain(
      'recording.upload_abandoned',
    );
  }, 240_000);
});
