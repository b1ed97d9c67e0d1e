/** Samples of the finest step: 10 ms at 8000 a second. */
const finestSamples = 80;
const finestMs = 10;
/** With more points than this, two become one: any length ends with 2000 to 4000 of them, or with all there are. */
const mostPoints = 4_000;

/** The loudest moment of each step of one sound stream, while it is decoded. The step grows with the stream. */
export class Peaks {
  #points: number[] = [];
  #perPoint = finestSamples;
  #loudest = 0;
  #inPoint = 0;
  #samples = 0;

  hear(samples: Int16Array): void {
    this.#samples += samples.length;
    for (const sample of samples) {
      const loud = Math.abs(sample);
      if (loud > this.#loudest) this.#loudest = loud;
      if (++this.#inPoint === this.#perPoint) this.#endPoint();
    }
  }

  get durationMs(): number {
    return Math.round((this.#samples * finestMs) / finestSamples);
  }

  get stepMs(): number {
    return (this.#perPoint / finestSamples) * finestMs;
  }

  /** 0 to 100, in steps of `stepMs`, which is that of this stream or a coarser one. */
  points(stepMs: number): number[] {
    let points = this.#inPoint > 0 ? [...this.#points, this.#loudest] : [...this.#points];
    for (let step = this.stepMs; step < stepMs; step *= 2) points = inPairs(points);
    return points.map((loud) => Math.round((100 * loud) / 32_768));
  }

  #endPoint(): void {
    this.#points.push(this.#loudest);
    this.#loudest = 0;
    this.#inPoint = 0;
    if (this.#points.length < mostPoints) return;
    this.#points = inPairs(this.#points);
    this.#perPoint *= 2;
  }
}

const inPairs = (points: readonly number[]): number[] =>
  Array.from({ length: Math.ceil(points.length / 2) }, (_, place) =>
    Math.max(points[2 * place] ?? 0, points[2 * place + 1] ?? 0),
  );

/** One line for several streams: the loudest of them counts at each moment. */
export function joinPeaks(streams: readonly Peaks[]): { durationMs: number; stepMs: number; peaks: number[] } {
  const stepMs = Math.max(finestMs, ...streams.map((one) => one.stepMs));
  const lines = streams.map((one) => one.points(stepMs));
  const length = Math.max(0, ...lines.map((line) => line.length));
  return {
    durationMs: Math.max(0, ...streams.map((one) => one.durationMs)),
    stepMs,
    peaks: Array.from({ length }, (_, place) => Math.max(...lines.map((line) => line[place] ?? 0))),
  };
}
