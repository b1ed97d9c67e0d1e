import type { Sounds } from './music-material.ts';
import { mixRate, pick, seeded } from './sound.ts';

const scales = [
  [0, 2, 4, 5, 7, 9, 11],
  [0, 2, 3, 5, 7, 8, 10],
  [0, 1, 4, 5, 7, 8, 11],
  [0, 2, 4, 7, 9],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
];
const pieceSeconds = 24;

/**
 * Plain tones as children's keyboards, computers and bells make them: melodies and chords in a scale or in none, at any
 * pace, plucked or held. Recordings of instruments lack them.
 */
export function madeMelodies(seed: number, pieces: number): Sounds {
  const samples = new Int16Array(pieces * pieceSeconds * mixRate);
  const ends: number[] = [];
  for (let piece = 0; piece < pieces; piece++) {
    const end = (piece + 1) * pieceSeconds * mixRate;
    writePiece(samples.subarray(end - pieceSeconds * mixRate, end), seeded(seed * 1_000 + piece));
    ends.push(end);
  }
  return { source: 'made melodies', samples, ends, names: ends.map((_, piece) => `piece ${piece}`) };
}

function writePiece(out: Int16Array, random: () => number): void {
  const sum = new Float32Array(out.length);
  const scale = pick(random, scales);
  const root = 110 * 2 ** (random() * 2);
  const voices = 1 + Math.floor(random() * 4);
  const partials = Array.from({ length: 1 + Math.floor(random() * 5) }, (_, n) => (n === 0 ? 1 : random() / n));
  const decay = random() < 0.5 ? 0 : 1 + random() * 6;
  const beat = 0.1 + random() ** 2 * 0.7;
  const isEven = random() < 0.5;
  const reach = 1 + Math.floor(random() * 3);
  for (let at = 0; at < out.length; ) {
    const seconds = beat * (isEven ? 1 : pick(random, [0.5, 1, 1, 1.5, 2, 4]));
    const length = Math.min(out.length - at, Math.round(seconds * mixRate));
    const rests = random() < 0.06;
    for (let voice = 0; voice < voices && !rests; voice++) {
      const step = pick(random, scale) + 12 * Math.floor(random() * reach);
      addNote(sum, { at, length, hz: root * 2 ** (step / 12), partials, decay });
    }
    at += length;
  }
  for (let at = 0; at < out.length; at++) out[at] = Math.max(-1, Math.min(1, (0.5 * sum[at]!) / voices)) * 32_000;
}

function addNote(
  out: Float32Array,
  { at, length, hz, partials, decay }: { at: number; length: number; hz: number; partials: number[]; decay: number },
): void {
  for (let i = 0; i < length; i++) {
    const time = i / mixRate;
    const edge = Math.min(1, i / 120, (length - i) / 120) * Math.exp(-decay * time);
    for (const [n, loud] of partials.entries())
      if (hz * (n + 1) < 7_000) out[at + i]! += edge * loud * Math.sin(2 * Math.PI * hz * (n + 1) * time);
  }
}
