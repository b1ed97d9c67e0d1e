import { createPowerSpectrum } from './fft.ts';

/** Sound is analysed as mono samples at this rate, in windows of 128 ms that move on by 32 ms. */
export const soundRate = 8_000;
const windowSamples = 1_024;
const hopSamples = 256;
export const frameMs = (hopSamples / soundRate) * 1_000;

/** Pitches from 220 Hz to 3.5 kHz, 24 to an octave: the range that speech codecs keep and a telephone still passes. */
export const pitches = 96;
const lowestHz = 220;
const pitchesPerOctave = 24;

/** One place in time and pitch where a sound stands out. */
export interface Peak {
  /** In frames of 32 ms. */
  readonly frame: number;
  /** 0 to 95. */
  readonly pitch: number;
  readonly salience: number;
}

/** Data kept of a sound during the analysis: about 10 MB for an hour. */
export interface SoundMap {
  readonly frames: number;
  /**
   * `frames × 96` values, frame by frame: how many tenths of a dB a pitch is louder than the pitches around it, less
   * its mean over the 0.8 s around; within ±120. Steady tones, hiss and the colour of a room leave nothing.
   */
  readonly salience: Int8Array;
  /** The strongest 40 of each second, in order of time. */
  readonly peaks: readonly Peak[];
}

export interface SoundMapper {
  /** Samples as they come, any number at a time. */
  push(samples: Int16Array): void;
  end(): SoundMap;
}

const reachPitches = 6;
const reachFrames = 12;
/** Power below this (about 100 dB under the loudest tone) is only the rounding of samples. */
const powerFloor = 1e4;
export const salienceLimit = 120;
const peaksPerSecond = 40;
const framesPerSecond = Math.round(1_000 / frameMs);

/**
 * Takes sound in and gives its map at the end. One pass; holds the map and one second more. `onLevels` gets the level
 * of each pitch in dB, frame by frame, in an array that the next frame reuses.
 */
export function createSoundMapper(onLevels?: (level: Float32Array) => void): SoundMapper {
  const levels = createPitchLevels();
  const whitened = new Rows(Float32Array);
  const means = new Float64Array(pitches);
  const salience = new Rows(Int8Array);
  /** Frame `at` less its mean over the frames around it, of which there are `from` to `until`. */
  const settle = (at: number) => {
    const from = Math.max(0, at - reachFrames);
    const until = Math.min(whitened.count, at + reachFrames + 1);
    const row = whitened.row(at);
    const out = salience.add();
    means.fill(0);
    for (let near = from; near < until; near++) {
      const other = whitened.row(near);
      for (let pitch = 0; pitch < pitches; pitch++) means[pitch]! += other[pitch]!;
    }
    for (let pitch = 0; pitch < pitches; pitch++) {
      const tenths = Math.round((row[pitch]! - means[pitch]! / (until - from)) * 10);
      out[pitch] = Math.max(-salienceLimit, Math.min(salienceLimit, tenths));
    }
  };
  const takeLevels = (level: Float32Array) => {
    onLevels?.(level);
    whiten(level, whitened.add());
    if (whitened.count > reachFrames) settle(whitened.count - 1 - reachFrames);
  };
  return {
    push: (samples) => levels.push(samples, takeLevels),
    end() {
      for (let at = salience.count; at < whitened.count; at++) settle(at);
      const map = { frames: salience.count, salience: salience.all() };
      return { ...map, peaks: findPeaks(map) };
    },
  };
}

/** Level of each pitch in dB, frame by frame. */
function createPitchLevels() {
  const spectrum = createPowerSpectrum(windowSamples);
  const shape = Float32Array.from(
    { length: windowSamples },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * (at + 0.5)) / windowSamples),
  );
  const binOf = (pitch: number) => (lowestHz * 2 ** (pitch / pitchesPerOctave) * windowSamples) / soundRate;
  const bands = Array.from({ length: pitches }, (_, pitch) => {
    const from = Math.round(binOf(pitch - 0.5));
    return { from, to: Math.max(from, Math.round(binOf(pitch + 0.5)) - 1) };
  });
  const buffer = new Float32Array(windowSamples);
  const shaped = new Float32Array(windowSamples);
  const level = new Float32Array(pitches);
  let filled = 0;
  const readFrame = () => {
    for (let at = 0; at < windowSamples; at++) shaped[at] = buffer[at]! * shape[at]!;
    const power = spectrum(shaped);
    for (let pitch = 0; pitch < pitches; pitch++) {
      const { from, to } = bands[pitch]!;
      let strongest = powerFloor;
      for (let bin = from; bin <= to; bin++) if (power[bin]! > strongest) strongest = power[bin]!;
      level[pitch] = 10 * Math.log10(strongest);
    }
  };
  return {
    push(samples: Int16Array, take: (level: Float32Array) => void) {
      for (let at = 0; at < samples.length; ) {
        const count = Math.min(windowSamples - filled, samples.length - at);
        for (let i = 0; i < count; i++) buffer[filled + i] = samples[at + i]!;
        filled += count;
        at += count;
        if (filled < windowSamples) continue;
        readFrame();
        take(level);
        buffer.copyWithin(0, hopSamples);
        filled = windowSamples - hopSamples;
      }
    },
  };
}

/** Subtracts from each pitch the mean of the pitches around it. */
function whiten(level: Float32Array, out: Float32Array): void {
  let [sum, from, until] = [0, 0, 0];
  for (let pitch = 0; pitch < pitches; pitch++) {
    while (until < Math.min(pitches, pitch + reachPitches + 1)) sum += level[until++]!;
    while (from < pitch - reachPitches) sum -= level[from++]!;
    out[pitch] = level[pitch]! - sum / (until - from);
  }
}

/** Local maxima over two frames and one pitch on either side, the strongest 40 of each second. */
export function findPeaks({ frames, salience }: { frames: number; salience: Int8Array }): Peak[] {
  const peaks: Peak[] = [];
  for (let second = 0; second < frames; second += framesPerSecond) {
    const found: Peak[] = [];
    for (let frame = second; frame < Math.min(frames, second + framesPerSecond); frame++) {
      for (let pitch = 0; pitch < pitches; pitch++) {
        const value = salience[frame * pitches + pitch]!;
        if (value > 20 && isPeak(salience, frames, frame, pitch, value)) found.push({ frame, pitch, salience: value });
      }
    }
    found.sort((a, b) => b.salience - a.salience);
    peaks.push(...found.slice(0, peaksPerSecond).sort((a, b) => a.frame - b.frame || a.pitch - b.pitch));
  }
  return peaks;
}

function isPeak(salience: Int8Array, frames: number, frame: number, pitch: number, value: number): boolean {
  for (let near = Math.max(0, frame - 2); near <= Math.min(frames - 1, frame + 2); near++) {
    for (let beside = Math.max(0, pitch - 1); beside <= Math.min(pitches - 1, pitch + 1); beside++) {
      const other = salience[near * pitches + beside]!;
      const isEarlier = near < frame || (near === frame && beside < pitch);
      if (other > value || (other === value && isEarlier)) return false;
    }
  }
  return true;
}

/** Rows of 96 numbers in one array that grows. */
class Rows<Numbers extends Float32Array | Int8Array> {
  readonly #create: new (
    size: number,
  ) => Numbers;
  #values: Numbers;
  count = 0;

  constructor(create: new (size: number) => Numbers) {
    this.#create = create;
    this.#values = new create(pitches * 1_024);
  }

  add(): Numbers {
    if ((this.count + 1) * pitches > this.#values.length) {
      const grown = new this.#create(this.#values.length * 2);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.count += 1;
    return this.row(this.count - 1);
  }

  row(at: number): Numbers {
    return this.#values.subarray(at * pitches, (at + 1) * pitches) as Numbers;
  }

  all(): Numbers {
    return this.#values.slice(0, this.count * pitches) as Numbers;
  }
}
