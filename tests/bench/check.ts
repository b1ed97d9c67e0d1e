import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import { createTextReader } from '../../src/adapters/tesseract/text-reader.ts';
import { defaultWatchedNames } from '../../src/domain/watched-names.ts';
import type { MediaSource } from '../../src/pipeline/ports/media.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { createNoticeReader, type NoticeReader } from '../../src/pipeline/review/read-pages.ts';
import { searchKeypoints } from '../../src/pipeline/review/search-keypoints.ts';
import { searchPictures, searchSound } from '../../src/pipeline/review/search-works.ts';
import { type Watched, watchRecording } from '../../src/pipeline/review/watch-recording.ts';

type Reads = Outside['database']['read'];

/** What the third-party check takes out of a recording before it searches. */
export interface Listened extends Watched {
  readonly prints: ReadonlyMap<number, Uint32Array>;
}

const signal = AbortSignal.timeout(6 * 3_600_000);

export async function listen(source: MediaSource, pages?: NoticeReader): Promise<Listened> {
  const tools = createFfmpegTools();
  const { watcher, end } = watchRecording(pages?.page);
  const { fingerprints } = await tools.analyse(source, await tools.probe(source), { watcher });
  return { ...end(), prints: new Map(fingerprints.map(({ stream, fingerprint }) => [stream, fingerprint])) };
}

export async function soundOf(read: Reads, { sounds, prints }: Listened) {
  const found = [];
  for (const [stream, map] of sounds) found.push(...(await searchSound(read, map, prints.get(stream), signal)));
  return found;
}

export async function picturesOf(read: Reads, { pictures, keypoints }: Listened) {
  const found = [];
  for (const parts of pictures.values()) found.push(...(await searchPictures(read, parts, signal)));
  for (const standing of keypoints.values()) found.push(...(await searchKeypoints(read, standing, signal)));
  return found;
}

/** All of the check that costs time: decoding, every detector in it, reading as many pages as delivered, and the searches. */
export async function check(read: Reads, source: MediaSource): Promise<number> {
  const rules = { names: defaultWatchedNames, pagesPerHour: 120 };
  const pages = createNoticeReader(createTextReader(), rules, signal);
  try {
    const listened = await listen(source, pages);
    const { notices } = await pages.end(Infinity);
    const works = (await soundOf(read, listened)).length + (await picturesOf(read, listened)).length;
    return works + [...notices.values()].flat().length;
  } finally {
    await pages.close();
  }
}
