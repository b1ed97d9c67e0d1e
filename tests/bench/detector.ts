import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { createTextReader } from '../../src/adapters/tesseract/text-reader.ts';
import { findTagNotices } from '../../src/detection/container-tags.ts';
import { findMusic } from '../../src/detection/music.ts';
import { createMusicFeatures } from '../../src/detection/music-features.ts';
import { musicModel } from '../../src/detection/music-model.ts';
import { PartsSeen } from '../../src/detection/parts-seen.ts';
import { createPartFinder } from '../../src/detection/picture-parts.ts';
import { createSoundMapper } from '../../src/detection/sound-map.ts';
import { findSubtitleNotices } from '../../src/detection/subtitle-notices.ts';
import { fileSource } from '../support/media.ts';
import { check } from './check.ts';
import { runProgram } from './programs.ts';

/**
 * One detector in a process of its own, `node detector.ts JSON`: its memory is nobody else's, and `taskset` can hold it
 * on some processors. Says `begin` on standard output when everything is there that the detector needs, and `end` with the
 * seconds that it took.
 */
export interface DetectorRun {
  readonly name: keyof typeof detectors;
  readonly path: string;
  /** Of raw pictures. */
  readonly size?: { readonly width: number; readonly height: number };
  readonly databaseUrl?: string;
}

/** How often tags and an hour's subtitles are looked through, so that it can be measured at all. */
export const noticeRounds = 100;
const linesOfAnHour = 1_200;

const quiet = ['-hide_banner', '-nostdin', '-v', 'error'];

const detectors = {
  /** `path`: 16-bit samples, 8 kHz, mono. */
  async 'sound map'({ path }: DetectorRun) {
    const samples = await readFile(path);
    return async () => mapSound(samples);
  },
  /** From the levels that the map hands on. */
  async music({ path }: DetectorRun) {
    const levels: Float32Array[] = [];
    mapSound(await readFile(path), (level) => levels.push(level.slice()));
    return async () => {
      const features = createMusicFeatures();
      for (const level of levels) features.push(level);
      return findMusic(features.end(), musicModel);
    };
  },
  async chromaprint({ path }: DetectorRun) {
    const tools = createFfmpegTools();
    const source = await fileSource(path);
    const probe = await tools.probe(source);
    return async () => {
      const { fingerprints } = await tools.analyse(source, probe);
      if (fingerprints.length === 0) throw new Error('there is no fingerprint');
    };
  },
  async 'plain ffmpeg -f null'({ path }: DetectorRun) {
    return () => runProgram('ffmpeg', [...quiet, '-threads', '2', '-i', path, '-f', 'null', '-']);
  },
  /** `path`: grey pictures, four a second. */
  async pictures({ path, size }: DetectorRun) {
    const pictures = await readPictures(path, size!);
    return async () => {
      const [finder, seen] = [createPartFinder(), new PartsSeen()];
      for (const [at, picture] of pictures.entries()) {
        seen.seePicture(at * 250);
        for (const part of finder.push(picture).parts) seen.add(part);
      }
    };
  },
  async 'text reading'({ path, size }: DetectorRun) {
    const pictures = await readPictures(path, size!);
    const reading = await createTextReader().open({ signal: AbortSignal.timeout(3_600_000) });
    return async () => {
      for (const picture of pictures) await reading.read(picture);
      return () => reading.close();
    };
  },
  async 'tags and subtitles'({ path }: DetectorRun) {
    await using source = await fileSource(path);
    const { tags } = await createFfmpegTools().probe(source);
    const lines = Array.from({ length: linesOfAnHour }, (_, at) => ({
      ...{ stream: 2, startMs: 3_000 * at, endMs: 3_000 * at + 2_900 },
      text: `${at}. satır: Öğretmen tahtaya yazılanların hepsini bir kez daha yüksek sesle okur.`,
    }));
    return async () => {
      for (let round = 0; round < noticeRounds; round++) {
        findTagNotices(tags);
        findSubtitleNotices(lines);
      }
    };
  },
  async 'whole check'({ path, databaseUrl }: DetectorRun) {
    const database = openDatabase({ url: databaseUrl!, clock: () => new Date(), maxConnections: 4 });
    await database.read.work.count();
    const source = await fileSource(path);
    return async () => {
      await check(database.read, source);
      return () => database.close();
    };
  },
} satisfies Record<string, (run: never) => Promise<() => Promise<unknown>>>;

function mapSound(samples: Buffer, onLevels?: (level: Float32Array) => void): void {
  const mapper = createSoundMapper(onLevels);
  const pieceBytes = 65_536;
  for (let at = 0; at < samples.length; at += pieceBytes) {
    const piece = new Uint8Array(samples.subarray(at, at + pieceBytes));
    mapper.push(new Int16Array(piece.buffer, 0, piece.length >> 1));
  }
  mapper.end();
}

async function readPictures(path: string, { width, height }: { width: number; height: number }) {
  const pictures = [];
  for await (const pixels of createReadStream(path, { highWaterMark: width * height }))
    pictures.push({ width, height, pixels: new Uint8Array(pixels as Buffer) });
  return pictures;
}

if (import.meta.main) {
  const run: DetectorRun = JSON.parse(process.argv[2]!);
  const work = await detectors[run.name](run);
  process.stdout.write('begin\n');
  const began = performance.now();
  const end = await work();
  process.stdout.write(`end ${(performance.now() - began) / 1000}\n`);
  if (typeof end === 'function') await end();
  process.exit();
}
