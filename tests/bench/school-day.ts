import { request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { goFirst } from '../../src/adapters/process/go-first.ts';
import { type Context, createContext } from '../../src/assembly/context.ts';
import { totpAt } from '../../src/demo/totp.ts';
import type { RenditionLayout } from '../../src/pipeline/ports/media.ts';
import { openBeside } from '../support/another-school.ts';
import { testPassword } from '../support/api.ts';
import { spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { peakMib, preparedHome } from './bench-server.ts';
import { type Bench, mib, percentile95, type Row } from './measure.ts';
import { watchUsage } from './usage.ts';

/** One of the schools: who asks, and for what. */
interface Place {
  readonly school: School;
  readonly context: Context;
  readonly lessonId: string;
  readonly recordingId: string;
}

/** What the line of one school carries towards the server, shared by its uploads: 16 Mbit/s. */
const lineBytesPerSecond = 2_000_000;
const declaredBytes = 300 * mib;
/** A player asks for a lesson by the segments of its playlist: here a mebibyte, which is 8 seconds of 1 Mbit/s. */
const segmentBytes = mib;
const segmentMs = 8_000;
const segments = 16;
const layout: RenditionLayout = {
  ...{ durationMs: segments * segmentMs, initBytes: 0, chaptersMs: [], subtitles: [] },
  segments: Array.from({ length: segments }, (_, n) => [n * segmentBytes, segmentBytes, segmentMs] as const),
};

/**
 * (b) A morning of 40 schools on one machine, pressed into a minute: 200 recordings come in at the speed of school lines, 400
 * people watch, others sign in, look at pages, review and export. Then one school asks as much as it can.
 */
export const schoolDay: Bench = {
  about: '40 schools at once: 200 uploads at line speed, 400 viewers, sign-ins, reviews, exports; one that floods',
  async measure({ isQuick, folder, say }) {
    const [schools, uploadsEach, viewersEach, seconds] = isQuick ? [2, 1, 2, 3] : [40, 5, 10, 60];
    const { config, env, stop: stopDatabase } = await preparedHome({ EMANET_HOME: `${folder}/home` });
    const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
    // As behind a proxy: whoever watches says from where, and is a viewer of their own by that.
    const server = await spawnServer({ ...env, TRUST_PROXY: '1', DATABASE_CONNECTIONS: '50' });
    try {
      const places: Place[] = [];
      for (let n = 0; n < schools; n++) {
        const own = { url: server.url, context };
        const there = n === 0 ? own : await openBeside(own as never, `School ${n}`);
        const school = await createSchool({ url: server.url, context: there.context } as never, ` ${n}`);
        const { id: lessonId } = await createPermittedLesson(school);
        const sealed = await createSealedRecording(there.context.outside, lessonId, school.teacher.id, {
          ...{ mediaBytes: 1_000, renditionBytes: segments * segmentBytes, renditionLayout: layout },
        });
        places.push({ school, context: there.context, lessonId, recordingId: sealed.id });
        if ((n + 1) % 10 === 0) say(`  ${n + 1} schools are there`);
      }
      // Whoever asks stands for other machines: they do not wait for this one's processor.
      goFirst();
      const day = new Day(server.url);
      const usage = watchUsage([server.child.pid!]);
      const own = process.cpuUsage();
      const until = performance.now() + seconds * 1_000;
      const work: Promise<void>[] = [];
      for (const place of places) {
        for (let n = 0; n < uploadsEach; n++) work.push(day.upload(place, lineBytesPerSecond / uploadsEach, until));
        for (let n = 0; n < viewersEach; n++) {
          const watching = day.viewer(place, `192.0.2.${n + 1}`);
          work.push(day.repeat('first byte', segmentMs, until, watching));
        }
        work.push(
          day.repeat('page', 4_000, until, () => day.get(place, '/api/home')),
          day.repeat('page', 4_000, until, () => day.get(place, '/api/recordings')),
          day.repeat('sign-in', 20_000, until, () => day.signIn(place)),
          day.repeat('review', 15_000, until, () => day.review(place)),
          day.repeat('export', 30_000, until, () => day.get(place, '/api/audit/export?limit=1000', 'auditor')),
        );
      }
      await Promise.all(work);
      const { cpuSeconds } = usage.end();
      const { user, system } = process.cpuUsage(own);
      say(
        `  processor: ${cpuSeconds.toFixed(0)} s of web and worker, ${((user + system) / 1e6).toFixed(0)} s of everybody who asked`,
      );
      say(`  ${day.asked} requests, ${day.lost.length} lost`);
      for (const lost of new Set(day.lost)) say(`  lost: ${lost}`);
      const rate = day.uploadedBytes / mib / seconds;
      const possible = (schools * lineBytesPerSecond) / mib;

      // Fair: what the other schools wait for, without and with one that asks without a pause.
      const others = places.slice(1);
      const calm = new Day(server.url);
      const beside = new Day(server.url);
      const span = isQuick ? 2 : 20;
      const pages = (day: Day, end: number) =>
        others.map((place) => day.repeat('page', 1_000, end, () => day.get(place, '/api/recordings')));
      await Promise.all(pages(calm, performance.now() + span * 1_000));
      const end = performance.now() + span * 1_000;
      const flood = new Day(server.url);
      const flooding = Array.from({ length: isQuick ? 5 : 50 }, () =>
        flood.repeat('page', 0, end, () => flood.get(places[0]!, '/api/recordings')),
      );
      await Promise.all([...pages(beside, end), ...flooding]);
      say(`  the one that floods asked ${flood.asked} times, ${flood.lost.length} of them refused`);

      const row = (name: string, value: number, unit: string, bar = '', ok: boolean | null = null): Row => ({
        ...{ name: `(b) ${name}`, value, unit, peer: '', peerValue: null, ratio: null, bar, ok },
      });
      const p95 = (name: string) => percentile95(day.took.get(name) ?? [0]);
      const [alone, flooded] = [calm, beside].map(({ took }) => percentile95(took.get('page') ?? [0])) as [
        number,
        number,
      ];
      return [
        row('requests', day.asked, 'requests', '0 lost', day.lost.length === 0),
        {
          ...row('uploads, together', rate, 'MiB/s'),
          peer: 'their lines',
          peerValue: possible,
          ratio: rate / possible,
        },
        ...['first byte', 'page', 'sign-in', 'review', 'export'].map((name) => row(`${name}, p95`, p95(name), 'ms')),
        row('memory of the server, peak', await peakMib(server.child.pid!), 'MiB'),
        {
          ...row('pages of others beside a school that floods, p95', flooded, 'ms', '<= 1.2 x', flooded <= 1.2 * alone),
          ...{ peer: 'without it', peerValue: alone, ratio: flooded / alone },
        },
      ];
    } finally {
      await server.stop();
      await context.close();
      await stopDatabase();
    }
  },
};

/** What is asked of a server, and how that went. */
class Day {
  readonly took = new Map<string, number[]>();
  readonly lost: string[] = [];
  asked = 0;
  uploadedBytes = 0;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Asks again and again, begun at a moment of its own, until the time is over. */
  async repeat(name: string, everyMs: number, until: number, once: () => Promise<unknown>): Promise<void> {
    await wait(Math.random() * Math.min(everyMs, Math.max(0, until - performance.now())));
    while (performance.now() < until) {
      const began = performance.now();
      this.asked += 1;
      try {
        const tookMs = await once();
        this.took.set(name, [...(this.took.get(name) ?? []), Number(tookMs ?? performance.now() - began)]);
      } catch (error) {
        this.lost.push(`${name}: ${(error as Error).message}`);
      }
      const left = everyMs - (performance.now() - began);
      if (left > 0) await wait(Math.min(left, Math.max(0, until - performance.now())));
    }
  }

  async get({ school }: Place, path: string, who: 'reviewer' | 'auditor' = 'reviewer'): Promise<void> {
    const answer = await fetch(this.#url + path, { headers: school[who].headers });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`${path.split('?')[0]} was answered with ${answer.status}`);
  }

  async review({ school, recordingId }: Place): Promise<void> {
    const body = { title: 'A song', startMs: 0, endMs: 5 };
    const { status } = await school.reviewer.post(`/api/recordings/${recordingId}/segments`, body);
    if (status !== 201) throw new Error(`answered with ${status}`);
  }

  async signIn({ school, context }: Place): Promise<void> {
    const { email, totpUri } = school.otherTeacher;
    await context.outside.database.read.authenticator.updateMany({ data: { lastStep: 0 } });
    // The next code counts too, and for longer, should the answer take its time.
    const inHalfAMinute = new Date(Date.now() + 30_000);
    const body = { email, password: testPassword, ...(totpUri ? { code: totpAt(totpUri, inHalfAMinute) } : {}) };
    const { status } = await school.nobody.post('/api/session', body);
    if (status !== 200) throw new Error(`answered with ${status}`);
  }

  /**
   * Somebody at that address who plays a rendition from somewhere on, segment by segment, and again from its beginning.
   * Each call resolves with the time to the first byte of the next one, in milliseconds.
   */
  viewer({ school, recordingId }: Place, address: string): () => Promise<number> {
    let next = Math.floor(Math.random() * segments);
    return () => {
      const at = (next++ % segments) * segmentBytes;
      const range = `bytes=${at}-${at + segmentBytes - 1}`;
      const began = performance.now();
      return new Promise((resolve, reject) => {
        const headers = { ...school.reviewer.headers, range, 'x-forwarded-for': address };
        const url = `${this.#url}/api/recordings/${recordingId}/rendition`;
        const asking = request(url, { headers }, (response) => {
          if (response.statusCode !== 206) reject(new Error(`answered with ${response.statusCode}`));
          let firstMs = 0;
          response.once('data', () => {
            firstMs = performance.now() - began;
          });
          response
            .on('error', reject)
            .on('end', () => resolve(firstMs))
            .resume();
        });
        asking.once('error', reject);
        asking.end();
      });
    };
  }

  /** One resumable upload at the speed of a line, until the time is over. What the server has by then is what counts. */
  async upload({ school, lessonId }: Place, bytesPerSecond: number, until: number): Promise<void> {
    const headers = { ...school.teacher.headers, 'tus-resumable': '1.0.0' };
    this.asked += 1;
    const created = await askOnce(`${this.#url}/api/lessons/${lessonId}/uploads`, {
      method: 'POST',
      headers: { ...headers, 'upload-length': String(declaredBytes) },
    });
    if (created instanceof Error) return void this.lost.push(`upload: ${created.message}`);
    const location = created.headers.get('location');
    if (created.status !== 201 || location === null) return void this.lost.push(`upload: ${created.status}`);
    const url = new URL(location, this.#url);
    const piece = Buffer.alloc(Math.round(bytesPerSecond / 8), 'a lesson ');
    const sending = request(url, {
      method: 'PATCH',
      headers: {
        ...headers,
        ...{ 'content-type': 'application/offset+octet-stream', 'upload-offset': '0', 'content-length': declaredBytes },
      },
    });
    let isOver = false;
    sending.on('response', (response) => {
      if (!isOver) this.lost.push(`upload: answered in the middle with ${response.statusCode}`);
      response.resume();
    });
    sending.on('error', (error) => {
      if (!isOver) this.lost.push(`upload: ${error.message}`);
    });
    for (let next = performance.now(); performance.now() < until; next += 125) {
      if (sending.destroyed) break;
      if (!sending.write(piece))
        await new Promise((resolve) => sending.once('drain', resolve).once('close', resolve).once('response', resolve));
      await wait(Math.max(0, next + 125 - performance.now()));
    }
    isOver = true;
    const at = await askOnce(url, { method: 'HEAD', headers });
    this.uploadedBytes += sending.socket?.bytesWritten ?? 0;
    sending.destroy();
    if (at instanceof Error) this.lost.push(`upload: its state: ${at.message}`);
    else if (!at.ok && at.status !== 423) this.lost.push(`upload: its state was answered with ${at.status}`);
  }
}

/**
 * One request over a connection of its own, as another client would send it: a connection that was kept and that the server
 * has closed meanwhile is no fault of either.
 */
function askOnce(url: string | URL, init: RequestInit): Promise<Response | Error> {
  return fetch(url, { ...init, headers: { ...init.headers, connection: 'close' } }).catch(
    (error: Error) => new Error(`${error.message} (${(error.cause as Error | undefined)?.message})`),
  );
}
