import { descriptorWords } from '../../detection/keypoints/descriptor.ts';
import { KeypointsSeen, octaves } from '../../detection/keypoints/standing-keypoints.ts';
import { PartsSeen, wordsEach } from '../../detection/parts-seen.ts';
import { findPeaks, frameMs, pitches } from '../../detection/sound-map.ts';
import { bool, list, number, object, oneOf, orNull, type Reader, text } from '../../domain/json.ts';
import { mustHave } from '../../domain/must-have.ts';
import { notAnalysedCodes } from '../../domain/not-analysed.ts';
import type { MediaProbe } from '../ports/media.ts';
import type { Measured } from './measure-recording.ts';

/** Octets say something else than what a runner may have measured. The message names the place, for the operator. */
export class MeasuredMalformed extends Error {
  override readonly name = 'MeasuredMalformed';
}

const kinds = { i8: Int8Array, u8: Uint8Array, u32: Uint32Array, f64: Float64Array } as const;
type Kind = keyof typeof kinds;
/** A list of numbers that stands behind the JSON: its kind, and how many. */
type Placed = { readonly kind: Kind; readonly count: number };
type Numbers = InstanceType<(typeof kinds)[Kind]>;

/** Maximum numbers of what a recording may hold: beyond them a result is refused. */
const most = { streams: 64, stretches: 20_000, letters: 20_000, keypoints: 2_100_000, headBytes: 64 * 2 ** 20 };
/** Sound goes on a little behind what is counted as decoded. */
const slackMs = 60_000;

/** Octets of what was measured: the length of a JSON text, that text, and the lists of numbers that it names in their order. */
export function packMeasured({ features, watched, read }: Measured): Buffer[] {
  const lists: Buffer[] = [];
  const put = (kind: Kind, values: ArrayLike<number>): Placed => {
    const array = kinds[kind].from(values);
    lists.push(Buffer.from(array.buffer, array.byteOffset, array.byteLength));
    return { kind, count: array.length };
  };
  const byStream = <Value, Kept>(streams: ReadonlyMap<number, Value>, keep: (value: Value) => Kept) =>
    [...streams].map(([stream, value]) => ({ stream, value: keep(value) }));
  const head = {
    analysedDurationMs: features.analysedDurationMs,
    fingerprints: features.fingerprints.map(({ stream, silent, fingerprint }) => ({
      stream,
      silent,
      values: put('u32', fingerprint),
    })),
    subtitles: features.subtitles,
    notAnalysed: features.notAnalysed,
    sounds: byStream(watched.sounds, ({ frames, salience }) => ({ frames, salience: put('i8', salience) })),
    music: byStream(watched.music, (stretches) => stretches),
    films: byStream(watched.films, (stretches) => stretches),
    notices: byStream(read.notices, (stretches) => stretches),
    pictures: byStream(watched.pictures, ({ kept: { width, height, words } }) => ({
      width,
      height,
      words: put('u32', words),
    })),
    keypoints: byStream(watched.keypoints, (seen) => ({
      width: seen.width,
      height: seen.height,
      fullSinceMs: seen.fullSinceMs,
      octaves: put('u8', seen.octaves),
      xs: put('u32', seen.xs),
      ys: put('u32', seen.ys),
      startsMs: put('f64', seen.startsMs),
      endsMs: put('f64', seen.endsMs),
      words: put('u32', seen.words.subarray(0, seen.count * descriptorWords)),
    })),
    unread: read.notAnalysed,
  };
  const json = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);
  return [length, json, ...lists];
}

const range = { startMs: number, endMs: number };
const place = object({ x: number, y: number, width: number, height: number });
const placed: Reader<Placed> = object({ kind: oneOf(Object.keys(kinds) as Kind[]), count: number });
const missed = list(object({ stream: orNull(number), ...range, why: oneOf(notAnalysedCodes) }, { detail: text }));
const perStream = <T>(value: Reader<T>) => list(object({ stream: number, value }));
const readHead = object({
  analysedDurationMs: number,
  fingerprints: list(object({ stream: number, silent: bool, values: placed })),
  subtitles: list(object({ stream: number, ...range, text })),
  notAnalysed: missed,
  sounds: perStream(object({ frames: number, salience: placed })),
  music: perStream(list(object({ ...range, confidence: number }))),
  films: perStream(list(object({ ...range, cuts: number, confidence: number, place }))),
  notices: perStream(
    list(
      object(
        { ...range, kind: oneOf(['rights_notice', 'watched_name'] as const), text, confidence: number, place },
        { name: text },
      ),
    ),
  ),
  pictures: perStream(object({ width: number, height: number, words: placed })),
  keypoints: perStream(
    object({
      width: number,
      height: number,
      fullSinceMs: orNull(number),
      octaves: placed,
      xs: placed,
      ys: placed,
      startsMs: placed,
      endsMs: placed,
      words: placed,
    }),
  ),
  unread: missed,
});

/**
 * The reverse of `packMeasured`, of octets that a runner sent: nothing is taken for granted. Streams are those of the file, lists
 * are as long as the time allows, and whatever is an index later is one. Times of findings may be anything: they are fitted
 * into the recording with those of our own detectors (`detection/fit-findings.ts`).
 * @throws MeasuredMalformed.
 */
export function unpackMeasured(bytes: Buffer, probe: Pick<MediaProbe, 'streams'>): Measured {
  const jsonBytes = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  demand(jsonBytes > 0 && jsonBytes <= most.headBytes && 4 + jsonBytes <= bytes.length, 'length of the JSON');
  const head = parseHead(bytes.subarray(4, 4 + jsonBytes));
  let at = 4 + jsonBytes;
  const take = <K extends Kind>(kind: K, { kind: stated, count }: Placed): InstanceType<(typeof kinds)[K]> => {
    demand(stated === kind && isCount(count, bytes.length), 'list of numbers');
    const size = count * kinds[kind].BYTES_PER_ELEMENT;
    demand(at + size <= bytes.length, 'end of a list');
    // Copied, so that it lies where its kind may lie.
    const copy = new Uint8Array(bytes.subarray(at, at + size));
    at += size;
    const numbers: Numbers = new kinds[kind](copy.buffer);
    return numbers as InstanceType<(typeof kinds)[K]>;
  };
  const known = new Map(probe.streams.map(({ index, kind }) => [index, kind]));
  const ofKind = (kind: MediaProbe['streams'][number]['kind'], entries: readonly { readonly stream: number }[]) => {
    demand(new Set(entries.map(({ stream }) => stream)).size === entries.length, 'a stream twice');
    demand(
      entries.every(({ stream }) => known.get(stream) === kind),
      `no ${kind} stream of the file`,
    );
  };
  const few = (entries: readonly unknown[]) => demand(entries.length <= most.stretches, 'too many stretches');
  const { analysedDurationMs } = head;
  demand(analysedDurationMs >= 0 && analysedDurationMs < 2 ** 31, 'length');
  const untilMs = analysedDurationMs + slackMs;
  const isTime = (ms: number) => ms >= 0 && ms <= untilMs;

  ofKind('audio', head.fingerprints);
  const fingerprints = head.fingerprints.map(({ stream, silent, values }) => ({
    stream,
    silent,
    fingerprint: take('u32', values),
  }));
  // Chromaprint has some eight words a second.
  for (const { fingerprint } of fingerprints) demand(fingerprint.length <= 10 + untilMs / 100, 'fingerprint');
  for (const entries of [head.subtitles, head.notAnalysed, head.unread]) few(entries);
  for (const { stream, text: words } of head.subtitles)
    demand(known.get(stream) === 'subtitle' && words.length <= most.letters, 'subtitle');
  for (const { stream, detail = '' } of [...head.notAnalysed, ...head.unread])
    demand((stream === null || known.has(stream)) && detail.length <= most.letters, 'what was not analysed');
  ofKind('audio', head.sounds);
  ofKind('audio', head.music);
  for (const entries of [head.films, head.notices, head.pictures, head.keypoints]) ofKind('video', entries);
  for (const { value } of [...head.music, ...head.films, ...head.notices]) few(value);
  for (const { value } of head.notices)
    for (const { text: words, name = '' } of value)
      demand(words.length <= most.letters && name.length <= most.letters, 'notice');
  const sounds = new Map(
    head.sounds.map(({ stream, value: { frames, salience: stated } }) => {
      demand(isCount(frames, untilMs / frameMs), 'frames');
      const salience = take('i8', stated);
      demand(salience.length === frames * pitches, 'salience');
      return [stream, { frames, salience, peaks: findPeaks({ frames, salience }) }] as const;
    }),
  );
  const pictures = new Map(
    head.pictures.map(({ stream, value: { width, height, words: stated } }) => {
      demand(isSide(width) && isSide(height), 'size of pictures');
      const words = take('u32', stated);
      demand(words.length % wordsEach === 0, 'parts');
      for (let part = 0; part < words.length; part += wordsEach)
        demand(isTime(mustHave(words[part], 'time of a part')), 'time of a part');
      return [stream, PartsSeen.from({ width, height, words })] as const;
    }),
  );
  const keypoints = new Map(
    head.keypoints.map(({ stream, value }) => {
      const lists = {
        octaves: [...take('u8', value.octaves)],
        xs: [...take('u32', value.xs)],
        ys: [...take('u32', value.ys)],
        startsMs: [...take('f64', value.startsMs)],
        endsMs: [...take('f64', value.endsMs)],
      };
      const words = take('u32', value.words);
      const count = lists.xs.length;
      demand(count <= most.keypoints && words.length === count * descriptorWords, 'keypoints');
      demand(
        Object.values(lists).every((one) => one.length === count),
        'lists of keypoints',
      );
      // Of no page, both are zero.
      demand((isSide(value.width) && isSide(value.height)) || count === 0, 'size of pages');
      demand(value.fullSinceMs === null || isTime(value.fullSinceMs), 'time of keypoints');
      demand(
        lists.octaves.every((octave) => octave < octaves) &&
          lists.xs.every((x) => x < value.width) &&
          lists.ys.every((y) => y < value.height) &&
          lists.startsMs.every((ms, index) => isTime(ms) && ms <= mustHave(lists.endsMs[index], 'end')) &&
          lists.endsMs.every(isTime),
        'a keypoint',
      );
      const { width, height, fullSinceMs } = value;
      return [stream, Object.assign(KeypointsSeen.from({ ...lists, words }), { width, height, fullSinceMs })] as const;
    }),
  );
  demand(at === bytes.length, 'octets behind the end');
  const stretches = <T>(entries: readonly { readonly stream: number; readonly value: T }[]) =>
    new Map(entries.map(({ stream, value }) => [stream, value]));
  return {
    features: { analysedDurationMs, fingerprints, subtitles: head.subtitles, notAnalysed: head.notAnalysed },
    watched: { sounds, music: stretches(head.music), films: stretches(head.films), pictures, keypoints },
    read: { notices: stretches(head.notices), notAnalysed: head.unread },
  };
}

function parseHead(json: Buffer): ReturnType<typeof readHead> {
  try {
    return readHead(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json)));
  } catch (cause) {
    throw new MeasuredMalformed('the JSON is not as it has to be', { cause });
  }
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new MeasuredMalformed(what);
}

const isCount = (value: number, largest: number): boolean =>
  Number.isSafeInteger(value) && value >= 0 && value <= largest;
/** Of a picture, in pixels. */
const isSide = (value: number): boolean => Number.isSafeInteger(value) && value >= 1 && value <= 0xffff;
