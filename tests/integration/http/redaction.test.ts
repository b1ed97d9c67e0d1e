import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeMedia } from '../../support/media.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School, until } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { asViewer } from '../../support/watching.ts';

let server: TestServer;
let school: School;
let folder: string;
let media: Buffer;

beforeAll(async () => {
  server = await startTestServer();
  school = await createSchool(server);
  folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  await writeFile(join(folder, 'lines.srt'), '1\n00:00:02,000 --> 00:00:03,000\nMerhaba\n');
  await makeMedia(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=320x180:r=25:d=90',
      '-f',
      'lavfi',
      '-i',
      'sine=d=90',
      '-i',
      join(folder, 'lines.srt'),
    ],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '50',
      '-pix_fmt',
      'yuv420p',
      '-c:a',
      'aac',
      '-c:s',
      'mov_text',
    ],
    ...['-metadata:s:s:0', 'language=tur', join(folder, 'lesson.mp4')],
  );
  media = await readFile(join(folder, 'lesson.mp4'));
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${server.url}${path}`, { headers });

test('a decision with a region and its own edges becomes a rendition that is played by playlist, each minute logged once', async () => {
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lesson.id, media));
  await until(school.reviewer, id, (r) => r.state === 'in_review');
  ok(await school.teacher.post(`/api/recordings/${id}/segments`, { title: 'A logo', startMs: 10_000, endMs: 20_000 }));
  const { segments } = ok(await school.reviewer.get(`/api/recordings/${id}`));
  const declared = segments.find(({ source }: { source: string }) => source === 'declared');
  const decide = (body: unknown) => school.reviewer.post(`/api/segments/${declared.id}/decisions`, body);
  expect(await decide({ kind: 'blur' })).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'REGION_MISSING' }] },
  });
  expect(await decide({ kind: 'cut', startMs: 30_000, endMs: 40_000 })).toMatchObject({
    status: 400,
    body: { reasons: [{ code: 'RANGE_WRONG' }] },
  });
  const region = { x: 0.25, y: 0.25, width: 0.5, height: 0.5 };
  const decided = ok(await decide({ kind: 'blur', region, startMs: 10_500 }));
  expect(decided.segments.find((each: { id: string }) => each.id === declared.id).decision).toMatchObject({
    kind: 'blur',
    region,
    startMs: 10_500,
    endMs: null,
  });
  for (const segment of decided.segments)
    if (segment.decision === null)
      ok(
        await school.reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'own_work' }),
      );
  const { entries: said } = ok(await school.auditor.get(`/api/audit?recording=${id}&action=segment.decided`));
  expect(said.map(({ entry }: { entry: { details: unknown } }) => entry.details)).toContainEqual({
    kind: 'blur',
    ground: null,
    region,
    startMs: 10_500,
  });
  ok(await school.reviewer.post(`/api/recordings/${id}/clear`));
  await until(school.admin, id, (r) => r.rendition?.state === 'ready');

  const staff = school.reviewer.headers;
  expect((await get(`/api/recordings/${id}/rendition/playlist.m3u8`, school.teacher.headers)).status).toBe(403);
  const outline = await (await get(`/api/recordings/${id}/rendition/outline`, staff)).json();
  expect(outline).toMatchObject({
    hasPlaylist: true,
    subtitles: [{ track: 0, language: 'tr', label: 'Türkçe' }],
    captionsNote: null,
  });
  const subtitles = await get(`/api/recordings/${id}/rendition/subtitles/0`, staff);
  expect(subtitles.headers.get('content-type')).toContain('text/vtt');
  expect(await subtitles.text()).toMatch(/^WEBVTT\n\n00:00:02\.0\d\d --> 00:00:03\.0\d\d\nMerhaba\n$/);
  expect((await get(`/api/recordings/${id}/rendition/subtitles/1`, staff)).status).toBe(404);

  ok(await school.admin.post(`/api/recordings/${id}/approve`));
  const release = ok(
    await school.admin.post(`/api/recordings/${id}/releases`, { audience: 'class', endsAt: inDays(7) }),
  );
  const link = ok(await school.teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ada' }));
  const viewer = asViewer(link);
  const playlist = await (await get(`${viewer.path}/playlist.m3u8`, viewer.headers)).text();
  const uri = playlist.split('\n').find((line) => line !== '' && !line.startsWith('#'))!;
  const file = new URL(uri, `${server.url}${viewer.path}/playlist.m3u8`).pathname;
  expect(file).toBe(viewer.path);
  const ranges = [...playlist.matchAll(/#EXT-X-BYTERANGE:(\d+)@(\d+)/g)].map(([, bytes, at]) => [
    Number(at),
    Number(bytes),
  ]);
  expect(ranges.length).toBe(9);
  for (const [at, bytes] of ranges as [number, number][]) {
    const answer = await get(file, { ...viewer.headers, range: `bytes=${at}-${at + bytes - 1}` });
    expect(answer.status).toBe(206);
    const segment = Buffer.from(await answer.arrayBuffer());
    expect(segment.length).toBe(bytes);
    expect(segment.toString('latin1', 4, 8)).toBe('moof');
  }
  const logged = async (action: string) =>
    ok(await school.auditor.get(`/api/audit?recording=${id}&action=${action}`)).entries.filter(
      ({ entry }: { entry: { actor: { kind: string } } }) => entry.actor.kind === 'viewer',
    );
  // Nine segments of about ten seconds: six of them, and the rest.
  expect(
    (await logged('media.opened'))
      .map(
        ({ entry }: { entry: { details: { asked: { aboutSeconds: number[] } } } }) => entry.details.asked.aboutSeconds,
      )
      .sort(),
  ).toEqual([
    [0, 62],
    [62, 90],
  ]);

  ok(await school.teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
  const [at, bytes] = ranges[0] as [number, number];
  for (const path of [file, `${file}/playlist.m3u8`, `${file}/outline`, `${file}/subtitles/0`])
    expect((await get(path, { range: `bytes=${at}-${at + bytes - 1}` })).status).toBe(404);
});
