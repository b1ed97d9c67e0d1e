import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { differingBits } from '../../src/detection/bit-errors.ts';
import { itemMs } from '../../src/detection/chromaprint-keys.ts';
import { type CatalogWork, readSource } from './registry.ts';
import type { Said } from './score.ts';

/** What anybody would do with `fpcalc`: slide one fingerprint along the other. */
export interface PlainChromaprint {
  search(recording: Uint32Array): Said[];
}

const windowItems = Math.round(4_000 / itemMs);
const mostErrors = 0.25;

export async function preparePlainChromaprint(media: string, works: readonly CatalogWork[]): Promise<PlainChromaprint> {
  const tools = createFfmpegTools();
  const prints: { work: string; print: Uint32Array }[] = [];
  for (const { work, file, type } of works) {
    if (type === 'image') continue;
    const source = await readSource(join(media, file));
    const { fingerprints } = await tools.analyse(source, await tools.probe(source));
    if (fingerprints[0] !== undefined) prints.push({ work, print: fingerprints[0].fingerprint });
  }
  return {
    search: (recording) =>
      prints.flatMap(({ work, print }) => {
        const at = slide(recording, print);
        return at === null ? [] : [{ what: work, ...at }];
      }),
  };
}

/** The union of all 4 s windows in which less than a quarter of the bits differ. */
function slide(recording: Uint32Array, work: Uint32Array): { start: number; end: number } | null {
  let [first, last] = [Infinity, -1];
  const errors = new Uint8Array(recording.length);
  for (let shift = windowItems - recording.length; shift <= work.length - windowItems; shift++) {
    const from = Math.max(0, -shift);
    const until = Math.min(recording.length, work.length - shift);
    let sum = 0;
    for (let at = from; at < until; at++) {
      errors[at] = differingBits(recording[at]!, work[at + shift]!);
      sum += errors[at]! - (at - windowItems >= from ? errors[at - windowItems]! : 0);
      if (at - from + 1 < windowItems || sum / (32 * windowItems) >= mostErrors) continue;
      first = Math.min(first, at - windowItems + 1);
      last = Math.max(last, at);
    }
  }
  return last < 0 ? null : { start: (first * itemMs) / 1000, end: ((last + 1) * itemMs) / 1000 };
}

/** ffmpeg's own `signature` filter (MPEG-7) between a case and each film; it says one matching stretch at most. */
export async function signatureFilter(media: string, films: readonly CatalogWork[], bytes: Buffer): Promise<Said[]> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-signature-'));
  try {
    const path = join(folder, 'case.mkv');
    await writeFile(path, bytes);
    const said: Said[] = [];
    for (const { work, file } of films) {
      const log = await ffmpegLog([
        ...['-i', path, '-i', join(media, file)],
        ...['-filter_complex', '[0:v][1:v]signature=nb_inputs=2:detectmode=full', '-f', 'null', '-'],
      ]);
      const match = /matching of video 0 at ([\d.]+) and 1 at ([\d.]+), (\d+) frames matching/.exec(log);
      if (match !== null)
        said.push({ what: work, start: Number(match[1]), end: Number(match[1]) + Number(match[3]) / 15 });
    }
    return said;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function ffmpegLog(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-nostats', '-nostdin', ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const lines: Buffer[] = [];
    child.stderr.on('data', (chunk: Buffer) => lines.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(Buffer.concat(lines).toString())
        : reject(new Error(Buffer.concat(lines).toString().slice(-500))),
    );
  });
}
