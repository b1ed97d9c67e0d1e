import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { MediaSource } from '../../src/pipeline/ports/media.ts';
import { eventually } from './eventually.ts';

const execute = promisify(execFile);

/** Test recordings that are not part of the repository: `EMANET_MEDIA_DIR`, or `shared/media` beside the project. */
export const mediaDir =
  process.env.EMANET_MEDIA_DIR ?? fileURLToPath(new URL('../../../shared/media', import.meta.url));
export const hasMedia = existsSync(`${mediaDir}/odd/EXPECTED.tsv`);

/** A real lesson of nearly two minutes. */
export const wholeLessonFile = fileURLToPath(
  new URL('../../src/demo/assets/zoom-ruby-gem-walkthrough.mp4', import.meta.url),
);
/**
 * Its first ten seconds, for tests that do not need length: a recording is decoded whole whenever it is checked or
 * rendered.
 */
export const shortLessonFile = fileURLToPath(new URL('../fixtures/media/zoom-ten-seconds.mp4', import.meta.url));

/** The ten seconds as a file of `bytes` octets: a box that players skip holds the padding. */
export function shortLesson(bytes?: number): Buffer {
  const lesson = readFileSync(shortLessonFile);
  if (bytes === undefined) return lesson;
  const box = Buffer.alloc(8);
  box.writeUInt32BE(bytes - lesson.length);
  box.write('free', 4);
  return Buffer.concat([lesson, box, randomBytes(bytes - lesson.length - box.length)]);
}

export interface CountingSource extends MediaSource {
  /** Every requested range. */
  readonly reads: { start: number; end: number }[];
}

/** A source over bytes in memory, given out in chunks of `chunkBytes`. */
export function bufferSource(bytes: Uint8Array, chunkBytes = 65_536): CountingSource {
  const reads: { start: number; end: number }[] = [];
  return {
    bytes: bytes.length,
    reads,
    async *read(start, end, signal) {
      reads.push({ start, end });
      for (let at = start; at < end; at += chunkBytes) {
        signal?.throwIfAborted();
        yield bytes.subarray(at, Math.min(at + chunkBytes, end));
      }
    },
  };
}

/** A source over a file, read piece by piece: for files larger than memory. */
export async function fileSource(path: string): Promise<MediaSource & AsyncDisposable> {
  const file = await open(path, 'r');
  const { size } = await file.stat();
  return {
    bytes: size,
    async *read(start, end, signal) {
      for (let at = start; at < end; ) {
        signal?.throwIfAborted();
        const buffer = Buffer.alloc(Math.min(65_536, end - at));
        const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
        if (bytesRead === 0) throw new Error(`${path} ended at ${at}`);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

export const oddFile = (name: string): CountingSource => bufferSource(readFileSync(`${mediaDir}/odd/${name}`));

/** Makes a fixture with the installed ffmpeg, outside the confinement that is under test. */
export async function makeMedia(...args: string[]): Promise<void> {
  await execute('ffmpeg', ['-hide_banner', '-v', 'error', '-y', ...args]);
}

/** The stderr of a plain ffmpeg that decodes `path` through `filters`. */
export async function decodeLog(path: string, ...filters: string[]): Promise<string> {
  const { stderr } = await execute('ffmpeg', ['-hide_banner', '-nostats', '-i', path, ...filters, '-f', 'null', '-']);
  return stderr;
}

interface ProbedFile {
  readonly format: { readonly duration: string; readonly tags: Record<string, string> };
  readonly streams: readonly {
    readonly codec_name: string;
    readonly duration?: string;
    readonly width?: number;
    readonly height?: number;
    readonly pix_fmt?: string;
    readonly tags?: Record<string, string>;
  }[];
  readonly chapters: readonly unknown[];
}

export async function ffprobe(path: string, ...args: string[]): Promise<ProbedFile> {
  const { stdout } = await execute('ffprobe', ['-v', 'error', '-of', 'json', ...args, path]);
  return JSON.parse(stdout);
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Listens where the attack files point; `hits` must stay 0. Waits for another test file that listens there. */
export async function listenAsCanary(port: number): Promise<{ hits: () => number; port: number } & AsyncDisposable> {
  let hits = 0;
  const server = createServer((_, response) => response.end());
  server.on('connection', () => {
    hits += 1;
  });
  await eventually(
    async () => {
      server.listen(port, '127.0.0.1');
      try {
        await once(server, 'listening');
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
        return false;
      }
    },
    `port ${port} is free`,
    { withinMs: 300_000, everyMs: 200 },
  );
  return {
    hits: () => hits,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
