import { mixRate, pick } from './sound.ts';

/** Another speed, and height with it: straight lines between samples. */
export function stretchBy(samples: Float32Array, factor: number): Float32Array {
  return Float32Array.from({ length: Math.floor((samples.length - 1) / factor) }, (_, at) => {
    const place = at * factor;
    const whole = Math.floor(place);
    return samples[whole]! + (place - whole) * (samples[whole + 1]! - samples[whole]!);
  });
}

/** A room: echoes at random, ever softer ("velvet noise"); `wet` 1 is as far away as the room lets a voice be. */
export function reverberate(
  samples: Float32Array,
  { seconds, wet, seed }: { seconds: number; wet: number; seed: number },
): Float32Array {
  let state = (seed * 2_654_435_761) >>> 0;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const out = samples.map((sample) => sample * (1 - wet * 0.6));
  const gap = mixRate / 280;
  const decay = Math.log(1_000) / (seconds * mixRate);
  for (let at = mixRate * 0.004; at < seconds * mixRate * 0.8; at += gap * (0.3 + 1.4 * random())) {
    const late = Math.floor(at);
    const gain = wet * 0.42 * Math.exp(-decay * late) * (random() < 0.5 ? -1 : 1);
    for (let i = late; i < out.length; i++) out[i]! += samples[i - late]! * gain;
  }
  // Walls swallow what is high.
  let held = 0;
  for (let at = 0; at < out.length; at++) {
    held += (out[at]! - held) * (1 - 0.45 * wet);
    out[at] = held;
  }
  return out;
}

/** What goes on all the time: hiss of several colours, mains, fans, projectors that never hold quite still, streets. */
export function noiseBed(length: number, random: () => number): Float32Array {
  const out = new Float32Array(length);
  const gain = 10 ** ((-78 + random() * 44) / 20);
  const colour = random();
  let [slow, slower] = [0, 0];
  const sway = 0.05 + random() * 0.4;
  const swing = random() < 0.4 ? random() * 0.8 : 0;
  for (let at = 0; at < length; at++) {
    const white = 2 * random() - 1;
    slow = 0.96 * slow + 0.25 * white;
    slower = 0.997 * slower + 0.08 * white;
    const noise = colour < 0.34 ? white : colour < 0.67 ? slow : 2 * slower;
    out[at] = noise * gain * (1 + swing * Math.sin((2 * Math.PI * sway * at) / mixRate));
  }
  if (random() < 0.35) hum(out, random);
  return out;
}

function hum(out: Float32Array, random: () => number): void {
  const hz = pick(random, [50, 60, 50 * 2 ** (random() * 5.5)]);
  const harmonics = 1 + Math.floor(random() * 6);
  const gain = 10 ** ((-52 + random() * 27) / 20);
  const sway = random() < 0.4 ? random() * 0.01 : 0;
  let phase = 0;
  for (let at = 0; at < out.length; at++) {
    phase += (2 * Math.PI * hz * (1 + sway * Math.sin((2 * Math.PI * 0.3 * at) / mixRate))) / mixRate;
    let value = 0;
    for (let n = 1; n <= harmonics; n++) value += Math.sin(phase * n) / n;
    out[at]! += value * gain;
  }
}

/** Many hands, each at its own pace. */
export function applause(length: number, random: () => number): Float32Array {
  const out = new Float32Array(length);
  const hands = 3 + Math.floor(random() * 40);
  for (let hand = 0; hand < hands; hand++) {
    const pace = (0.16 + random() * 0.2) * mixRate;
    const loud = 0.2 + random() * 0.8;
    const ring = 0.5 + random() * 0.4;
    for (let at = random() * pace; at + 900 < length; at += pace * (0.85 + random() * 0.3)) {
      let held = 0;
      for (let i = 0; i < 800; i++) {
        held = ring * held + (2 * random() - 1);
        out[Math.floor(at) + i]! += loud * held * Math.exp(-i / 90) * 0.2;
      }
    }
  }
  return out;
}

/** One thing that happens in a classroom or on a call. Their levels are the caller's. */
export function events(random: () => number, rate: number): Float32Array {
  return pick(random, [telephone, bell, chair, keys, breath, beeps, clapOnce, laughter])(random, rate);
}

const made = (seconds: number, rate: number, value: (time: number) => number): Float32Array =>
  Float32Array.from({ length: Math.floor(seconds * rate) }, (_, at) => value(at / rate));

/** Two tones that take turns, or sound together, in rings with pauses between them. */
function telephone(random: () => number, rate: number): Float32Array {
  const [low, high] = [350 + random() * 700, 450 + random() * 1_100];
  const warble = random() < 0.5 ? 10 + random() * 15 : 0;
  const [on, off] = [0.4 + random() * 1.6, 0.2 + random() * 3];
  return made(2 + random() * 8, rate, (time) => {
    if (time % (on + off) > on) return 0;
    const [a, b] = [Math.sin(2 * Math.PI * low * time), Math.sin(2 * Math.PI * high * time)];
    return warble === 0 ? a + b : Math.floor(time * warble) % 2 === 0 ? a : b;
  });
}

/** An electric school bell: strokes on metal, 10 to 25 a second. */
function bell(random: () => number, rate: number): Float32Array {
  const partials = Array.from({ length: 6 }, () => ({ hz: 500 + random() * 3_000, loud: random() }));
  const strokes = 10 + random() * 15;
  return made(1 + random() * 6, rate, (time) => {
    const since = (time * strokes) % 1;
    return (
      partials.reduce((sum, { hz, loud }) => sum + loud * Math.sin(2 * Math.PI * hz * time), 0) *
      (0.4 + 0.6 * Math.exp(-4 * since))
    );
  });
}

/** A chair is pushed: it sticks and slips, faster and slower. */
function chair(random: () => number, rate: number): Float32Array {
  const hz = 120 + random() * 500;
  const sweep = (random() - 0.5) * 0.8;
  const seconds = 0.2 + random() * 0.9;
  let phase = 0;
  return made(seconds, rate, (time) => {
    phase += (hz * (1 + (sweep * time) / seconds) * (0.9 + 0.2 * random())) / rate;
    const edge = Math.min(1, time / 0.05, (seconds - time) / 0.05);
    return edge * ((phase % 1) * 2 - 1 + 0.5 * (2 * random() - 1));
  });
}

function keys(random: () => number, rate: number): Float32Array {
  const seconds = 1 + random() * 7;
  const out = new Float32Array(Math.floor(seconds * rate));
  for (let at = 0; at + 1_200 < out.length; at += Math.floor((0.07 + random() ** 2 * 0.4) * rate)) {
    let held = 0;
    const [ring, loud] = [0.2 + random() * 0.5, 0.4 + random() * 0.6];
    for (let i = 0; i < 1_000; i++) {
      held = ring * held + (2 * random() - 1);
      out[at + i]! += loud * held * Math.exp(-i / (40 + 120 * ring));
    }
  }
  return out;
}

/** Air through a nose or over a microphone. */
function breath(random: () => number, rate: number): Float32Array {
  const seconds = 0.4 + random() * 1.2;
  const soft = 0.5 + random() * 0.45;
  let held = 0;
  return made(seconds, rate, (time) => {
    held = soft * held + (2 * random() - 1);
    return held * Math.sin((Math.PI * time) / seconds) ** 2;
  });
}

/** What a meeting tool plays when somebody joins, a device that complains, keys of a telephone. */
function beeps(random: () => number, rate: number): Float32Array {
  const tones = Array.from({ length: 1 + Math.floor(random() * 5) }, () => ({
    hz: 300 + random() * 2_400,
    seconds: 0.05 + random() * 0.4,
  }));
  const total = tones.reduce((sum, { seconds }) => sum + seconds, 0);
  return made(total, rate, (time) => {
    let from = 0;
    for (const { hz, seconds } of tones) {
      if (time < from + seconds)
        return (
          Math.sin(2 * Math.PI * hz * time) *
          Math.min(1, (time - from) / 0.005) *
          Math.exp((-3 * (time - from)) / seconds)
        );
      from += seconds;
    }
    return 0;
  });
}

function clapOnce(random: () => number, rate: number): Float32Array {
  let held = 0;
  const ring = 0.3 + random() * 0.65;
  return made(0.3, rate, (time) => {
    held = ring * held + (2 * random() - 1);
    return held * Math.exp(-time / 0.03);
  });
}

/** Bursts of a voice that falls, five a second. */
function laughter(random: () => number, rate: number): Float32Array {
  const [hz, pace, seconds] = [150 + random() * 350, 4 + random() * 2.5, 0.8 + random() * 2];
  let [phase, low, band] = [0, 0, 0];
  const formant = 0.2 + random() * 0.4;
  return made(seconds, rate, (time) => {
    const within = (time * pace) % 1;
    phase += (hz * (1.2 - 0.3 * within) * (1 - (0.25 * time) / seconds)) / rate;
    const air = 2 * random() - 1;
    const voice = within < 0.55 ? 1 - 2 * (phase % 1) : 0;
    const source = (voice + 0.4 * air) * Math.sin(Math.PI * Math.min(1, within / 0.7)) ** 2;
    // One resonance stands for the mouth.
    low += formant * band;
    band += formant * (source - low - 0.3 * band);
    return band * (1 - (0.7 * time) / seconds);
  });
}
