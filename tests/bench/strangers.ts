import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createContext } from '../../src/assembly/context.ts';
import { prepare } from '../../src/assembly/first-start.ts';
import { loadConfig } from '../../src/config/env.ts';
import { spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { readFirstByte } from './first-byte.ts';
import { atMost, type Bench, mib, p95 } from './measure.ts';

/**
 * (b) The first byte of a recording that a reviewer watches, quiet and while 200 strangers without an account ask again and
 * again for whatever costs the server most: sign-ins, invitations, links to new passwords, personal links. Each has an address
 * of its own. They run in a process of their own, of the lowest priority, since elsewhere they would have their own machines.
 * The peer is the same, quiet, in the same run.
 */
export const strangers: Bench = {
  about: 'first byte of playback while 200 strangers loop, p95, against the same when it is quiet',
  async measure({ isQuick, folder, say }) {
    const [times, many] = isQuick ? [10, 5] : [300, 200];
    const env = { EMANET_HOME: join(folder, 'home'), TRUST_PROXY: '1', LOG_LEVEL: 'info' };
    const prepared = await prepare(loadConfig({ ...env }));
    const context = await createContext({ ...prepared.config, LOG_LEVEL: 'silent' });
    const server = await spawnServer({
      ...env,
      DATABASE_URL: prepared.config.DATABASE_URL!,
      DATABASE_OWNER_URL: prepared.config.DATABASE_OWNER_URL!,
    });
    try {
      const school = await createSchool({ url: server.url, context } as never);
      const { id: lessonId } = await createPermittedLesson(school);
      const bytes = 8 * mib;
      const recording = await createSealedRecording(context.outside, lessonId, school.teacher.id, {
        mediaBytes: bytes,
      });
      const firstByte = (n: number) =>
        readFirstByte(
          `${server.url}/api/recordings/${recording.id}/media`,
          school.reviewer.headers,
          (n * 65_537) % (bytes - 2),
        );
      await p95(20, firstByte);
      const quiet = await p95(times, firstByte);
      say(`  quiet: ${quiet.toFixed(1)} ms`);
      const load = fork(join(import.meta.dirname, 'loop-as-strangers.ts'), [server.url, String(many)]);
      await once(load, 'message'); // they have begun
      const busy = await p95(times, firstByte);
      load.send('stop');
      const [answers] = (await once(load, 'message')) as [Record<string, number>];
      await once(load, 'exit');
      say(`  with ${many} strangers: ${busy.toFixed(1)} ms; they were answered ${JSON.stringify(answers)}`);
      const row = atMost(`(b) first byte, ${many} strangers, p95`, busy, 'ms', undefined, {
        name: 'quiet',
        value: quiet,
      });
      return [{ ...row, bar: '<= 2 x', ok: busy <= 2 * quiet }];
    } finally {
      await server.stop();
      await context.close();
      await prepared.stop();
    }
  },
};
