import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { maxLines, type ReadLine } from '../../detection/text/read-line.ts';
import type { TextReader, TextReading } from '../../pipeline/ports/readers.ts';
import { readLines, run } from '../process/run.ts';
import { findSandbox, type ProcessLimits, type Sandbox } from '../process/sandbox.ts';
import { tooBusy } from '../process/too-busy.ts';
import { headerOf, maxPixels, parseSaid } from './reading-protocol.ts';

export interface TextReaderConfig {
  /** Time limit for one picture, without the start of the process. */
  readonly pictureMs?: number;
  /** Time limit for the start of a process. */
  readonly startMs?: number;
  /** Socket of the process that runs it. Default: this process runs it. */
  readonly apart?: string | undefined;
}

/** For as long as the check of a recording takes. */
const limits: ProcessLimits = {
  wallMs: 3 * 3_600_000,
  cpuSeconds: 3 * 3_600,
  memoryBytes: 1024 ** 3,
  outputBytes: 256 * 1024 ** 2,
};

const program = join(import.meta.dirname, 'reading-process.ts');
const packages = dirname(dirname(createRequire(import.meta.url).resolve('tesseract.js-core/package.json')));
/** All files that the process reads: its own code, and its packages. */
const paths = [
  import.meta.dirname,
  join(import.meta.dirname, '../../detection'),
  join(import.meta.dirname, '../../../package.json'),
  join(packages, 'tesseract.js-core'),
  join(packages, '@tesseract.js-data'),
];
const nodeOptions = [
  ...['--permission', ...paths.map((path) => `--allow-fs-read=${path}`)],
  ...['--max-old-space-size=256', '--no-warnings'],
];

/**
 * The text reader on Tesseract. Each reading has a process of its own, confined as ffmpeg is, and without a network.
 */
export function createTextReader(config: TextReaderConfig = {}): TextReader {
  let sandbox: Promise<Sandbox> | undefined;
  return {
    async open({ signal }) {
      sandbox ??= findSandbox({ apart: config.apart });
      const found = sandbox;
      const start = async () => startReading(await found, config, signal);
      let process = await start();
      let isClosed = false;
      return {
        async read(picture, kind) {
          if (picture.width * picture.height > maxPixels) throw new Error('the picture is too large to be read');
          if (isClosed) throw new Error('the reading is over');
          if (process.isOver()) process = await start();
          // Closed while it started: nobody else would end it.
          if (isClosed) await process.close();
          return process.read(picture, kind);
        },
        close() {
          isClosed = true;
          return process.close();
        },
      };
    },
  };
}

interface ReadingProcess extends TextReading {
  isOver(): boolean;
}

async function startReading(sandbox: Sandbox, config: TextReaderConfig, signal: AbortSignal): Promise<ReadingProcess> {
  const { pictureMs = 30_000, startMs = 60_000 } = config;
  const stopped = new AbortController();
  const input = new PassThrough();
  let isOver = false;
  let expected: {
    size: { width: number; height: number };
    lines: ReadLine[];
    done: (lines: ReadLine[]) => void;
  } | null = null;

  /** Output of the process until it is ready, or until the end of a picture. */
  const answer = async (size: { width: number; height: number }, withinMs: number): Promise<ReadLine[]> => {
    const answered = new Promise<ReadLine[]>((done) => {
      expected = { size, lines: [], done };
    });
    const late = setTimeout(() => stopped.abort(tooBusy('reading took too long')), withinMs);
    try {
      return await Promise.race([answered, ended]);
    } finally {
      clearTimeout(late);
      expected = null;
    }
  };
  const hear = (line: string) => {
    if (expected === null) throw new Error('a reading process spoke unasked');
    const said = parseSaid(line, expected.size);
    if (said === 'ready' || said === 'end') expected.done(expected.lines);
    else if (expected.lines.push(said) > maxLines) throw new Error('a reading process said too much');
  };
  const isReady = Promise.withResolvers<unknown>();
  const ended: Promise<never> = run(sandbox, {
    // Waiting for its turn is no time of its own.
    onStart: () => isReady.resolve(answer({ width: 0, height: 0 }, startMs)),
    command: process.execPath,
    args: [...nodeOptions, program],
    limits,
    needs: { paths, network: false, reservesAddresses: true, isLast: true },
    signal: AbortSignal.any([signal, stopped.signal]),
    input,
    pipes: [(pipe) => readLines(pipe, hear)],
  }).then(
    ({ exitCode, killedBy, hitLimit, stderrTail }) => {
      isOver = true;
      const why = hitLimit ?? killedBy ?? `exit status ${exitCode}`;
      throw new Error(`the reading process ended (${why}): ${stderrTail.slice(-3).join(' ')}`);
    },
    (error: unknown) => {
      isOver = true;
      throw error;
    },
  );
  ended.catch(() => undefined);
  await Promise.race([isReady.promise, ended]);
  return {
    isOver: () => isOver,
    read(picture, kind = 'page') {
      const lines = answer(picture, pictureMs);
      input.write(headerOf(picture, kind));
      input.write(picture.pixels);
      return lines;
    },
    async close() {
      input.end();
      stopped.abort();
      await ended.catch(() => undefined);
    },
  };
}
