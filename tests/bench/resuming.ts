import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createContext } from '../../src/assembly/context.ts';
import { freePort, PersistentClient } from '../support/persistent-client.ts';
import { spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool } from '../support/school.ts';
import { wavOf } from '../support/wav.ts';
import { preparedHome } from './bench-server.ts';
import { atMost, type Bench, median, mib } from './measure.ts';

/** What the part that is written, the part that fills and the network between may cost: the bar. */
const mostMib = 16;

export const resuming: Bench = {
  about: 'bytes sent twice by a resumable upload after the server was killed',
  async measure({ isQuick, folder, say }) {
    const kills = isQuick ? 2 : 20;
    const home = join(folder, 'home');
    const wanted = { EMANET_HOME: home, WORKER: 'false', PORT: String(await freePort()) };
    const { config, env, stop } = await preparedHome(wanted);
    const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
    let server = await spawnServer(env);
    try {
      const school = await createSchool({ url: server.url, context } as never);
      const lesson = await createPermittedLesson(school);
      const file = wavOf((isQuick ? 48 : 400) * mib);
      const created = await fetch(`${server.url}/api/lessons/${lesson.id}/uploads`, {
        method: 'POST',
        headers: { ...school.teacher.headers, 'tus-resumable': '1.0.0', 'upload-length': String(file.length) },
      });
      const url = new URL(created.headers.get('location')!, server.url);
      const client = new PersistentClient(file, url, school.teacher.headers);
      let isSent = false;
      const sending = client.sendEverything().then(() => {
        isSent = true;
      });
      const twice: number[] = [];
      /** What a single request would have to send again: everything. */
      const everything: number[] = [];
      for (let killed = 0; killed < kills && !isSent; killed++) {
        const before = client.sentBytes;
        const untilBytes = (6 + Math.random() * 18) * mib;
        while (!isSent && client.sentBytes - before < untilBytes) await wait(2);
        if (isSent) break;
        client.sentTwice = 0;
        everything.push(client.highestBytes / mib);
        await server.kill9();
        const sentBefore = client.sentBytes;
        server = await spawnServer(env);
        while (!isSent && client.sentBytes === sentBefore) await wait(5);
        twice.push(client.sentTwice / mib);
        say(`  kill ${killed + 1}: ${twice.at(-1)!.toFixed(1)} MiB again`);
      }
      await sending;
      const peer = (value: number) => ({ name: 'a single request, killed at the same moments', value });
      return [
        atMost('(f) sent twice after a kill, median', median(twice), 'MiB', mostMib, peer(median(everything))),
        atMost('(f) sent twice after a kill, most', Math.max(...twice), 'MiB', mostMib, peer(Math.max(...everything))),
      ];
    } finally {
      await server.kill9();
      await context.close();
      await stop();
    }
  },
};
