import type { MediaStream, NotAnalysed } from '../../pipeline/ports/media.ts';

/** The stderr of ffmpeg while it decodes, line by line and in order. */
export interface AnalysisLog {
  readonly read: (line: string) => void;
  /** End of the last frame of a stream; 0 when none was decoded. */
  endMs(stream: number): number;
  /** Beginning of the last frame of a stream. */
  lastMs(stream: number): number;
  /** How many frames of a stream came out of its decoder. */
  frames(stream: number): number;
  isSilent(stream: number): boolean;
  /** The next picture that a filter named `picture` or `page` passed on: its time and size. Null when no more come. */
  nextPicture(of: PictureOutput, stream: number): Promise<PassedPicture | null>;
  /** No further line will come. */
  end(): void;
  /** Stretches around the errors, no later than `wholeMs`. */
  damage(wholeMs: number): NotAnalysed[];
}

export type PictureOutput = 'picture' | 'page';

export interface PassedPicture {
  readonly atMs: number;
  readonly width: number;
  readonly height: number;
}

/** A stream whose loudest sample is below this holds no sound: dithered silence and codec noise lie under it. */
const silenceDb = -60;
/** Frames leave a decoder late and out of step with its complaints: this much on either side is not trusted. */
const marginMs = 1_000;

/**
 * Complaints about our request, not about the file: timestamps handed to our own outputs, guessed durations, oversized
 * messages inside H.264 that hold no picture, and ID3 tags that an MP3 decoder is shown as a frame.
 */
const harmless = [
  /non monotonically increasing dts/,
  /Estimating duration from bitrate/,
  /SEI type \d+ size \d+ truncated/,
  /Could not update timestamps/,
  /Finishing stream .* without any data/,
  /deprecated/,
];

/** Warnings that mean lost content although ffmpeg goes on. */
const alarming = [
  /corrupt decoded frame/,
  /File ended prematurely/,
  /partial file/,
  /Packet corrupt/,
  /Truncat/i,
  /concealing/,
];

const level = /\[(info|warning|error|fatal|panic)\] /;
const passed =
  /^\[showinfo@(picture|page)(\d+) @ [^\]]*\] \[info\] n: *\d+ +pts: *\S+ +pts_time:(\S+).* s:(\d+)x(\d+) /;
const frame = /^\[a?showinfo@s(\d+) @ [^\]]*\] \[info\] n: *\d+ +pts: *\S+ +pts_time:(-?[\d.]+|NOPTS)/;

export function createAnalysisLog(streams: readonly MediaStream[]): AnalysisLog {
  const clocks = new Map(streams.map((stream) => [stream.index, { frames: 0, lastMs: 0, stepMs: 0, endMs: 0 }]));
  const loudestDb = new Map<number, number>();
  const pictures = new Map<string, Queue<PassedPicture>>();
  const picturesOf = (name: string) => {
    const queue = pictures.get(name) ?? new Queue<PassedPicture>();
    pictures.set(name, queue);
    if (ended) queue.end();
    return queue;
  };
  let ended = false;
  const errors: { stream: number | null; atMs: number; why: string }[] = [];

  const readFrame = (line: string): boolean => {
    const match = frame.exec(line);
    const clock = clocks.get(Number(match?.[1]));
    if (match === null || clock === undefined) return false;
    // A frame without a time of its own follows the one before.
    const atMs = match[2] === 'NOPTS' ? clock.endMs : Number(match[2]) * 1000;
    clock.frames += 1;
    const samples = Number(/nb_samples:(\d+)/.exec(line)?.[1]);
    const rate = Number(/rate:(\d+)/.exec(line)?.[1]);
    if (atMs > clock.lastMs) clock.stepMs = atMs - clock.lastMs;
    clock.lastMs = atMs;
    clock.endMs = Math.max(clock.endMs, atMs + (samples > 0 && rate > 0 ? (samples / rate) * 1000 : clock.stepMs));
    return true;
  };

  const readPassed = (line: string): boolean => {
    if (!line.startsWith('[showinfo@p')) return false;
    const match = passed.exec(line);
    // Other lines of the filter about a picture (side data, colours) are no errors.
    if (match === null) return true;
    const [, of, stream, seconds, width, height] = match;
    const atMs = Math.max(0, Math.round(Number(seconds) * 1000));
    picturesOf(`${of}${stream}`).add({
      // A picture without a time of its own (`NOPTS`) gets the time of the last decoded frame.
      atMs: Number.isFinite(atMs) ? atMs : Math.round(latest(clocks)),
      width: Number(width),
      height: Number(height),
    });
    return true;
  };

  const readError = (line: string): void => {
    const severity = level.exec(line)?.[1];
    const text = line.replace(/^(\[[^\]]*\] ?)+/, '');
    if (severity === 'info' || severity === undefined || harmless.some((pattern) => pattern.test(text))) return;
    if (severity === 'warning' && !alarming.some((pattern) => pattern.test(text))) return;
    for (const stream of streamsConcerned(line, streams)) {
      const atMs = stream === null ? latest(clocks) : (clocks.get(stream)?.lastMs ?? 0);
      const previous = errors.findLast((error) => error.stream === stream);
      // One entry per half second and stream is enough; a broken file can complain a million times.
      if (previous === undefined || Math.abs(atMs - previous.atMs) >= 500)
        errors.push({ stream, atMs, why: text.slice(0, 200) });
    }
  };

  return {
    read: (line) => {
      if (line.startsWith('[') && !readFrame(line) && !readPassed(line)) {
        const volume = /^\[volumedetect@s(\d+) @ .*max_volume: (-?[\d.]+|-inf) dB/.exec(line);
        if (volume !== null) loudestDb.set(Number(volume[1]), volume[2] === '-inf' ? -Infinity : Number(volume[2]));
        else readError(line);
      }
    },
    endMs: (stream) => Math.round(clocks.get(stream)?.endMs ?? 0),
    lastMs: (stream) => Math.round(clocks.get(stream)?.lastMs ?? 0),
    frames: (stream) => clocks.get(stream)?.frames ?? 0,
    isSilent: (stream) => (loudestDb.get(stream) ?? -Infinity) <= silenceDb,
    nextPicture: (of, stream) => picturesOf(`${of}${stream}`).next(),
    end: () => {
      ended = true;
      for (const queue of pictures.values()) queue.end();
    },
    damage: (wholeMs) =>
      errors.map(({ stream, atMs, why }) => ({
        stream,
        startMs: Math.round(Math.max(0, Math.min(atMs, wholeMs) - marginMs)),
        endMs: Math.round(Math.max(Math.min(atMs + marginMs + (clocks.get(stream ?? -1)?.stepMs ?? 0), wholeMs), 0)),
        why: 'DAMAGED',
        detail: why,
      })),
  };
}

const latest = (clocks: ReadonlyMap<number, { lastMs: number }>): number =>
  Math.max(0, ...[...clocks.values()].map((clock) => clock.lastMs));

/**
 * The streams that a complaint is about: the one it names, else all streams of the codec that complains, else the whole
 * file. ffmpeg 4–6 write `stream #0:1`, ffmpeg 7 writes `[aist#0:1/aac @ …]`, and decoders write `[aac @ …]`.
 */
function streamsConcerned(line: string, streams: readonly MediaStream[]): (number | null)[] {
  const named =
    /(?:stream #?|[av]ist#)0:(\d+)/.exec(line)?.[1] ??
    /in stream (\d+)|\(stream = (\d+)/.exec(line)?.slice(1).find(Boolean);
  if (named !== undefined) return [Number(named)];
  const decoder = /^\[(?:dec:)?([A-Za-z0-9_]+) @ /.exec(line)?.[1]?.replace(/^lib(dav1d|aom)$/, 'av1');
  const ofCodec = streams.filter((stream) => stream.codec !== null && decoder?.startsWith(stream.codec));
  return ofCodec.length > 0 ? ofCodec.map((stream) => stream.index) : [null];
}

/** First in, first out; a reader of an empty queue waits. */
class Queue<Item> {
  readonly #items: Item[] = [];
  readonly #waiting: ((item: Item | null) => void)[] = [];
  #ended = false;

  add(item: Item): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#items.push(item);
    else waiting(item);
  }

  next(): Promise<Item | null> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve(item);
    return this.#ended ? Promise.resolve(null) : new Promise((resolve) => this.#waiting.push(resolve));
  }

  end(): void {
    this.#ended = true;
    for (const waiting of this.#waiting.splice(0)) waiting(null);
  }
}
