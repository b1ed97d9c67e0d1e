/** Samples a second of the sound that is listened to. */
const samplesPerSecond = 8_000;
/** 20 ms: shorter than a syllable. */
const frameSamples = 160;
const msOf = (samples: number): number => (1_000 * samples) / samplesPerSecond;

/**
 * The loudest sample of a silent frame: −60 dB of full scale. A microphone that is muted gives digital silence, and a room
 * more than this. What is in doubt is heard.
 */
const silence = 32_768 * 10 ** (-60 / 20);

/** Silence that is shorter does not end a stretch: whoever removes a voice takes a second before and after it. */
const gapMs = 2_000;

/** A stretch in which something is heard, in whole milliseconds from the beginning of the sound. */
export interface HeardStretch {
  readonly startMs: number;
  readonly endMs: number;
}

/** Takes in the samples of one sound, in order of time; `end` says where something is heard, and how long the sound is. */
export function createHeardStretches(): {
  readonly push: (samples: Int16Array) => void;
  readonly end: () => { readonly stretches: HeardStretch[]; readonly durationMs: number };
} {
  const stretches: { startMs: number; endMs: number }[] = [];
  let seen = 0;
  let loudest = 0;
  const endFrame = () => {
    const startMs = msOf(Math.floor((seen - 1) / frameSamples) * frameSamples);
    if (loudest > silence) {
      const last = stretches.at(-1);
      const endMs = Math.ceil(msOf(seen));
      if (last !== undefined && startMs - last.endMs < gapMs) last.endMs = endMs;
      else stretches.push({ startMs, endMs });
    }
    loudest = 0;
  };
  return {
    push(samples) {
      for (const sample of samples) {
        loudest = Math.max(loudest, Math.abs(sample));
        seen += 1;
        if (seen % frameSamples === 0) endFrame();
      }
    },
    end() {
      if (seen % frameSamples !== 0) endFrame();
      return { stretches, durationMs: Math.floor(msOf(seen)) };
    },
  };
}
