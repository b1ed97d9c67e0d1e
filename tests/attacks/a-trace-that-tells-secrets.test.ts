import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Api, testPassword } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { startTraceReceiver, type TraceReceiver } from '../support/trace-receiver.ts';

let receiver: TraceReceiver;
let trusting: TraceReceiver;
let server: TestServer;
let behindProxy: TestServer;
let school: School;

beforeAll(async () => {
  receiver = await startTraceReceiver();
  trusting = await startTraceReceiver();
  server = await startTestServer({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  behindProxy = await startTestServer({
    OTEL_EXPORTER_OTLP_ENDPOINT: trusting.url,
    TRACES_TRUST_PARENT: 'true',
    WORKER: 'false',
  });
  school = await createSchool(server);
});
afterAll(async () => {
  await server?.stop();
  await behindProxy?.stop();
  await receiver?.stop();
  await trusting?.stop();
});

/** A request that `fetch` would not send, over a connection of its own. */
const sendRaw = (method: string, path: string, headers: Record<string, string>): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const req = rawRequest({ hostname, port, method, path, headers, agent: false }, (res) => {
      res.resume().once('end', () => resolve(res.statusCode ?? 0));
    });
    req.once('error', reject).end();
  });
/** Waits until a request of this kind has been exported, and so everything that ended before it. */
const exported = async (to: TraceReceiver, test: (raw: string) => boolean) =>
  eventually(() => to.raw.some(test), 'the trace to come');

test('secrets in paths, queries, headers, cookies and bodies are in no trace, and neither is a person or an object', async () => {
  const secret = 'sEcReT-0123456789abcdefghijklmnop';
  const lesson = await createPermittedLesson(school);
  const { outside } = server.context;
  const recording = await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 1_000 });
  const nobody = new Api(server.url, {
    authorization: `Bearer ${secret}`,
    cookie: `emanet=${secret}; __Host-emanet=${secret}`,
    'user-agent': secret,
    referer: `https://okul.example/${secret}`,
    'x-forwarded-for': '203.0.113.77',
    'x-request-id': secret,
    baggage: `user=${secret}`,
    tracestate: `vendor=${secret}`,
    traceparent: `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`,
  });
  await nobody.get(`/s/${secret}`);
  await nobody.get(`/media/${secret}/x?token=${secret}`);
  await nobody.get(`/${secret}?q=${secret}`);
  await nobody.get(`/api/lessons/${secret}?cursor=${secret}`);
  await nobody.get(`/api/schools/${secret}`);
  await nobody.post('/api/session', { email: `${secret}@family.example`, password: secret });
  await nobody.post('/api/watch', { token: secret });
  await nobody.post(`/api/lessons/${lesson.id}/recordings`, { [secret]: secret });
  expect(await sendRaw('PROPFIND', `/${secret}`, { host: secret })).toBeGreaterThan(300);
  // What is signed in, too, with what its jobs do.
  ok(await school.teacher.get(`/api/lessons/${lesson.id}`));
  ok(await school.teacher.get(`/api/search?text=${encodeURIComponent('Ada Example')}`));
  ok(await school.reviewer.get(`/api/recordings/${recording.id}`));
  await school.admin.post(`/api/recordings/${recording.id}/check`);
  await school.admin.post('/api/password-reset', { email: school.teacher.email });
  ok(await school.admin.get('/api/staff'));
  await exported(receiver, (raw) => raw.includes('GET /api/staff'));
  await exported(receiver, (raw) => raw.includes('job '));

  const all = receiver.raw.join('\n');
  expect(all).toContain('GET /api/lessons/:lessonId');
  for (const hidden of [
    ...[secret, secret.toLowerCase(), encodeURIComponent(secret), testPassword, '203.0.113.77', 'abababab'],
    ...['Ada', 'Gül', 'Tuna', 'Example', '@', lesson.id, recording.id, school.teacher.id, school.admin.id],
    ...[school.teacher.headers.cookie ?? 'no cookie', server.home, 'postgresql:', 'SELECT'],
    ...(await outside.schools.list()),
  ])
    expect(all.includes(hidden), hidden).toBe(false);
  // What looks like an id is the number of a request, which is drawn at random.
  const numbers = new Set(receiver.spans.map(({ facts }) => facts['emanet.request']));
  for (const [id] of all.matchAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g))
    expect(numbers.has(id), id).toBe(true);
});

test('a stranger begins no trace of theirs, joins none and switches none off', async () => {
  const traceId = 'ef'.repeat(16);
  const before = receiver.spans.length;
  for (const flags of ['01', '00'])
    await school.nobody.get('/api/docs', { traceparent: `00-${traceId}-${'12'.repeat(8)}-${flags}` });
  await eventually(
    () => receiver.spans.slice(before).filter(({ name }) => name === 'GET /api/docs').length === 2,
    'both traces',
  );
  const spans = receiver.spans.filter(({ name }) => name === 'GET /api/docs');
  expect(spans.every((span) => span.traceId !== traceId && span.parentSpanId === undefined)).toBe(true);
});

test('behind a proxy that is trusted a trace goes on, and what is no traceparent begins one', async () => {
  const api = new Api(behindProxy.url);
  const traceId = '5a'.repeat(16);
  const parent = '6b'.repeat(8);
  const asked = [
    `00-${traceId}-${parent}-01`,
    `00-${traceId}-${parent}-00`, // the proxy does not trace it
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${traceId.toUpperCase()}-${parent}-01`,
    `ff-${traceId}-${parent}-01`,
    `00-${traceId}-${parent}-01-more`,
    'x'.repeat(5_000),
  ];
  for (const traceparent of asked) expect((await api.get('/api/docs', { traceparent })).status).toBe(200);
  await eventually(() => trusting.spans.filter(({ name }) => name === 'GET /api/docs').length >= 6, 'the traces');
  const spans = trusting.spans.filter(({ name }) => name === 'GET /api/docs');
  expect(spans).toHaveLength(6);
  expect(spans.filter((span) => span.traceId === traceId)).toMatchObject([{ parentSpanId: parent }]);
});
