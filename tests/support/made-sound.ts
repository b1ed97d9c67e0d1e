import { soundRate } from '../../src/detection/sound-map.ts';
import { seeded } from '../eval/sound.ts';

/** Chords of three notes that change every 0.1 to 0.3 seconds: the same for the same seed, and like no other. */
export function madeMusic(seed: number, seconds: number): Float32Array {
  const random = seeded(seed);
  const samples = new Float32Array(Math.round(seconds * soundRate));
  for (let at = 0; at < samples.length; ) {
    const length = Math.min(samples.length - at, Math.round((0.1 + random() * 0.2) * soundRate));
    const notes = [0, 1, 2].map(() => 220 * 2 ** (Math.floor(random() * 46) / 12));
    for (let i = 0; i < length; i++) {
      const fade = Math.min(1, i / 80, (length - i) / 80);
      for (const hz of notes) samples[at + i]! += 0.1 * fade * Math.sin((2 * Math.PI * hz * i) / soundRate);
    }
    at += length;
  }
  return samples;
}

export function madeNoise(seed: number, seconds: number, level: number): Float32Array {
  const random = seeded(seed);
  return Float32Array.from({ length: Math.round(seconds * soundRate) }, () => (2 * random() - 1) * level);
}

export const toInt16 = (samples: Float32Array): Int16Array =>
  Int16Array.from(samples, (sample) => Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_767))));

/** `piece` on top of `bed`, from `atSeconds` on. */
export function mixed(bed: Float32Array, piece: Float32Array, atSeconds: number, gain = 1): Float32Array {
  const out = bed.slice();
  const at = Math.round(atSeconds * soundRate);
  piece.forEach((sample, i) => {
    if (at + i < out.length) out[at + i]! += sample * gain;
  });
  return out;
}
