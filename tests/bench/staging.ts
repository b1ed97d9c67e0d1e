import { mkdir, readdir, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createContext } from '../../src/assembly/context.ts';
import { sealUpload } from '../../src/pipeline/intake/seal-upload.ts';
import { spawnServer } from '../support/process.ts';
import { createPermittedLesson, createSchool } from '../support/school.ts';
import { wavHeader } from '../support/wav.ts';
import { preparedHome, sendForm } from './bench-server.ts';
import { atMost, type Bench, interleaved, mib, type Row, throughput } from './measure.ts';
import { startPlainServer } from './plain.ts';
import { watchUsage } from './usage.ts';

/**
 * (g) A resumable upload into a folder, from the first byte sent until it is sealed: beside the file store of @tus/server,
 * which encrypts nothing, and beside the same bytes as one form. The sealing, which a worker does, runs here. Linux only.
 */
export const staging: Bench = {
  about: 'resumable upload of 512 MiB onto disk until it is sealed: speed, and processor time per GiB by stage',
  async measure(options) {
    const bytes = (options.isQuick ? 8 : 512) * mib;
    const { config, env, stop } = await preparedHome({ EMANET_HOME: join(options.folder, 'home'), WORKER: 'false' });
    const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
    const server = await spawnServer(env);
    const plainFolder = join(options.folder, 'plain');
    await mkdir(plainFolder);
    const plain = await startPlainServer({ kind: 'tus', folder: plainFolder });
    try {
      const school = await createSchool({ url: server.url, context } as never);
      const lesson = await createPermittedLesson(school);
      const perGib: Record<string, number[]> = {};
      const answered: number[] = [];
      /** Seconds of the clock; notes the processor time of the server and of this process, less that of sending. */
      const measured = async (name: string, pid: number, work: () => Promise<unknown>) => {
        const usage = watchUsage([pid]);
        const began = performance.now();
        await work();
        const seconds = (performance.now() - began) / 1000;
        perGib[name] = [...(perGib[name] ?? []), (usage.end().cpuSeconds * 1024 * mib) / bytes];
        return seconds;
      };
      const serverPid = server.child.pid!;
      const found = await interleaved(options, {
        'file store': async () => {
          const seconds = await measured('file store', plain.pid, () => sendByTus(plain.url, bytes, {}));
          for (const name of await readdir(plainFolder)) await rm(join(plainFolder, name));
          return bytes / mib / seconds;
        },
        ours: async () => {
          let id = '';
          const sending = await measured('staging', serverPid, async () => {
            const at = await sendByTus(`${server.url}/api/lessons/${lesson.id}/uploads`, bytes, school.teacher.headers);
            id = at.pathname.split('/').at(-1)!;
          });
          const sealing = await measured('sealing', process.pid, () =>
            sealUpload(context.outside, id, new AbortController().signal),
          );
          answered.push(bytes / mib / sending);
          return bytes / mib / (sending + sealing);
        },
        form: async () => {
          const url = `${server.url}/api/lessons/${lesson.id}/recordings`;
          const seconds = await measured('form', serverPid, () => sendForm(url, bytes, school.teacher.headers));
          return bytes / mib / seconds;
        },
      });
      const middleOf = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!;
      const middle = (name: string) => middleOf(perGib[name]!);
      const ours = middle('staging') + middle('sealing');
      const peer = { name: 'form', value: middle('form') };
      const rows: Row[] = [
        ...throughput('(g) tus until answered, disk', middleOf(answered), fileStore, found['file store'], 0.7),
        ...throughput('(g) tus until sealed, disk', found.ours, fileStore, found['file store']),
        ...throughput('(g) tus until sealed, disk', found.ours, 'the same by form', found.form),
        {
          ...atMost('(g) processor, tus until sealed', ours, 's/GiB', undefined, peer),
          bar: '<= 1.5 x',
          ok: ours <= 1.5 * peer.value,
        },
        atMost('(g) … of that, receiving and staging', middle('staging'), 's/GiB', undefined, {
          name: 'file store',
          value: middle('file store'),
        }),
        atMost('(g) … of that, sealing and reading back', middle('sealing'), 's/GiB', undefined),
      ];
      return rows;
    } finally {
      await plain.stop();
      await server.stop();
      await context.close();
      await stop();
    }
  },
};

const fileStore = '@tus/server with its file store';

/** Creates an upload and sends all of it in one PATCH, from memory. Returns its address. */
async function sendByTus(url: string, bytes: number, headers: Record<string, string>): Promise<URL> {
  const tus = { ...headers, 'tus-resumable': '1.0.0' };
  const created = await fetch(url, { method: 'POST', headers: { ...tus, 'upload-length': String(bytes) } });
  if (created.status !== 201) throw new Error(`an upload was answered with ${created.status}: ${await created.text()}`);
  const at = new URL(created.headers.get('location')!, url);
  const sending = request(at, {
    method: 'PATCH',
    headers: {
      ...tus,
      'upload-offset': '0',
      'content-type': 'application/offset+octet-stream',
      'content-length': bytes,
    },
  });
  const answer = new Promise<number>((resolve, reject) => {
    sending.on('error', reject);
    sending.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode!));
    });
  });
  const sent = pipeline(Readable.from(wavPieces(bytes)), sending).catch((error: unknown) => error);
  const status = await answer;
  await sent;
  if (status !== 204) throw new Error(`sending was answered with ${status}`);
  return at;
}

const block = Buffer.alloc(mib, 'not silence ');

function* wavPieces(bytes: number): Generator<Buffer> {
  const head = wavHeader(bytes - 44);
  yield head;
  for (let at = head.length; at < bytes; at += block.length)
    yield block.subarray(0, Math.min(block.length, bytes - at));
}
