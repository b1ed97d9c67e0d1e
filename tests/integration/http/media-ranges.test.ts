import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signedInStaff } from '../../support/api.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { wav } from '../../support/wav.ts';

let server: TestServer;
let school: School;
let media: Buffer;
let id: string;
/** Ranges that were asked of the store. */
const asked: [string, number, number][] = [];

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  const lesson = await createPermittedLesson(school);
  media = Buffer.concat([...wav(6 * 2 ** 20)]);
  randomBytes(media.length - 44).copy(media, 44);
  id = ok(await school.teacher.upload(lesson.id, media, { type: 'audio/wav', name: 'noise.wav' })).id;
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  const { objects } = server.context.outside;
  const get = objects.get.bind(objects);
  objects.get = (key, range, options) => {
    if (range) asked.push([key, range.start, range.end]);
    return get(key, range, options);
  };
});
afterAll(() => server?.stop());

const play = (headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${server.url}/api/recordings/${id}/media`, { method, headers: { ...school.reviewer.headers, ...headers } });

describe('GET of a recording', () => {
  test('the whole, with what a player needs to ask for parts', async () => {
    const response = await play();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'accept-ranges': 'bytes',
      'content-length': String(media.length),
      'content-type': 'audio/wav',
      'cache-control': 'private, no-store',
    });
    expect(response.headers.get('etag')).toMatch(/^"[0-9a-f]{32}"$/);
    expect(Buffer.from(await response.arrayBuffer()).equals(media)).toBe(true);
  });

  test.each([
    ['bytes=0-0', 0, 1],
    ['bytes=-1', -1, undefined],
    ['bytes=-99999999', 0, undefined],
    ['bytes=1048560-1048590', 1_048_560, 1_048_591],
    ['bytes=3000000-', 3_000_000, undefined],
  ])('a part: %s', async (range, start, end) => {
    const response = await play({ range });
    const expected = media.subarray(start, end);
    const from = start < 0 ? media.length + start : start;
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${from}-${from + expected.length - 1}/${media.length}`);
    expect(response.headers.get('content-length')).toBe(String(expected.length));
    expect(Buffer.from(await response.arrayBuffer()).equals(expected)).toBe(true);
  });

  test('a part that does not exist is refused, with the size', async () => {
    const response = await play({ range: `bytes=${media.length}-` });
    expect([response.status, response.headers.get('content-range')]).toEqual([416, `bytes */${media.length}`]);
    expect(await response.json()).toMatchObject({ code: 'RANGE_NOT_SATISFIABLE' });
  });

  test('HEAD describes the whole and sends nothing, whatever the range', async () => {
    const response = await play({ range: 'bytes=5-9' }, 'HEAD');
    expect([response.status, response.headers.get('content-length'), response.headers.get('content-range')]).toEqual([
      200,
      String(media.length),
      null,
    ]);
    expect(await response.text()).toBe('');
  });

  test('conditions by entity tag', async () => {
    const etag = (await play({}, 'HEAD')).headers.get('etag')!;
    const unchanged = await play({ 'if-none-match': `"other", W/${etag}` });
    expect([unchanged.status, unchanged.headers.get('etag'), await unchanged.text()]).toEqual([304, etag, '']);
    expect((await play({ 'if-match': '"other"' })).status).toBe(412);
    const part = await play({ range: 'bytes=0-3', 'if-range': etag });
    expect([part.status, await part.text()]).toEqual([206, 'RIFF']);
    for (const ifRange of ['"other"', `W/${etag}`, 'Wed, 21 Oct 2015 07:28:00 GMT']) {
      const whole = await play({ range: 'bytes=0-3', 'if-range': ifRange });
      expect(whole.status).toBe(200);
      await whole.body!.cancel();
    }
  });
});

test('the requests of one viewing share what was fetched; another person starts again', async () => {
  await (await play({ range: 'bytes=2200000-2200009' })).arrayBuffer();
  asked.length = 0;
  for (let at = 2_200_000; at < 2_300_000; at += 10_000) {
    const response = await play({ range: `bytes=${at}-${at + 9}` });
    expect(Buffer.from(await response.arrayBuffer()).equals(media.subarray(at, at + 10))).toBe(true);
  }
  expect(asked).toEqual([]);
  const other = await signedInStaff(server, 'Pelin Reviewer', ['reviewer']);
  const headers = { ...other.headers, range: 'bytes=2200000-2200009' };
  await (await fetch(`${server.url}/api/recordings/${id}/media`, { headers })).arrayBuffer();
  const chunk = 2 ** 20 + 16;
  expect(asked.map(([, start, end]) => [start, end])).toEqual([
    [expect.any(Number), expect.any(Number)],
    [2 * chunk, 3 * chunk],
  ]);
  expect(asked[0]![2] - asked[0]![1]).toBe(16);
});
