import { spawn } from 'node:child_process';

/** Sound that cases are mixed from: mono samples at 16 kHz, which every meeting tool carries at least. */
export const mixRate = 16_000;

/** Runs ffmpeg with `input` on its standard input and gives what it writes. */
export function throughFfmpeg(args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-v', 'error', '-nostdin', ...args], {
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout!.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr!.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(Buffer.concat(out)) : reject(new Error(`ffmpeg ${args.join(' ')}: ${Buffer.concat(err)}`)),
    );
    // A child that ends early closes its end: its exit status says why.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

export const toSamples = (bytes: Buffer): Float32Array =>
  new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~3)));

export async function decodeSound(path: string, filter = 'anull'): Promise<Float32Array> {
  return toSamples(
    await throughFfmpeg(['-i', path, '-vn', '-ac', '1', '-ar', String(mixRate), '-af', filter, '-f', 'f32le', '-']),
  );
}

/** Level of what is not silence: root mean square over the 60 ms pieces above a twentieth of the loudest. */
export function activeLevel(samples: Float32Array): number {
  const piece = 960;
  const energies: number[] = [];
  for (let at = 0; at + piece <= samples.length; at += piece) {
    let sum = 0;
    for (let i = at; i < at + piece; i++) sum += samples[i]! ** 2;
    energies.push(sum / piece);
  }
  const loud = Math.max(1e-12, ...energies) * 0.05;
  const active = energies.filter((energy) => energy > loud);
  return Math.sqrt(active.reduce((sum, energy) => sum + energy, 0) / Math.max(1, active.length));
}

export function atLevel(samples: Float32Array, db: number): Float32Array {
  const gain = 10 ** (db / 20) / Math.max(1e-6, activeLevel(samples));
  return samples.map((sample) => sample * gain);
}

/** What people hear after a meeting tool or a recorder has had the sound; each passes it through a real encoder. */
export const soundCodecs = {
  opus24: { args: ['-c:a', 'libopus', '-b:a', '24k', '-application', 'voip', '-f', 'ogg'], format: 'ogg' },
  opus32: { args: ['-c:a', 'libopus', '-b:a', '32k', '-application', 'voip', '-f', 'ogg'], format: 'ogg' },
  aac48: { args: ['-c:a', 'aac', '-b:a', '48k', '-ar', '32000', '-f', 'adts'], format: 'aac' },
  aac16k: { args: ['-c:a', 'aac', '-b:a', '48k', '-ar', '16000', '-f', 'adts'], format: 'aac' },
} as const;
export type SoundCodec = keyof typeof soundCodecs;

const rawInput = ['-f', 'f32le', '-ar', String(mixRate), '-ac', '1', '-i', 'pipe:0'];
const bytesOf = (samples: Float32Array) => new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);

export async function filterSound(samples: Float32Array, filter: string): Promise<Float32Array> {
  return toSamples(
    await throughFfmpeg([...rawInput, '-af', filter, '-ar', String(mixRate), '-f', 'f32le', '-'], bytesOf(samples)),
  );
}

export const encodeSound = (samples: Float32Array, codec: SoundCodec): Promise<Buffer> =>
  throughFfmpeg([...rawInput, ...soundCodecs[codec].args, '-'], bytesOf(samples));

/** Mono 16-bit samples at `rate`, as the analysis gets them. */
export async function decodeEncoded(bytes: Buffer, codec: SoundCodec, rate: number): Promise<Int16Array> {
  const raw = await throughFfmpeg(
    ['-f', soundCodecs[codec].format, '-i', 'pipe:0', '-ac', '1', '-ar', String(rate), '-f', 's16le', '-'],
    bytes,
  );
  return new Int16Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + (raw.length & ~1)));
}

/** A reproducible source of numbers in [0, 1) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const pick = <T>(random: () => number, from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
