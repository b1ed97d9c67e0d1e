import { parseArgs } from 'node:util';
import { blockUnits, findCandidates, type Postings } from '../../src/detection/candidates.ts';
import { type PlacedKey, recordingLandmarks, unitMs, workLandmarks } from '../../src/detection/landmarks.ts';
import { createSoundMapper, frameMs, type SoundMap, soundRate } from '../../src/detection/sound-map.ts';
import {
  leastStrength,
  soundMatch,
  strongestMatches,
  type WorkMatch,
  type WorkSound,
} from '../../src/detection/sound-match.ts';
import { recordingTriples, workTriples } from '../../src/detection/triples.ts';
import { readCommand } from './command.ts';
import { loadSource, type Sounds, soundCache } from './music-material.ts';
import { type Kind, readMusicSources } from './music-sources.ts';
import { mixRate } from './sound.ts';

/** Below this nothing is listed. */
const listedFrom = 6;

const usage = `Usage: npm run eval:chance -- [--cache DIR] [--works N] [--hours H]

Searches speech in which there is no music for many works, and says how near chance comes to the strength that a match
must have. Every match is a wrong one. Works are stretches of a minute from the music of tests/eval/music-sources.json,
speech is that of the same list, source by source, then again a little higher or lower as other voices, until there are so
many hours; packages are fetched with apt-get download (Debian 12) into the cache.
Of each source, the strongest three are told, from a strength of ${listedFrom} on.

Exit codes: 0 measured, also when a match was wrong; 1 something failed; 2 wrong usage.
`;

const workSeconds = 60;
const stretchUnits = Math.round(60_000 / unitMs);
/** Sound is mapped at 8 kHz; the material has 16 kHz. */
const every = mixRate / soundRate;

interface Index {
  get(key: number): Postings | undefined;
}

/** The keys of all works in memory: what the index in the database answers. */
function indexOf(works: readonly (readonly PlacedKey[])[]): Index {
  const total = works.reduce((sum, keys) => sum + keys.length, 0);
  const [keys, numbers, units] = [new Uint32Array(total), new Uint32Array(total), new Uint16Array(total)];
  let at = 0;
  for (const [number, placed] of works.entries())
    for (const { key, unit } of placed) {
      [keys[at], numbers[at], units[at]] = [key, number, unit];
      at += 1;
    }
  const order = Uint32Array.from({ length: total }, (_, place) => place).sort((a, b) => keys[a]! - keys[b]!);
  const ranges = new Map<number, { from: number; until: number }>();
  for (let from = 0; from < total; ) {
    let until = from;
    while (until < total && keys[order[until]!] === keys[order[from]!]) until++;
    ranges.set(keys[order[from]!]!, { from, until });
    from = until;
  }
  return {
    get(key) {
      const range = ranges.get(key);
      if (range === undefined) return undefined;
      const places = order.subarray(range.from, range.until);
      return {
        works: Uint32Array.from(places, (place) => numbers[place]!),
        units: Uint16Array.from(places, (place) => units[place]!),
      };
    },
  };
}

function mapOf(samples: Int16Array): SoundMap {
  const mapper = createSoundMapper();
  const piece = new Int16Array(80_000);
  for (let at = 0; at < samples.length; at += piece.length * every) {
    const count = Math.min(piece.length, Math.floor((samples.length - at) / every));
    // Half the rate: the mean of two samples.
    for (let i = 0; i < count; i++) piece[i] = (samples[at + i * every]! + samples[at + i * every + 1]!) >> 1;
    mapper.push(piece.subarray(0, count));
  }
  return mapper.end();
}

/** Searched as `searchSound` does; `least` may be lower. */
function search(map: SoundMap, works: readonly WorkSound[], pairs: Index, triples: Index, least: number): WorkMatch[] {
  const matches: WorkMatch[] = [];
  for (let from = 0; from * unitMs < map.frames * frameMs; from += stretchUnits) {
    const until = from + stretchUnits + blockUnits + 1;
    const asked = [
      { keys: recordingLandmarks(map.peaks, from, until), found: pairs, votes: 1 },
      { keys: recordingTriples(map.peaks, from, until), found: triples, votes: 2 },
    ];
    for (const candidate of findCandidates(asked, from)) {
      const match = soundMatch(map, works[candidate.work]!, candidate, least);
      if (match !== null) matches.push({ ...match, work: candidate.work });
    }
  }
  return strongestMatches(matches);
}

/** Speeds at which speech is played: voices up to 2.5 semitones higher or lower. */
const voices = [1, 0.93, 1.07, 0.87, 1.15] as const;

function playedAt(samples: Int16Array, speed: number): Int16Array {
  if (speed === 1) return samples;
  return Int16Array.from({ length: Math.floor((samples.length - 1) / speed) }, (_, at) => {
    const place = at * speed;
    const before = Math.floor(place);
    return samples[before]! + (place - before) * (samples[before + 1]! - samples[before]!);
  });
}

async function load(kind: Kind, cache: string): Promise<Sounds[]> {
  const { groups, leftOut } = await readMusicSources();
  const sources = [...Object.values(groups), leftOut].flatMap((group) => group[kind]);
  const all: Sounds[] = [];
  for (const source of sources) all.push(await loadSource(source, kind, cache));
  return all;
}

/** Stretches of a minute, half a minute apart, one of each piece in turn, so that few works come from one piece. */
function* stretches(sounds: readonly Sounds[]): Generator<Int16Array> {
  const length = workSeconds * mixRate;
  for (let nth = 0; nth < 12; nth++)
    for (const { samples, ends } of sounds)
      for (const [at, end] of ends.entries()) {
        const from = (at === 0 ? 0 : ends[at - 1]!) + (nth * length) / 2;
        if (from + length <= end) yield samples.subarray(from, from + length);
      }
}

async function main(): Promise<number> {
  const values = readCommand(usage, () => {
    const given = parseArgs({
      options: {
        cache: { type: 'string', default: soundCache },
        works: { type: 'string', default: '1000' },
        hours: { type: 'string', default: '10' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
    for (const number of [given.works, given.hours])
      if (!(Number(number) > 0)) throw new Error(`a number above zero is needed: ${number}`);
    return given;
  });
  if (typeof values === 'number') return values;
  const works: WorkSound[] = [];
  const [pairsOf, triplesOf]: PlacedKey[][][] = [[], []];
  for (const samples of stretches(await load('music', values.cache))) {
    if (works.length >= Number(values.works)) break;
    const { peaks } = mapOf(samples);
    if (peaks.length < workSeconds * 20) continue;
    works.push({
      frames: Uint32Array.from(peaks, ({ frame }) => frame),
      pitches: Uint8Array.from(peaks, ({ pitch }) => pitch),
    });
    pairsOf!.push(workLandmarks(peaks));
    triplesOf!.push(workTriples(peaks));
  }
  const [pairs, triples] = [indexOf(pairsOf!), indexOf(triplesOf!)];
  const workUnits = (works.length * workSeconds * 1_000) / unitMs;
  process.stdout.write(`${works.length} works of ${workSeconds} s\n`);
  let [seconds, wrong] = [0, 0];
  const speech = await load('speech', values.cache);
  for (const { source, samples, ends, speed } of voices.flatMap((speed) =>
    speech.map((each) => ({ ...each, speed })),
  )) {
    if (seconds >= Number(values.hours) * 3_600) break;
    const map = mapOf(playedAt(samples, speed));
    const least = leastStrength((map.frames * frameMs) / unitMs, workUnits);
    const found = search(map, works, pairs, triples, listedFrom).toSorted((a, b) => b.strength - a.strength);
    seconds += samples.length / mixRate / speed;
    wrong += found.filter(({ strength }) => strength >= least).length;
    process.stdout.write(
      `${source}${speed === 1 ? '' : ` at ${speed}`}: ${(samples.length / mixRate / speed / 60).toFixed(1)} min, ${ends.length} utterances; must reach ${least}; ` +
        `strongest ${
          found
            .slice(0, 3)
            .map(({ strength }) => strength.toFixed(1))
            .join(', ') || `below ${listedFrom}`
        }\n`,
    );
  }
  process.stdout.write(`${(seconds / 3_600).toFixed(1)} hours of speech: ${wrong} wrong\n`);
  return 0;
}

process.exitCode = await main();
