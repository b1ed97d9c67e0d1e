import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Attended, sendReport, zoomReport } from '../../support/attendance-reports.ts';
import { adaTiles, galleryFile, gallerySize } from '../../support/gallery.ts';
import { decodeLog } from '../../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { arrivals, startTestServer, type TestServer } from '../../support/server.ts';

const ada = { name: 'Ada Yılmaz', kind: 'guest', isMinor: false, contact: 'ada@ziyaret.example' };
const second = 1 / 60;

interface Segment {
  readonly id: string;
  readonly source: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly findings: readonly { readonly evidence: Evidence }[];
}
interface Evidence {
  readonly removal: string;
  readonly label?: string;
  readonly tile?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

let server: TestServer;
let school: School;
let personId: string;
beforeAll(async () => {
  server = await startTestServer({ READ_PAGES_PER_HOUR: '1' });
  school = await createSchool(server);
  const other = await createPermittedLesson(school);
  ok(await school.teacher.post(`/api/lessons/${other.id}/participants`, ada));
  const { read } = server.context.outside.database;
  personId = (await read.person.findFirstOrThrow({ where: { name: ada.name } })).id;
});
afterAll(() => server?.stop());

const evidenceOf = ({ findings }: Segment): Evidence => findings[0]!.evidence;

/** A recording of the gallery, with Ada in the report, whom no permission covers. */
async function galleryWithAda() {
  const { id: lessonId, lesson } = await createPermittedLesson(school);
  const recordingId = ok(await school.teacher.upload(lessonId, await readFile(galleryFile))).id as string;
  await until(school.reviewer, recordingId, ({ state, check }) => state === 'in_review' && check.state === 'done');
  const rows: Attended[] = [
    ['Tuna Teacher', 0, 40],
    ['Ada Example', 1, 39],
    [ada.name, 0, 24 * second, ada.contact],
  ];
  ok(await sendReport(school.teacher, lessonId, zoomReport(lesson.plannedStart, rows)));
  return { lessonId, recordingId, start: lesson.plannedStart as string };
}

async function searched(recordingId: string, start: string): Promise<Segment[]> {
  const body = { personIds: [personId], why: 'a visitor', how: 'mute_and_cover', recordedFrom: start };
  ok(await school.admin.post(`/api/recordings/${recordingId}/removals`, body));
  const { segments } = await until(school.admin, recordingId, ({ removals }) => removals[0].tiles === 'done', 240_000);
  return segments.filter(({ source }: Segment) => source === 'attendance');
}

test('whoever goes is covered where their name stands, layout by layout, and what is shown is without them', async () => {
  const { lessonId, recordingId, start } = await galleryWithAda();
  const parts = await searched(recordingId, start);
  const covers = parts.filter((part) => evidenceOf(part).removal === 'cover');

  for (const { startMs, endMs, box } of adaTiles) {
    const middle = (startMs + endMs) / 2;
    const here = covers.filter((part) => part.startMs <= middle && part.endMs > middle);
    const places = here.map((part) => evidenceOf(part).tile).filter((tile) => tile !== undefined);
    if (box === null) {
      expect(places).toEqual([]);
      continue;
    }
    const [place, ...others] = places;
    expect(others).toEqual([]);
    const { width, height } = gallerySize;
    expect(Math.abs(place!.x - box.x / width)).toBeLessThan(0.02);
    expect(Math.abs(place!.y - box.y / height)).toBeLessThan(0.02);
    expect(Math.abs(place!.width - box.width / width)).toBeLessThan(0.03);
    expect(Math.abs(place!.height - box.height / height)).toBeLessThan(0.03);
    // The whole time of the layout is covered, and a little more: its moment is known to a second.
    expect(here.some((part) => part.startMs <= startMs && part.endMs >= endMs)).toBe(true);
  }
  const [looked] = (await arrivals(server, 'recording.tiles_looked_for')).slice(-1);
  expect(looked).toMatchObject({ outcome: 'done', details: { segments: covers.length } });

  // Where no tile was found, a person looks; without a note nothing stays.
  const bare = covers.find((part) => evidenceOf(part).tile === undefined)!;
  const stays = (id: string, note?: string) =>
    school.reviewer.post(`/api/segments/${id}/decisions`, {
      kind: 'permitted',
      ground: 'checked',
      ...(note ? { note } : {}),
    });
  expect(await stays(bare.id)).toMatchObject({ body: { reasons: [{ code: 'REMOVAL_KEPT' }] } });
  ok(await stays(bare.id, 'she has left'));
  const tiled = covers.find((part) => evidenceOf(part).tile !== undefined)!;
  expect(await stays(tiled.id, 'nobody is here')).toMatchObject({ body: { reasons: [{ code: 'REMOVAL_KEPT' }] } });

  for (const { id, source, decision, findings } of (await school.reviewer.get(`/api/recordings/${recordingId}`)).body
    .segments) {
    if (decision !== null) continue;
    const { removal, tile }: Evidence = source === 'attendance' ? findings[0].evidence : { removal: 'none' };
    const body =
      removal === 'mute'
        ? { kind: 'mute' }
        : tile !== undefined
          ? { kind: 'black_out', region: tile }
          : removal === 'cover'
            ? { kind: 'permitted', ground: 'checked', note: 'nobody is seen' }
            : { kind: 'permitted', ground: 'own_work' };
    ok(await school.reviewer.post(`/api/segments/${id}/decisions`, body));
  }
  const settled = ok(await school.teacher.get(`/api/lessons/${lessonId}/attendance`)).rows;
  ok(
    await school.teacher.post(`/api/lessons/${lessonId}/attendance/decisions`, {
      rows: settled
        .filter(({ isTicked }: { isTicked: boolean }) => isTicked)
        .map(({ id, candidates: [one] }: { id: string; candidates: { id: string }[] }) => ({
          ...{ rowId: id, kind: 'persons' },
          personIds: [one!.id],
        })),
    }),
  );
  await until(school.reviewer, recordingId, ({ check }) => check.state === 'done');
  ok(await school.reviewer.post(`/api/recordings/${recordingId}/clear`));
  const { removals } = await until(school.admin, recordingId, ({ rendition }) => rendition?.state === 'ready', 120_000);
  expect(removals).toMatchObject([{ name: ada.name, open: 0, confirmedBy: ['Rana Reviewer'] }]);

  const shown = await fetch(`${server.url}/api/recordings/${recordingId}/rendition`, { headers: school.admin.headers });
  const folder = await mkdtemp(join(tmpdir(), 'emanet-test-'));
  try {
    const file = join(folder, 'shown.mp4');
    await writeFile(file, Buffer.from(await shown.arrayBuffer()));
    // Also just after a layout came and just before it went.
    for (const { startMs, endMs, box } of adaTiles)
      for (const atMs of [startMs + 200, (startMs + endMs) / 2, endMs - 400]) {
        const place = box ?? adaTiles[0].box;
        const brightness = await brightnessOf(file, atMs, place);
        if (box !== null) expect({ atMs, brightness, isBlack: brightness < 30 }).toMatchObject({ isBlack: true });
      }
    // The others are seen.
    const efe = adaTiles[1].box;
    expect(await brightnessOf(file, 3_000, efe)).toBeGreaterThan(60);
    const heard = await decodeLog(file, '-vn', '-af', 'volumedetect');
    expect(Number(/max_volume: (-?[\d.]+) dB/.exec(heard)?.[1])).toBeLessThan(-60);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 600_000);

/** The mean of the luma in the middle of a place, 0 to 255: slates of covered places are written near their corners. */
async function brightnessOf(
  file: string,
  atMs: number,
  { x, y, width, height }: NonNullable<(typeof adaTiles)[number]['box']>,
): Promise<number> {
  const log = await decodeLog(
    file,
    '-vf',
    `trim=start=${atMs / 1000},crop=${width - 16}:${height - 16}:${x + 8}:${y + 8},signalstats,metadata=print:key=lavfi.signalstats.YAVG`,
    '-frames:v',
    '1',
    '-an',
  );
  return Number(/YAVG=([\d.]+)/.exec(log)?.[1]);
}

test('parts that were decided stay, and nobody else looks for tiles', async () => {
  const { recordingId, start } = await galleryWithAda();
  const parts = await searched(recordingId, start);
  const first = parts.find((part) => evidenceOf(part).tile !== undefined)!;
  ok(
    await school.reviewer.post(`/api/segments/${first.id}/decisions`, { kind: 'blur', region: evidenceOf(first).tile }),
  );
  const again = await searched(recordingId, start);
  expect(again.map(({ id }) => id)).toContain(first.id);
  expect(again).toHaveLength(parts.length);
  // Labels are read for whoever goes; nothing of the others is kept.
  const kept = JSON.stringify(await server.context.outside.database.read.finding.findMany({ where: { recordingId } }));
  for (const name of ['Efe', 'Elif', 'Deniz']) expect(kept).not.toContain(name);
}, 600_000);
