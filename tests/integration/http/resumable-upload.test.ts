import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { Upload } from 'tus-js-client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import { collectBytes } from '../../../src/pipeline/core/sealed-object.ts';
import { appendToUpload } from '../../../src/pipeline/intake/append-to-upload.ts';
import { removeStaged } from '../../../src/pipeline/intake/remove-staged.ts';
import { sealUpload } from '../../../src/pipeline/intake/seal-upload.ts';
import { sweepUploads } from '../../../src/pipeline/intake/sweep-uploads.ts';
import { takeUpload } from '../../../src/pipeline/intake/take-upload.ts';
import { VaultCorrupt } from '../../../src/vault/errors.ts';
import { eventually } from '../../support/eventually.ts';
import { shortLesson } from '../../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { withStore } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { wavOf } from '../../support/wav.ts';

let server: TestServer;
let school: School;
let lesson: Awaited<ReturnType<typeof createPermittedLesson>>;
const MiB = 2 ** 20;
const media = shortLesson(4 * MiB);

beforeAll(async () => {
  // A lease longer than the tests, so that the clock's own sweep leaves alone what they sweep.
  server = await startTestServer({ MAX_RECORDING_BYTES: String(64 * MiB), RECEIVING_LEASE_SECONDS: '3600' });
  school = await createSchool(server);
});
beforeEach(async () => {
  lesson = await createPermittedLesson(school);
});
afterAll(() => server?.stop());

const b64 = (text: string) => Buffer.from(text).toString('base64');
const tus = { 'tus-resumable': '1.0.0' };
const octets = { ...tus, 'content-type': 'application/offset+octet-stream' };

async function raw(method: string, path: string, headers: Record<string, string> = {}, body?: Uint8Array) {
  const response = await fetch(new URL(path, server.url), {
    method,
    headers: { ...school.teacher.headers, ...headers },
    ...(body === undefined ? {} : { body: Uint8Array.from(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text !== '' && /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text,
  };
}
async function begin(bytes: number, more: Record<string, string> = {}): Promise<string> {
  const answer = await raw('POST', `/api/lessons/${lesson.id}/uploads`, {
    ...tus,
    'upload-length': String(bytes),
    'upload-metadata': `filename ${b64('ders.mp4')},filetype ${b64('video/mp4')}`,
    ...more,
  });
  expect(answer.status).toBe(201);
  return answer.headers.get('location')!;
}
const patch = (url: string, offset: number, bytes: Uint8Array, headers: Record<string, string> = {}) =>
  raw('PATCH', url, { ...octets, 'upload-offset': String(offset), ...headers }, bytes);
const offsetOf = async (url: string) => Number((await raw('HEAD', url, tus)).headers.get('upload-offset'));
async function settled(url: string) {
  return eventually(async () => {
    const upload = ok(await school.teacher.get(url));
    return ['sealed', 'failed'].includes(upload.state) && upload;
  }, 'the upload to be settled');
}
async function staged(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of server.context.outside.objects.list('uploads/')) keys.push(key);
  return keys;
}
const gone = async () => {
  await eventually(async () => (await staged()).length === 0, 'what was staged to go');
  return staged();
};
const actions = async () =>
  ok(await school.auditor.get(`/api/audit?lesson=${lesson.id}&limit=500`)).entries.map(
    (row: { entry: { action: string } }) => row.entry.action,
  );

describe('tus 1.0.0', () => {
  test('says what it knows', async () => {
    const { status, headers } = await raw('OPTIONS', '/api/uploads');
    expect(status).toBe(204);
    expect(headers.get('tus-version')).toBe('1.0.0');
    expect(headers.get('tus-extension')).toBe('creation,creation-with-upload,expiration,termination,checksum');
    expect(headers.get('tus-max-size')).toBe(String(64 * MiB));
    expect(headers.get('tus-checksum-algorithm')).toBe('sha1,sha256');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a recording arrives in pieces, is sealed byte for byte, and nothing of the staging is left', async () => {
    const url = await begin(media.length);
    const cuts = [0, 1, 1_000_000, 1_000_001, media.length];
    for (const [index, start] of cuts.slice(0, -1).entries()) {
      const answer = await patch(url, start, media.subarray(start, cuts[index + 1]));
      expect(answer.status).toBe(204);
      expect(answer.headers.get('upload-offset')).toBe(String(cuts[index + 1]));
      if (index < 3) expect(answer.headers.get('upload-expires')).toBeTruthy();
    }
    const { id } = await settled(url);
    const recording = ok(await school.teacher.get(`/api/recordings/${id}`));
    expect(recording).toMatchObject({
      bytes: media.length,
      fileName: 'ders.mp4',
      mediaSha256: createHash('sha256').update(media).digest('hex'),
    });
    expect(await gone()).toEqual([]);
    expect(await server.context.outside.database.read.upload.count({ where: { id } })).toBe(0);
    expect((await actions()).filter((action: string) => action.startsWith('recording.')).slice(-4)).toEqual(
      expect.arrayContaining(['recording.sealed', 'recording.received', 'recording.receiving']),
    );
    // Whoever asks afterwards where to go on hears that everything is there, in whatever millisecond.
    for (let asked = 0; asked < 100; asked++) expect(await offsetOf(url)).toBe(media.length);
  });

  test('what comes in one run is a body already: its parts are put in a row, and no second pass seals it', async () => {
    const { outside } = server.context;
    const whole = wavOf(20 * MiB);
    const [salts, composed, puts]: [string[], string[], string[]] = [[], [], []];
    const id = (await begin(whole.length, { 'upload-metadata': `filename ${b64('a.wav')}` })).split('/').at(-1)!;
    const sent = (async function* () {
      for (let at = 0; at < whole.length; at += 100_000) yield whole.subarray(at, at + 100_000);
    })();
    const { objects } = outside;
    const watched = withStore(outside, {
      compose: (key, from, options) => {
        composed.push(...from);
        return objects.compose(key, from, options);
      },
      put: (key, body, options) => {
        puts.push(key);
        return objects.put(key, body, options);
      },
    });
    await appendToUpload(watched, (await takeUpload(outside, id))!, 0, sent);
    const parts = await outside.database.read.uploadPart.findMany({
      where: { uploadId: id },
      orderBy: { start: 'asc' },
    });
    salts.push(...parts.map(({ salt }) => Buffer.from(salt).toString('hex')));
    // No job may be quicker: the upload is closed here and sealed here.
    await outside.database.read.upload.update({ where: { id }, data: { state: 'sealing' } });
    puts.length = 0;
    await sealUpload(watched, id, new AbortController().signal);
    expect(parts.map(({ chunk }) => chunk)).toEqual([0, 5, 10, 15, 20]);
    expect(new Set(salts).size).toBe(1);
    expect(composed).toEqual(parts.map((part) => `uploads/${id}/${part.id}`));
    expect(puts.filter((key) => key.endsWith('/body'))).toEqual([]);
    const { sealed } = await outside.database.read.recording.findUniqueOrThrow({
      where: { id },
      include: { sealed: true },
    });
    expect(Buffer.from(sealed!.salt).toString('hex')).toBe(salts[0]);
    expect(sealed!.mediaSha256).toBe(createHash('sha256').update(whole).digest('hex'));
    const body = createHash('sha256');
    for await (const piece of await objects.get(sealed!.bodyKey)) body.update(piece);
    expect(sealed!.bodySha256).toBe(body.digest('hex'));
    await removeStaged(outside, id);
  });

  test.each([
    ['another part of the same upload', ([first, second, ...rest]: Buffer[]) => [second!, first!, ...rest]],
    ['a changed octet', (parts: Buffer[]) => [parts[0]!.fill(0, 5, 6), ...parts.slice(1)]],
    ['a part that ends early', (parts: Buffer[]) => [parts[0]!, parts[1]!.subarray(0, -1), ...parts.slice(2)]],
  ])('a staged body with %s is not sealed', async (_, tamper) => {
    const { outside } = server.context;
    const whole = wavOf(20 * MiB);
    const id = (await begin(whole.length, { 'upload-metadata': `filename ${b64('a.wav')}` })).split('/').at(-1)!;
    const sent = (async function* () {
      yield whole;
    })();
    await appendToUpload(outside, (await takeUpload(outside, id))!, 0, sent);
    const keys = (
      await outside.database.read.uploadPart.findMany({ where: { uploadId: id }, orderBy: { start: 'asc' } })
    ).map((part) => `uploads/${id}/${part.id}`);
    const stored: Buffer[] = [];
    for (const key of keys) stored.push(await collectBytes(await outside.objects.get(key)));
    for (const [at, bytes] of tamper(stored).entries())
      await outside.objects.put(
        keys[at]!,
        (async function* () {
          yield bytes;
        })(),
      );
    await outside.database.read.upload.update({ where: { id }, data: { state: 'sealing' } });
    await expect(sealUpload(outside, id, new AbortController().signal)).rejects.toThrow(VaultCorrupt);
    expect(await outside.database.read.sealedObject.count({ where: { bodyKey: { contains: id } } })).toBe(0);
    for await (const { key } of outside.objects.list(`recordings/${id}/`)) throw new Error(`left over: ${key}`);
    await outside.database.read.upload.update({ where: { id }, data: { state: 'receiving' } });
    await raw('DELETE', `/api/uploads/${id}`, tus);
    await gone();
  });

  test('nothing readable is staged', async () => {
    const url = await begin(media.length);
    await patch(url, 0, media.subarray(0, 3_000_000));
    const { objects } = server.context.outside;
    const [key] = await staged();
    const pieces: Buffer[] = [];
    for await (const piece of await objects.get(key!)) pieces.push(Buffer.from(piece));
    const stored = Buffer.concat(pieces);
    // Three chunks of a body with a tag each, and the head of the literal packet.
    expect(stored.length).toBe(3_000_000 + 3 * 16 + 12);
    for (let at = 0; at < 3_000_000; at += 64 * 1024) expect(stored.includes(media.subarray(at, at + 32))).toBe(false);
    await raw('DELETE', url, tus);
  });

  test.each([
    ['a wrong offset', (url: string) => patch(url, 5, media.subarray(0, 10)), 409, 'OFFSET_CONFLICT'],
    ['more bytes than declared', (url: string) => patch(url, 0, Buffer.alloc(101)), 413, 'TOO_LARGE'],
    [
      'another version of the protocol',
      (url: string) => raw('HEAD', url, { 'tus-resumable': '0.2.2' }),
      400,
      undefined,
    ],
    [
      'no upload there',
      () => raw('HEAD', `/api/uploads/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`, tus),
      404,
      undefined,
    ],
    [
      'an unknown checksum',
      (url: string) => patch(url, 0, Buffer.from('x'), { 'upload-checksum': 'md5 AAAA' }),
      400,
      'INVALID_REQUEST',
    ],
  ])('%s is refused', async (_, ask, status, code) => {
    const url = await begin(100);
    const answer = await ask(url);
    expect(answer.status).toBe(status);
    if (code) expect(answer.body.code).toBe(code);
    expect(await offsetOf(url)).toBe(0);
    await raw('DELETE', url, tus);
  });

  test('a body that does not say how long it is, and is too long, is refused where it is; what fits is kept', async () => {
    const url = await begin(3_000_000);
    async function* pieces(bytes: Uint8Array) {
      for (let at = 0; at < bytes.length; at += 70_000) yield Uint8Array.from(bytes.subarray(at, at + 70_000));
    }
    const inPieces = (bytes: Uint8Array, offset: number) =>
      fetch(new URL(url, server.url), {
        method: 'PATCH',
        headers: { ...school.teacher.headers, ...octets, 'upload-offset': String(offset) },
        ...({ body: ReadableStream.from(pieces(bytes)), duplex: 'half' } as RequestInit),
      });
    expect((await inPieces(media.subarray(0, 1_000_000), 0)).status).toBe(204);
    expect((await inPieces(media.subarray(1_000_000, 3_100_000), 1_000_000)).status).toBe(413);
    const offset = await offsetOf(url);
    expect(offset).toBeGreaterThan(1_000_000);
    expect(offset).toBeLessThan(3_000_000);
    await raw('DELETE', url, tus);
  });

  test('a size over the limit is refused before anything is opened', async () => {
    const answer = await raw('POST', `/api/lessons/${lesson.id}/uploads`, {
      ...tus,
      'upload-length': String(65 * MiB),
    });
    expect(answer).toMatchObject({ status: 413, body: { code: 'TOO_LARGE' } });
  });

  test('a piece with the right checksum is kept, one with a wrong one is not', async () => {
    const url = await begin(media.length);
    const piece = media.subarray(0, 5 * MiB);
    const sum = (bytes: Uint8Array) => ({
      'upload-checksum': `sha256 ${createHash('sha256').update(bytes).digest('base64')}`,
    });
    const wrong = await patch(url, 0, piece, sum(media.subarray(1)));
    expect(wrong).toMatchObject({ status: 460, body: { code: 'CHECKSUM_MISMATCH' } });
    expect(await offsetOf(url)).toBe(0);
    expect((await staged()).length).toBe(0);
    expect((await patch(url, 0, piece, sum(piece))).status).toBe(204);
    expect(await offsetOf(url)).toBe(Math.min(piece.length, media.length));
    await raw('DELETE', url, tus);
  });

  test('a checked piece whose commit is in doubt keeps its staged parts: the commit may have been done', async () => {
    const url = await begin(media.length);
    const id = url.split('/').at(-1)!;
    const { outside } = server.context;
    const { read } = outside.database;
    // The database answers to nobody any more right after it has committed.
    const forgetful = new Proxy(read, {
      get: (target, name) =>
        name === '$executeRaw'
          ? async (...given: Parameters<typeof read.$executeRaw>) => {
              await target.$executeRaw(...given);
              throw new Refusal('DATABASE_UNAVAILABLE');
            }
          : Reflect.get(target, name),
    });
    const inDoubt = {
      ...outside,
      database: { ...outside.database, read: forgetful },
      settings: { ...outside.settings, outageMs: 0 },
    };
    const piece = media.subarray(0, 1_000_000);
    const bytes = (async function* () {
      yield piece;
    })();
    const checksum = { algorithm: 'sha256' as const, digest: createHash('sha256').update(piece).digest() };
    const appending = appendToUpload(inDoubt, (await takeUpload(outside, id))!, 0, bytes, { checksum });
    await expect(appending).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    expect(await offsetOf(url)).toBe(piece.length);
    expect((await patch(url, piece.length, media.subarray(piece.length))).status).toBe(204);
    expect((await settled(url)).state).toBe('sealed');
  });

  test('creation with the first bytes', async () => {
    const answer = await raw(
      'POST',
      `/api/lessons/${lesson.id}/uploads`,
      { ...octets, 'upload-length': String(media.length) },
      media.subarray(0, 1_000),
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.get('upload-offset')).toBe('1000');
    const url = answer.headers.get('location')!;
    expect((await patch(url, 1_000, media.subarray(1_000))).status).toBe(204);
    expect((await settled(url)).state).toBe('sealed');
  });

  test('termination destroys the key and what was staged, and is on the log', async () => {
    const url = await begin(media.length);
    await patch(url, 0, media.subarray(0, 2_000_000));
    expect((await raw('DELETE', url, tus)).status).toBe(204);
    expect((await raw('HEAD', url, tus)).status).toBe(404);
    expect(await gone()).toEqual([]);
    expect(await actions()).toContain('recording.upload_cancelled');
  });

  test('another teacher finds nothing there', async () => {
    const url = await begin(100);
    const foreign = await fetch(new URL(url, server.url), {
      method: 'PATCH',
      headers: { ...school.otherTeacher.headers, ...octets, 'upload-offset': '0' },
      body: 'x',
    });
    expect(foreign.status).toBe(404);
    await raw('DELETE', url, tus);
  });
});

describe('the gate', () => {
  test('refuses the creation with every reason', async () => {
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    const answer = await raw('POST', `/api/lessons/${lesson.id}/uploads`, { ...tus, 'upload-length': '100' });
    expect(answer).toMatchObject({ status: 403, body: { code: 'PERMISSION_MISSING' } });
    expect(answer.body.reasons).toHaveLength(1);
  });

  test('is asked again when the last byte has arrived: nothing is kept, and the owner reads why', async () => {
    const url = await begin(media.length);
    await patch(url, 0, media.subarray(0, 2_000_000));
    ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    const last = await patch(url, 2_000_000, media.subarray(2_000_000));
    expect(last).toMatchObject({ status: 403, body: { code: 'PERMISSION_MISSING' } });
    const upload = ok(await school.teacher.get(url));
    expect(upload).toMatchObject({ state: 'failed', code: 'PERMISSION_MISSING' });
    expect(upload.reasons[0].text).toContain('Ada Example');
    const row = await server.context.outside.database.read.upload.findUniqueOrThrow({ where: { id: upload.id } });
    expect(row.wrappedKey).toBeNull();
    expect(await gone()).toEqual([]);
    expect((await raw('HEAD', url, tus)).status).toBe(410);
    expect(await actions()).toContain('recording.upload_failed');
    expect((await raw('DELETE', url, tus)).status).toBe(204);
  });
});

describe('what is no recording', () => {
  test('fails at the sealing, with the reason, and leaves nothing', async () => {
    const bytes = Buffer.from('Dear all, the lesson is at nine.\n');
    const url = await begin(bytes.length);
    expect((await patch(url, 0, bytes)).status).toBe(204);
    expect(await settled(url)).toMatchObject({ state: 'failed', code: 'NOT_MEDIA' });
    expect(await gone()).toEqual([]);
  });

  test('nor is what has another digest than declared', async () => {
    const url = await begin(media.length, {
      'upload-metadata': `filename ${b64('a.mp4')},sha256 ${b64('0'.repeat(64))}`,
    });
    await patch(url, 0, media);
    expect(await settled(url)).toMatchObject({ state: 'failed', code: 'SIZE_MISMATCH' });
    expect(await server.context.outside.database.read.recording.count({ where: { lessonId: lesson.id } })).toBe(0);
  });
});

describe('two at once', () => {
  test('whoever comes last has the upload; the other can commit nothing more', async () => {
    const whole = wavOf(24 * MiB);
    const url = await begin(whole.length, { 'upload-metadata': `filename ${b64('a.wav')}` });
    let giveUp = () => {};
    const halfway = new ReadableStream({
      start(controller) {
        controller.enqueue(whole.subarray(0, 9 * MiB));
        giveUp = () => controller.error(new Error('gone'));
      },
    });
    const first = fetch(new URL(url, server.url), {
      method: 'PATCH',
      headers: { ...school.teacher.headers, ...octets, 'upload-offset': '0' },
      body: halfway,
      duplex: 'half',
    } as RequestInit).catch(() => null);
    while (
      (await server.context.outside.database.read.upload.findFirstOrThrow({ where: { lessonId: lesson.id } })).offset <
      4n * 1_048_576n
    )
      await wait(20);
    const at = await offsetOf(url);
    expect(at).toBe(9 * MiB); // the first was asked to write down what it had
    const other = Buffer.from(whole);
    expect((await patch(url, at, other.subarray(at))).status).toBe(204);
    giveUp();
    await first;
    const { id, state } = await settled(url);
    expect(state).toBe('sealed');
    expect(ok(await school.teacher.get(`/api/recordings/${id}`)).mediaSha256).toBe(
      createHash('sha256').update(whole).digest('hex'),
    );
  });
});

describe('the sweep', () => {
  test('removes an upload that nobody went on with, key first, and says so on the log', async () => {
    const url = await begin(media.length);
    await patch(url, 0, media.subarray(0, 2_000_000));
    const { outside } = server.context;
    const later = { ...outside, clock: () => new Date(Date.now() + outside.settings.uploadKeepMs + 1_000) };
    await sweepUploads(outside);
    expect(await offsetOf(url)).toBe(2_000_000);
    await sweepUploads({ ...later, settings: outside.settings });
    expect((await raw('HEAD', url, tus)).status).toBe(404);
    expect(await gone()).toEqual([]);
    expect(await actions()).toContain('recording.upload_abandoned');
  });

  test('closes what arrived whole although nobody was left to close it', async () => {
    const url = await begin(media.length);
    await patch(url, 0, media.subarray(0, media.length - 1));
    const id = url.split('/').at(-1)!;
    const { outside } = server.context;
    const last = (async function* () {
      yield media.subarray(media.length - 1);
    })();
    await appendToUpload(outside, (await takeUpload(outside, id))!, media.length - 1, last);
    await sweepUploads({ ...outside, clock: () => new Date(Date.now() + outside.settings.receivingLeaseMs + 1_000) });
    expect((await settled(url)).state).toBe('sealed');
  });

  test('gives every lease its whole time again after the database was away', async () => {
    const { outside } = server.context;
    const { read } = outside.database;
    const [{ up }] = (await read.$queryRaw<{ up: Date }[]>`SELECT pg_postmaster_start_time() AS up`) as [{ up: Date }];
    const { id } = await read.recording.create({
      data: { lessonId: lesson.id, uploaderId: school.teacher.id, state: 'receiving', leaseUntil: new Date(0) },
    });
    const sweepAt = (ms: number) =>
      sweepUploads({ ...outside, clock: () => new Date(up.getTime() + ms) }, { orphanAgeMs: 24 * 60 * 60_000 });
    await sweepAt(outside.settings.receivingLeaseMs - 1);
    expect(await read.recording.count({ where: { id } })).toBe(1);
    await sweepAt(outside.settings.receivingLeaseMs);
    expect(await read.recording.count({ where: { id } })).toBe(0);
  });

  test('removes staged objects that no row names', async () => {
    const { objects } = server.context.outside;
    await objects.put(
      'uploads/orphan/part',
      (async function* () {
        yield randomBytes(10);
      })(),
    );
    await sweepUploads(server.context.outside, { orphanAgeMs: -1_000 });
    expect(await staged()).toEqual([]);
  });
});

test('tus-js-client uploads and goes on where it was broken off', async () => {
  const whole = wavOf(20 * MiB);
  const send = (options: Partial<ConstructorParameters<typeof Upload>[1]>) =>
    new Promise<Upload>((resolve, reject) => {
      const upload = new Upload(whole, {
        endpoint: new URL(`/api/lessons/${lesson.id}/uploads`, server.url).href,
        headers: school.teacher.headers,
        metadata: { filename: 'a.wav', filetype: 'audio/wav' },
        retryDelays: null,
        ...options,
        onSuccess: () => resolve(upload),
        onError: reject,
        onProgress(sent) {
          if (options.uploadUrl === undefined && sent > 10 * MiB) upload.abort().then(() => resolve(upload));
        },
      });
      upload.start();
    });
  const broken = await send({});
  const { pathname } = new URL(broken.url!);
  await eventually(async () => (await offsetOf(pathname)) > 0, 'a part to be committed');
  await send({ uploadUrl: broken.url! });
  const { id } = await settled(pathname);
  expect(ok(await school.teacher.get(`/api/recordings/${id}`)).mediaSha256).toBe(
    createHash('sha256').update(whole).digest('hex'),
  );
});
