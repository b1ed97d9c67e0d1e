import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createContext } from '../../src/assembly/context.ts';
import { ownEnvironment } from '../support/process.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../support/school.ts';
import { asViewer } from '../support/watching.ts';
import { preparedHome } from './bench-server.ts';
import { registerCatalog } from './checking.ts';
import { atMost, type Bench, type BenchOptions, mib, type Row } from './measure.ts';
import { makeLecture } from './media-files.ts';
import { runDetector } from './run-detector.ts';
import type { StageAnswer, StageOrder } from './stage-server.ts';
import { postmasterOf, watchUsage } from './usage.ts';

/** Seconds by the clock that the check of a lecture of 40 minutes may take on two quiet processors: the bar. */
const mostSeconds = 120;

/** The processes that a stage starts, by their command lines. */
const programs: readonly (readonly [name: string, command: RegExp])[] = [
  ['ffprobe', /ffprobe/],
  ['ffmpeg', /ffmpeg/],
  ['text reading (tesseract)', /reading-process/],
  ['PostgreSQL', /postgres/],
];
const sandbox = 'what starts and confines them';
const itself = 'the process itself';

interface Stage {
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly readMib: number;
  readonly writtenMib: number;
  /** Processor seconds of each program, `itself` among them. */
  readonly of: ReadonlyMap<string, number>;
  readonly load: number;
}

/** (d) Where the processor's time and the bytes go, from upload to playback; and how long a lecture of 40 minutes is checked. */
export const stages: Bench = {
  about: 'an hour of a 720p lecture from upload to playback by stage, and the check of 40 minutes by the clock',
  async measure(options) {
    const [hour, lesson] = options.isQuick ? [20, 20] : [3_600, 2_400];
    const running = await startStageServer(options);
    const { school } = running;
    try {
      const short = await makeLecture(options, lesson, false);
      const { id: shortId } = await upload(running, short);
      const bar = await running.stage('check of 40 min', () => running.order({ job: 'check', recordingId: shortId }));
      const path = lesson === hour ? short : await makeLecture(options, hour, false);
      const decoding = await runDetector({ name: 'plain ffmpeg -f null', path }, '0,1');
      const uploaded = await running.stage('upload', () => upload(running, path));
      const { id } = uploaded.answer;
      const checked = await running.stage('check', () => running.order({ job: 'check, profiled', recordingId: id }));
      const decided = await running.stage('decisions', () => decide(school, id));
      const rendered = await running.stage('rendition', () => running.order({ job: 'rendition', recordingId: id }));
      const played = await running.stage('playback', () => play(school, id));
      const minutes = (seconds: number) => `${Math.round(seconds / 6) / 10} min`;
      return [
        ...rowsOf(`upload by form and probe, ${minutes(hour)}`, uploaded),
        ...programRows('upload', uploaded),
        ...rowsOf(`check, ${minutes(hour)}`, checked),
        ...programRows('check', checked),
        atMost('check, ffmpeg: of it plain decoding', decoding.cpuSeconds, 's', undefined),
        ...shareRows('check', checked, checked.answer.shares),
        ...rowsOf('review: every decision, clearing, approval', decided),
        ...rowsOf('rendition with one mute, with its packaging', rendered),
        ...programRows('rendition', rendered),
        ...rowsOf('playback of the whole by a link', played),
        atMost('load of the machine (1 min) at the end of the check', checked.load, '', undefined),
        atMost(`check of ${minutes(lesson)}, CPU`, bar.cpuSeconds, 's', undefined),
        atMost(`check of ${minutes(lesson)}, clock`, bar.seconds, 's', options.isQuick ? undefined : mostSeconds),
        atMost('load of the machine (1 min) at its end', bar.load, '', undefined),
      ];
    } finally {
      await running.stop();
    }
  },
};

interface Running {
  readonly url: string;
  readonly school: School;
  order(order: StageOrder): Promise<StageAnswer>;
  /** Does `work` and says what it cost in the server, in all that it started and in PostgreSQL. */
  stage<T>(name: string, work: () => Promise<T>): Promise<Stage & { readonly answer: T }>;
  stop(): Promise<void>;
}

async function startStageServer(options: BenchOptions): Promise<Running> {
  const home = join(options.folder, 'home');
  const { config, env, stop } = await preparedHome({ EMANET_HOME: home, LOG_LEVEL: 'silent' });
  const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
  const child = spawn(process.execPath, ['--max-semi-space-size=4', join(import.meta.dirname, 'stage-server.ts')], {
    env: { ...ownEnvironment, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const url = (await answerOf(child)) as string;
  const school = await createSchool({ url, context } as never);
  await registerCatalog(options, context.outside);
  await context.close();
  const roots = [child.pid!, ...(process.env.EMANET_TEST_POSTGRES ? [] : [postmasterOf(home)])];
  const order = async (given: StageOrder) => {
    child.send(given);
    return (await answerOf(child)) as StageAnswer;
  };
  const count = () => order({ job: 'count', recordingId: '' });
  return {
    url,
    school,
    order,
    async stage(name, work) {
      const before = await count();
      const usage = watchUsage(roots);
      const answer = await work();
      const { each, cpuSeconds, seconds } = usage.end();
      const after = await count();
      const of = new Map<string, number>();
      for (const { pid, command, cpuSeconds } of each) {
        const program =
          pid === child.pid ? itself : (programs.find(([, words]) => words.test(command))?.[0] ?? sandbox);
        of.set(program, (of.get(program) ?? 0) + cpuSeconds);
      }
      const load = loadavg()[0]!;
      options.say(
        `  ${name}: CPU ${cpuSeconds.toFixed(1)} s, ${seconds.toFixed(1)} s by the clock, load ${load.toFixed(1)}`,
      );
      return {
        ...{ cpuSeconds, seconds, of, load, answer },
        readMib: (after.readBytes - before.readBytes) / mib,
        writtenMib: (after.writtenBytes - before.writtenBytes) / mib,
      };
    },
    async stop() {
      const ended = once(child, 'exit');
      child.send({ job: 'end', recordingId: '' } satisfies StageOrder);
      await ended;
      await stop();
    },
  };
}

/** The next message of the process. @throws Error when it ends instead. */
async function answerOf(child: ChildProcess): Promise<unknown> {
  const settled = new AbortController();
  const { signal } = settled;
  try {
    const ended = once(child, 'exit', { signal }).then(() => {
      throw new Error('the server of the stages ended');
    });
    return await Promise.race([once(child, 'message', { signal }).then(([said]) => said), ended]);
  } finally {
    settled.abort();
  }
}

async function upload({ url, school }: Pick<Running, 'url' | 'school'>, path: string): Promise<{ id: string }> {
  const lesson = await createPermittedLesson(school);
  const form = new FormData();
  form.set('bytes', String((await stat(path)).size));
  form.set('file', await openAsBlob(path, { type: 'video/mp4' }), 'lecture.mp4');
  const answer = await fetch(`${url}/api/lessons/${lesson.id}/recordings`, {
    method: 'POST',
    headers: school.teacher.headers,
    body: form,
  });
  if (answer.status !== 201) throw new Error(`the upload was answered with ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as { id: string };
}

const heardName = 'A name that is heard';

/** Declares eight seconds that are muted, permits everything else, clears and approves. */
async function decide({ admin, reviewer }: School, id: string): Promise<void> {
  const declared = { title: heardName, startMs: 4_000, endMs: 12_000 };
  const { segments } = ok(await reviewer.post(`/api/recordings/${id}/segments`, declared));
  for (const { id, declared } of segments) {
    const decision = declared?.title === heardName ? { kind: 'mute' } : { kind: 'permitted', ground: 'own_work' };
    ok(await reviewer.post(`/api/segments/${id}/decisions`, decision));
  }
  ok(await reviewer.post(`/api/recordings/${id}/clear`));
  ok(await admin.post(`/api/recordings/${id}/approve`));
}

/** Releases it to the class and reads all of it once by a link. */
async function play({ admin, teacher }: School, id: string): Promise<void> {
  const release = ok(await admin.post(`/api/recordings/${id}/releases`, { audience: 'class', endsAt: inDays(7) }));
  const link = ok(await teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ada' }));
  const { path, headers } = asViewer(link);
  const answer = await fetch(admin.url + path, { headers });
  if (!answer.ok) throw new Error(`playback was answered with ${answer.status}`);
  for await (const _ of answer.body!);
}

const rowsOf = (name: string, { cpuSeconds, seconds, readMib, writtenMib }: Stage): Row[] => [
  atMost(`${name}, CPU`, cpuSeconds, 's', undefined),
  atMost(`${name}, clock`, seconds, 's', undefined),
  atMost(`${name}, read from the store`, readMib, 'MiB', undefined),
  atMost(`${name}, written to the store`, writtenMib, 'MiB', undefined),
];

const programRows = (name: string, { of }: Stage): Row[] =>
  largestFirst([...of]).map(([program, seconds]) => atMost(`${name}, CPU: ${program}`, seconds, 's', undefined));

/** The processor seconds of the process itself, taken apart by the shares of the profile. */
const shareRows = (name: string, { of }: Stage, shares: StageAnswer['shares']): Row[] =>
  largestFirst(Object.entries(shares)).map(([part, share]) =>
    atMost(`${name}, CPU of ${itself}: ${part}`, share * (of.get(itself) ?? 0), 's', undefined),
  );

const largestFirst = (entries: [string, number][]) => entries.toSorted(([, one], [, other]) => other - one);
