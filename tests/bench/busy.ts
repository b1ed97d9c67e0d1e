import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createContext } from '../../src/assembly/context.ts';
import { wholeLessonFile } from '../support/media.ts';
import { spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { preparedHome } from './bench-server.ts';
import { readFirstByte } from './first-byte.ts';
import { atMost, type Bench, mib, p95, percentile95, type Row } from './measure.ts';

/**
 * (a) A machine that has other things to do: ten programs that never rest, while lessons arrive one after the other and
 * are checked. What people wait for is compared with the same when it is quiet, in the same run; no upload may fail.
 */
export const busy: Bench = {
  about: 'playback, pages and uploads at a load of ten, beside checks, against the same when it is quiet',
  async measure({ isQuick, folder, say }) {
    const [times, spinners, uploads] = isQuick ? [5, 2, 1] : [300, 10, 10];
    const { config, env, stop: stopDatabase } = await preparedHome({ EMANET_HOME: `${folder}/home` });
    const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
    const server = await spawnServer(env);
    try {
      const school = await createSchool({ url: server.url, context } as never);
      const { id: lessonId } = await createPermittedLesson(school);
      const bytes = 8 * mib;
      const { id } = await createSealedRecording(context.outside, lessonId, school.teacher.id, { mediaBytes: bytes });
      const media = `${server.url}/api/recordings/${id}/media`;
      const asked: Record<string, (n: number) => Promise<unknown>> = {
        'first byte of playback': (n) => readFirstByte(media, school.reviewer.headers, (n * 65_537) % (bytes - 2)),
        'the application’s page': () => get(`${server.url}/`, school),
        'home, by the API': () => get(`${server.url}/api/home`, school),
        'a list of recordings, by the API': () => get(`${server.url}/api/recordings`, school),
      };
      const lesson = await readFile(wholeLessonFile);
      const upload = async () => {
        const began = performance.now();
        await send(`${server.url}/api/lessons/${lessonId}/recordings`, school, lesson);
        return performance.now() - began;
      };
      for (const ask of Object.values(asked)) await p95(20, ask);
      const quiet: Record<string, number> = {};
      for (const [name, ask] of Object.entries(asked)) quiet[name] = await p95(times, ask);
      const quietUpload = await upload();
      const spinning = Array.from({ length: spinners }, () =>
        spawn(process.execPath, ['--eval', 'for (;;);'], { stdio: 'ignore' }),
      );
      try {
        const uploading = (async () => {
          const took: number[] = [];
          for (let n = 0; n < uploads; n++) took.push(await upload());
          return took;
        })();
        uploading.catch(() => {}); // met below
        const rows: Row[] = [];
        for (const [name, ask] of Object.entries(asked)) {
          const value = await p95(times, ask);
          say(`  ${name}: ${quiet[name]!.toFixed(1)} ms quiet, ${value.toFixed(1)} ms busy`);
          const row = atMost(`(a) ${name}, load of ${spinners}, p95`, value, 'ms', undefined, {
            name: 'quiet',
            value: quiet[name]!,
          });
          rows.push({ ...row, bar: '<= 3 x', ok: value <= 3 * quiet[name]! });
        }
        const took = await uploading;
        return [
          ...rows,
          atMost(
            `(a) upload of ${Math.round(lesson.length / mib)} MiB, load of ${spinners}, p95`,
            percentile95(took),
            'ms',
            undefined,
            {
              name: 'quiet',
              value: quietUpload,
            },
          ),
        ];
      } finally {
        for (const child of spinning) child.kill('SIGKILL');
      }
    } finally {
      await server.stop();
      await context.close();
      await stopDatabase();
    }
  },
};

async function get(url: string, { reviewer }: School): Promise<void> {
  const answer = await fetch(url, { headers: reviewer.headers });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${url} was answered with ${answer.status}`);
}

async function send(url: string, { teacher }: School, bytes: Buffer): Promise<void> {
  const form = new FormData();
  form.set('bytes', String(bytes.length));
  form.set('file', new Blob([bytes as never], { type: 'video/mp4' }), 'lesson.mp4');
  const answer = await fetch(url, { method: 'POST', headers: teacher.headers, body: form });
  if (answer.status !== 201) throw new Error(`an upload was answered with ${answer.status}: ${await answer.text()}`);
}
