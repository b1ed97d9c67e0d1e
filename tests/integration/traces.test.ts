import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTracing } from '../../src/adapters/opentelemetry/tracing.ts';
import { asSpan, currentSpan, type Tracing, traced, withinSpan } from '../../src/pipeline/ports/trace.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { spawnServer, spawnWorker, type WorkerProcess } from '../support/process.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type ReceivedSpan, startTraceReceiver, type TraceReceiver } from '../support/trace-receiver.ts';

/** `SpanKind` of OTLP. */
const [internal, server_, consumer] = [1, 2, 5];

describe('a recording from the request to its review', () => {
  let receiver: TraceReceiver;
  let server: TestServer;
  let worker: WorkerProcess;
  let school: School;

  beforeAll(async () => {
    receiver = await startTraceReceiver();
    const traces = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=school%20one,authorization=Basic dTpw==',
    };
    server = await startTestServer({ ...traces, WORKER: 'false' });
    worker = await spawnWorker({
      ...traces,
      EMANET_HOME: server.home,
      DATABASE_URL: server.database.workerUrl,
      METRICS_PORT: '0',
      METRICS_TOKEN: 'test only, long enough',
      READ_PAGES_PER_HOUR: '1',
    });
    school = await createSchool(server);
    const lesson = await createPermittedLesson(school);
    const { id } = ok(await school.teacher.upload(lesson.id, shortLesson()));
    await until(school.reviewer, id, (recording) => recording.state === 'in_review');
    for (const name of ['job check-recording', 'POST /api/lessons/:lessonId/recordings'])
      await eventually(() => named(name).length > 0, `the span ${name}`);
  });
  afterAll(async () => {
    worker?.child.kill('SIGKILL');
    await server?.stop();
    await receiver?.stop();
  });

  const named = (name: string) => receiver.spans.filter((span) => span.name === name);
  const one = (name: string): ReceivedSpan => {
    const [span] = named(name);
    if (!span) throw new Error(`no span ${name} among ${[...new Set(receiver.spans.map((s) => s.name))].join(', ')}`);
    return span;
  };
  /** The names of what a span is within, the innermost first. */
  const within = (span: ReceivedSpan): string[] => {
    const parent = receiver.spans.find(({ spanId }) => spanId === span.parentSpanId);
    return parent ? [parent.name, ...within(parent)] : [];
  };

  test('is one trace over two processes: the job goes on from the request that queued it', () => {
    const upload = one('POST /api/lessons/:lessonId/recordings');
    expect(upload).toMatchObject({
      kind: server_,
      process: 'web',
      parentSpanId: undefined,
      facts: { 'http.request.method': 'POST', 'http.route': '/api/lessons/:lessonId/recordings' },
    });
    expect(upload.facts['http.response.status_code']).toBe(201);
    const check = one('job check-recording');
    expect(check).toMatchObject({
      kind: consumer,
      traceId: upload.traceId,
      facts: { 'emanet.job': 'check-recording' },
    });
    expect(within(check)).toContain('POST /api/lessons/:lessonId/recordings');
  });

  test('has the database, the store, the stages of the check and its processes in it', () => {
    const { traceId } = one('job check-recording');
    const ofIt = receiver.spans.filter((span) => span.traceId === traceId);
    for (const name of ['transaction', 'query', 'store put', 'store get', 'measure', 'compare with works'])
      expect(ofIt.map((span) => span.name)).toContain(name);
    const ffmpeg = ofIt.filter((span) => span.name === 'process ffmpeg');
    expect(ffmpeg.some((span) => within(span).slice(0, 2).join() === 'measure,job check-recording')).toBe(true);
    expect(ffmpeg.every(({ facts, kind }) => facts['process.exit.code'] === 0 && kind === internal)).toBe(true);
    expect(ofIt.some(({ name }) => name === 'process reading-process')).toBe(true);
    expect(ofIt.filter(({ isFailed }) => isFailed).map(({ name }) => name)).toEqual([]);
  });

  test('says nothing but what a closed list of names may hold', () => {
    const keys = new Set(receiver.spans.flatMap(({ facts }) => Object.keys(facts)));
    const known = [
      ...['http.request.method', 'http.route', 'http.response.status_code', 'emanet.request', 'emanet.refusal'],
      ...['emanet.job', 'emanet.attempt.last', 'db.collection.name', 'db.operation.name', 'process.exit.code'],
      'error.type',
    ];
    expect([...keys].filter((key) => !known.includes(key))).toEqual([]);
    for (const { facts } of receiver.spans) expect(String(facts['error.type'] ?? 'None')).toMatch(/^[A-Za-z]+$/);
    expect(new Set(receiver.spans.map(({ process }) => process))).toEqual(new Set(['web', 'worker']));
    expect(receiver.headers[0]).toMatchObject({ 'x-tenant': 'school one', authorization: 'Basic dTpw==' });
  });

  test('tells a job where its trace goes on and nothing more, and nothing where there is no trace', async () => {
    const { outside, tracing } = server.context;
    const { read } = outside.database;
    await read.$executeRaw`
      INSERT INTO paused_job (kind, "pausedAt", "pausedById") VALUES ('reconcile-objects', now(), 'test')`;
    const told = async () => {
      await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, (tx) =>
        tx.enqueue('reconcile-objects', {}, { key: 'test' }),
      );
      const [job] = await read.$queryRaw<{ payload: object }[]>`
        SELECT payload FROM graphile_worker._private_jobs WHERE key LIKE '% test'`;
      return job?.payload;
    };
    expect(currentSpan()).toBeNull();
    expect(await told()).toEqual({});
    const span = tracing?.begin('request', 'GET /', {}) ?? null;
    expect(await withinSpan(span, told)).toEqual({
      traceparent: expect.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-01$/),
    });
    expect(await told()).toEqual({});
  });
});

describe('a receiver that does not take them', () => {
  let deaf: Server;
  const open = new Set<Socket>();
  beforeAll(async () => {
    deaf = createServer(() => {}); // takes what comes, and never answers
    deaf.on('connection', (socket) => open.add(socket));
    await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const socket of open) socket.destroy();
    deaf.close();
  });

  test.each(['nobody listens', 'nobody answers'])('holds up no request, and not the end: %s', async (how) => {
    const port = how === 'nobody listens' ? 1 : (deaf.address() as AddressInfo).port;
    const env = { WORKER: 'false', OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` };
    const server = await startTestServer(env);
    const school = await createSchool(server);
    // More spans than the queue holds.
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 25 }, () => school.admin.get('/api/lessons')));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    }
    const begun = performance.now();
    await server.stop();
    expect(performance.now() - begun).toBeLessThan(10_000);
  });

  test('is told in the log once, by how many spans were lost', async () => {
    const lost: number[] = [];
    const tracing: Tracing = createTracing({
      ...{ endpoint: 'http://127.0.0.1:1', headers: {}, ratio: 1, process: 'web' },
      onLoss: (spans) => lost.push(spans),
    });
    tracing.begin('request', 'GET /', {})?.end();
    await tracing.close();
    await eventually(() => lost.length > 0, 'the loss');
    expect(lost).toEqual([1]);
  });
});

test('a trace has an end to what is in it, and work goes on beyond', async () => {
  const receiver = await startTraceReceiver();
  const tracing = createTracing({
    ...{ endpoint: receiver.url, headers: {}, ratio: 1, process: 'worker' },
    onLoss: () => {},
  });
  const root = tracing.begin('job', 'job scrub-objects', {});
  if (root === null) throw new Error('not traced');
  let done = 0;
  await asSpan(root, async () => {
    for (let index = 0; index < 1_500; index++) await traced('store get', {}, async () => done++);
  });
  await tracing.close();
  expect(done).toBe(1_500);
  expect(receiver.spans.filter(({ name }) => name === 'store get')).toHaveLength(1_000);
  await receiver.stop();
});

test('a share of 0 traces nothing', async () => {
  const tracing = createTracing({
    ...{ endpoint: 'http://127.0.0.1:1', headers: {}, ratio: 0, process: 'web' },
    onLoss: () => {},
  });
  expect(tracing.begin('request', 'GET /', {})).toBeNull();
  await tracing.close();
});

test('without the setting nothing is loaded that could make or send traces', async () => {
  const server = await startTestServer({ WORKER: 'false' });
  const hook = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (/@opentelemetry.(sdk|exporter)/.test(name)) console.error('LOADED ' + name);
      return next(name, context);
    } });`;
  const options = ['--import', `data:text/javascript,${encodeURIComponent(hook)}`];
  const env = { EMANET_HOME: server.home, DATABASE_URL: server.database.url, WORKER: 'false' };
  try {
    for (const [more, isLoaded] of [
      [{}, false],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }, true],
    ] as const) {
      const spawned = await spawnServer({ ...env, ...more }, options);
      expect((await fetch(`${spawned.url}/healthz`)).status).toBe(200);
      expect(await spawned.stop()).toBe(0);
      expect(spawned.log.some((line) => line.startsWith('LOADED'))).toBe(isLoaded);
    }
  } finally {
    await server.stop();
  }
});
