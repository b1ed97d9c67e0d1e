import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import { Refusal } from '../../domain/errors.ts';
import { list, number, object, type Reader, text } from '../../domain/json.ts';
import type { CodeReader } from '../../pipeline/ports/readers.ts';
import { collectInto, type RunResult, run } from '../process/run.ts';
import { findSandbox, type ProcessLimits, type Sandbox } from '../process/sandbox.ts';
import { assertHadTime } from '../process/too-busy.ts';
import { end, enlarged, headerBytes, maxCodes, maxPixels, ready, type Told } from './codes-protocol.ts';

/** For one picture. */
const defaultLimits: ProcessLimits = {
  wallMs: 60_000,
  cpuSeconds: 60,
  memoryBytes: 1024 ** 3,
  // A QR code holds at most 7,089 digits.
  outputBytes: 1024 ** 2,
};

const program = join(import.meta.dirname, 'codes-process.ts');
/** All that the process reads: its own code, and the package. */
const paths = [
  import.meta.dirname,
  join(import.meta.dirname, '../../../package.json'),
  dirname(dirname(dirname(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')))),
];
const nodeOptions = [
  ...['--permission', ...paths.map((path) => `--allow-fs-read=${path}`)],
  ...['--max-old-space-size=256', '--no-warnings'],
];

/** Codes on ZXing-C++ as WebAssembly (docs/decisions/0027-codes-with-zxing.md). */
export function createCodeReader(
  config: { readonly limits?: Partial<ProcessLimits>; readonly apart?: string | undefined } = {},
): CodeReader {
  const limits = { ...defaultLimits, ...config.limits };
  let sandbox: Promise<Sandbox> | undefined;
  return {
    async read(picture, { isEnlarged = false, signal } = {}) {
      const { width, height, pixels } = picture;
      if (pixels.length !== width * height || pixels.length > maxPixels)
        throw new Error(`no picture to look for codes in: ${width} × ${height}, ${pixels.length} pixels`);
      sandbox ??= findSandbox({ apart: config.apart });
      const chunks: Buffer[] = [];
      const result = await run(await sandbox, {
        command: process.execPath,
        args: [...nodeOptions, program, ...(isEnlarged ? [enlarged] : [])],
        limits,
        needs: { paths, network: false, reservesAddresses: true },
        signal,
        input: piecesOf(picture),
        pipes: [collectInto(chunks)],
      });
      assertHadTime(result);
      const [first, ...lines] = Buffer.concat(chunks).toString('utf8').split('\n');
      if (first !== JSON.stringify(ready)) throw new Error(`the process for codes did not start: ${tailOf(result)}`);
      if (result.exitCode !== 0 || lines.at(-2) !== JSON.stringify(end)) throw notRead(result);
      return lines.slice(0, -2).slice(0, maxCodes).map(parse);
    },
  };
}

async function* piecesOf({ width, height, pixels }: GreyPicture): AsyncGenerator<Uint8Array> {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(width, 0);
  header.writeUInt32LE(height, 4);
  yield header;
  yield pixels;
}

const tailOf = ({ stderrTail }: RunResult) => stderrTail.slice(-3).join(' ');

const notRead = (result: RunResult): Refusal =>
  new Refusal('MEDIA_NOT_ALLOWED', {
    message: `codes: ${result.hitLimit ?? result.killedBy ?? tailOf(result)}`,
    reasons: [{ code: 'CODES_NOT_READ' }],
  });

const readCode: Reader<Told> = object({ text, corners: list(object({ x: number, y: number })) });

/** What the process wrote, which a picture may have taken over: one text and places, and nothing else. */
function parse(line: string): Told {
  try {
    return readCode(JSON.parse(line));
  } catch (error) {
    throw new Error('a process for codes said something else', { cause: error });
  }
}
