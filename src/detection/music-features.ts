import { pitches } from './sound-map.ts';

/** Frames of 32 ms in a second and in the two seconds that are described at once. */
export const framesPerSecond = 31;
const windowFrames = 2 * framesPerSecond;
const bands = 12;
const pitchesPerBand = pitches / bands;
/** A pitch stands out if it is this many dB above those around it. */
const ridgeDb = 6;
/** Sound below this level is silence. dB of the power of 16-bit samples. */
const silenceDb = 62;

/** Names of the values of one second, in order; `music-model.json` is trained on exactly these. */
export const featureNames: readonly string[] = [
  ...Array.from({ length: bands }, (_, band) => `deviation of band ${band}`),
  ...Array.from({ length: bands }, (_, band) => `change of band ${band}`),
  ...['deviation of level', 'share of pauses', 'change of level', 'syllables (3-6 Hz)', 'slow changes (0.5-2 Hz)'],
  ...['tones of 0.2 s', 'tones of 0.4 s', 'tones of 0.8 s', 'glides', 'tones at once', 'height of tones'],
  ...['centre', 'deviation of centre', 'flux', 'beat', 'bands together', 'tones in the upper half'],
  ...['fall to the quiet third', 'tones in the quiet third', 'held tones in the quiet third'],
  ...['height of tones in the quiet third', 'tones of the floor', 'height of the floor', 'glides together'],
  ...['share of tones in the sound'],
];

export interface SecondOfSound {
  readonly values: Float32Array;
  readonly isSilent: boolean;
  /** Of each pitch, for how many of the frames it is part of a tone that is held for 0.16 s. */
  readonly notes: Uint8Array;
  /** How much louder each frame of the first of the two seconds is than the one before. */
  readonly onsets: Float32Array;
}

/**
 * Describes sound second by second, from the levels of `createSoundMapper`; each second by the two seconds around it.
 */
export function createMusicFeatures(): { push(level: Float32Array): void; end(): SecondOfSound[] } {
  const recent: Frame[] = [];
  const seconds: SecondOfSound[] = [];
  const findTones = createToneFinder();
  return {
    push(level) {
      recent.push(frameOf(level, findTones(level)));
      if (recent.length < windowFrames) return;
      seconds.push(describe(recent));
      recent.splice(0, framesPerSecond);
    },
    end() {
      if (recent.length > framesPerSecond / 2 && seconds.length === 0) seconds.push(describe(recent));
      else if (recent.length > framesPerSecond) seconds.push(describe(recent));
      return seconds;
    },
  };
}

interface Frame {
  readonly level: Float32Array;
  /** Of each pitch: `tone` if it stands out, `humming` if it always does, 0 if it does not. */
  readonly tones: Uint8Array;
  /** Of the whole frame, in dB. */
  readonly total: number;
  /** Where the sound lies, in pitches. */
  readonly centre: number;
  /** Share of the power that the tones have. */
  readonly toneShare: number;
}
const tone = 1;
const humming = 2;

function frameOf(level: Float32Array, tones: Uint8Array): Frame {
  let [sum, weighted, power, ofTones] = [0, 0, 0, 0];
  for (let pitch = 0; pitch < pitches; pitch++) {
    const amplitude = 10 ** (level[pitch]! / 20);
    sum += amplitude;
    weighted += amplitude * pitch;
    power += amplitude ** 2;
    if (tones[pitch] === tone) ofTones += amplitude ** 2;
  }
  return {
    level: level.slice(),
    tones,
    total: 10 * Math.log10(power),
    centre: weighted / sum,
    toneShare: ofTones / power,
  };
}

/**
 * Frames over which the finder counts how often a pitch stands out (ten seconds); one that does in `humShare` of them
 * is the hum of a machine.
 */
const humFrames = 310;
const humShare = 0.6;
const leastFrames = 155;

/** Tones of one frame after the other, without those that never end: fans, projectors, mains and their harmonics. */
function createToneFinder(): (level: Float32Array) => Uint8Array {
  const often = new Float32Array(pitches);
  let weight = 0;
  let count = 0;
  return (level) => {
    const tones = new Uint8Array(pitches);
    weight += (1 - weight) / humFrames;
    count += 1;
    for (let pitch = 0; pitch < pitches; pitch++) {
      const stands = isRidge(level, pitch);
      often[pitch]! += ((stands ? 1 : 0) - often[pitch]!) / humFrames;
      const hums = count >= leastFrames && often[pitch]! / weight >= humShare;
      if (hums) tones[pitch] = humming;
      else if (stands) tones[pitch] = tone;
    }
    return tones;
  };
}

function describe(both: readonly Frame[]): SecondOfSound {
  const frames = both.map(({ level }) => level);
  const bandLevels = Array.from({ length: bands }, (_, band) => frames.map((level) => bandMean(level, band)));
  const levels = both.map(({ total }) => total);
  const steps = bandLevels.map(changes);
  const held = heldTones(both);
  const values = [
    ...bandLevels.map(deviation),
    ...steps.map((each) => mean(each.map(Math.abs))),
    ...levelValues(levels),
    ...toneValues(both),
    ...shapeValues(both),
    beat(mean2(steps)),
    together(steps),
    upperTones(both),
    ...quietValues(both, levels, held),
    ...floorValues(both),
    glidesTogether(both),
    mean(both.map((frame) => frame.toneShare)),
  ];
  return {
    values: Float32Array.from(values),
    isSilent: Math.max(...levels) < silenceDb,
    notes: notesOf(held),
    onsets: Float32Array.from([0, ...mean2(steps).slice(0, framesPerSecond - 1)], (step) => Math.max(0, step)),
  };
}

function bandMean(level: Float32Array, band: number): number {
  let sum = 0;
  for (let pitch = band * pitchesPerBand; pitch < (band + 1) * pitchesPerBand; pitch++) sum += level[pitch]!;
  return sum / pitchesPerBand;
}

function levelValues(levels: readonly number[]): number[] {
  const top = Math.max(...levels);
  const power = (from: number, until: number) => {
    let sum = 0;
    for (let k = from; k <= until; k++) sum += modulation(levels, k);
    return sum;
  };
  // Half a hertz a step: the window is two seconds.
  const whole = power(1, 30) + 1e-6;
  return [
    deviation(levels),
    levels.filter((level) => level < top - 20).length / levels.length,
    mean(changes(levels).map(Math.abs)),
    power(6, 12) / whole,
    power(1, 4) / whole,
  ];
}

function modulation(levels: readonly number[], k: number): number {
  const middle = mean(levels);
  const { length } = levels;
  const { cosines, sines } = turns(length);
  let [re, im] = [0, 0];
  for (let at = 0; at < length; at++) {
    const turn = (k * at) % length;
    re += (levels[at]! - middle) * cosines[turn]!;
    im += (levels[at]! - middle) * sines[turn]!;
  }
  return re * re + im * im;
}

const turns = memoised((length) => ({
  cosines: Float64Array.from({ length }, (_, at) => Math.cos((2 * Math.PI * at) / length)),
  sines: Float64Array.from({ length }, (_, at) => Math.sin((2 * Math.PI * at) / length)),
}));

function memoised<T>(make: (length: number) => T): (length: number) => T {
  let last: { length: number; made: T } | null = null;
  return (length) => {
    if (last?.length !== length) last = { length, made: make(length) };
    return last.made;
  };
}

const isRidge = (level: Float32Array, pitch: number): boolean => {
  const value = level[pitch]!;
  const [low, high] = [level[pitch - 1] ?? -Infinity, level[pitch + 1] ?? -Infinity];
  if (low > value || high >= value) return false;
  let [sum, count] = [0, 0];
  for (let near = Math.max(0, pitch - 5); near <= Math.min(pitches - 1, pitch + 5); near++) {
    sum += level[near]!;
    count += 1;
  }
  return value - sum / count >= ridgeDb;
};

/** How long tones hold their pitch, how often they glide, how many there are and how far they stand out. */
function toneValues(frames: readonly Frame[]): number[] {
  const held = new Uint16Array(pitches);
  const lasting: [number, number, number] = [0, 0, 0];
  let [ridges, stayed, moved, height] = [0, 0, 0, 0];
  const close = (pitch: number) => {
    const length = held[pitch]!;
    if (length >= 6) lasting[0] += length;
    if (length >= 12) lasting[1] += length;
    if (length >= 25) lasting[2] += length;
    held[pitch] = 0;
  };
  let before: Uint8Array = new Uint8Array(pitches);
  for (const { level, tones } of frames) {
    for (let pitch = 0; pitch < pitches; pitch++) {
      if (tones[pitch] !== tone) {
        close(pitch);
        continue;
      }
      ridges += 1;
      height += level[pitch]! - (level[Math.max(0, pitch - 3)]! + level[Math.min(pitches - 1, pitch + 3)]!) / 2;
      if (before[pitch] === tone) stayed += 1;
      else if (before[pitch - 1] === tone || before[pitch + 1] === tone) moved += 1;
      held[pitch]! += 1;
    }
    before = tones;
  }
  for (let pitch = 0; pitch < pitches; pitch++) close(pitch);
  const of = Math.max(1, ridges);
  return [
    ...lasting.map((each) => each / of),
    moved / Math.max(1, moved + stayed),
    ridges / frames.length,
    height / of,
  ];
}

/** Where the sound lies, how far that moves, and how much new sound comes from frame to frame. */
function shapeValues(both: readonly Frame[]): number[] {
  const centres = both.map(({ centre }) => centre);
  const frames = both.map(({ level }) => level);
  let flux = 0;
  for (let at = 1; at < frames.length; at++)
    for (let pitch = 0; pitch < pitches; pitch++) flux += Math.max(0, frames[at]![pitch]! - frames[at - 1]![pitch]!);
  return [mean(centres) / pitches, deviation(centres) / pitches, flux / (pitches * frames.length)];
}

/** How far the onsets repeat after a quarter to a whole second. */
function beat(steps: readonly number[]): number {
  const onsets = steps.map((step) => Math.max(0, step));
  const middle = mean(onsets);
  const centred = onsets.map((onset) => onset - middle);
  const whole = centred.reduce((sum, value) => sum + value * value, 1e-6);
  let best = 0;
  for (let lag = 8; lag <= framesPerSecond; lag++) {
    let sum = 0;
    for (let at = lag; at < centred.length; at++) sum += centred[at]! * centred[at - lag]!;
    best = Math.max(best, (sum / whole) * (centred.length / (centred.length - lag)));
  }
  return best;
}

/** A voice moves all bands together; instruments do not. */
function together(steps: readonly (readonly number[])[]): number {
  const common = deviation(mean2(steps)) ** 2;
  return common / (mean(steps.map((each) => deviation(each) ** 2)) + 1e-6);
}

function upperTones(frames: readonly Frame[]): number {
  let [upper, all] = [0, 0];
  for (const { tones } of frames) {
    for (let pitch = 0; pitch < pitches; pitch++) {
      if (tones[pitch] !== tone) continue;
      all += 1;
      if (pitch >= pitches / 2) upper += 1;
    }
  }
  return upper / Math.max(1, all);
}

/** Frames that a tone is held for at least to be a note. */
const noteFrames = 5;

/** Of each frame and pitch, whether it is part of a tone that is held. */
function heldTones(frames: readonly Frame[]): Uint8Array[] {
  const held = frames.map(() => new Uint8Array(pitches));
  for (let pitch = 0; pitch < pitches; pitch++) {
    let from = 0;
    for (let at = 0; at <= frames.length; at++) {
      if (frames[at]?.tones[pitch] === tone) continue;
      if (at - from >= noteFrames) for (let within = from; within < at; within++) held[within]![pitch] = 1;
      from = at + 1;
    }
  }
  return held;
}

function notesOf(held: readonly Uint8Array[]): Uint8Array {
  const notes = new Uint8Array(pitches);
  for (const frame of held) for (let pitch = 0; pitch < pitches; pitch++) notes[pitch]! += frame[pitch]!;
  return notes;
}

/** What is heard while the voice is softest: between syllables, nothing but what lies under it. */
function quietValues(frames: readonly Frame[], levels: readonly number[], held: readonly Uint8Array[]): number[] {
  const order = levels.map((_, at) => at).sort((a, b) => levels[a]! - levels[b]!);
  const third = Math.max(1, Math.floor(order.length / 3));
  const [quiet, loud] = [order.slice(0, third), order.slice(-third)];
  let [count, long, height] = [0, 0, 0];
  for (const at of quiet) {
    const { level, tones } = frames[at]!;
    for (let pitch = 0; pitch < pitches; pitch++) {
      if (tones[pitch] !== tone) continue;
      count += 1;
      long += held[at]![pitch]!;
      height += level[pitch]! - (level[Math.max(0, pitch - 3)]! + level[Math.min(pitches - 1, pitch + 3)]!) / 2;
    }
  }
  const levelOf = (of: readonly number[]) => mean(of.map((at) => levels[at]!));
  return [levelOf(loud) - levelOf(quiet), count / third, long / third, height / Math.max(1, count)];
}

/** Tones in what a pitch does not fall below for three quarters of half a second: those that lie under a voice. */
function floorValues(frames: readonly Frame[]): number[] {
  const size = Math.max(4, Math.floor(frames.length / 4));
  const floor = new Float32Array(pitches);
  const sorted = new Float32Array(size);
  let [count, height, blocks] = [0, 0, 0];
  for (let from = 0; from + size <= frames.length; from += size) {
    for (let pitch = 0; pitch < pitches; pitch++) {
      for (let at = 0; at < size; at++) sorted[at] = frames[from + at]!.level[pitch]!;
      floor[pitch] = sorted.sort()[size >> 2]!;
    }
    const last = frames[from + size - 1]!.tones;
    for (let pitch = 0; pitch < pitches; pitch++) {
      if (last[pitch] === humming || !isRidge(floor, pitch)) continue;
      count += 1;
      height += floor[pitch]! - (floor[Math.max(0, pitch - 3)]! + floor[Math.min(pitches - 1, pitch + 3)]!) / 2;
    }
    blocks += 1;
  }
  return [count / Math.max(1, blocks), height / Math.max(1, count)];
}

/** The harmonics of a voice glide in the same direction; voices of instruments do not. */
function glidesTogether(frames: readonly Frame[]): number {
  let [together, all] = [0, 0];
  for (let at = 1; at < frames.length; at++) {
    const [before, now] = [frames[at - 1]!.tones, frames[at]!.tones];
    let [up, down] = [0, 0];
    for (let pitch = 0; pitch < pitches; pitch++) {
      if (now[pitch] !== tone || before[pitch] === tone) continue;
      if (before[pitch - 1] === tone) up += 1;
      else if (before[pitch + 1] === tone) down += 1;
    }
    together += Math.abs(up - down);
    all += up + down;
  }
  return together / Math.max(1, all);
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const changes = (values: readonly number[]): number[] => values.slice(1).map((value, at) => value - values[at]!);
/** The mean over several rows, place by place. */
const mean2 = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.map((_, at) => mean(rows.map((row) => row[at]!)));

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}
