import { createFfmpegTools } from '../../src/adapters/ffmpeg/ffmpeg-tools.ts';
import type { MediaSource, Outside } from '../../src/pipeline/ports.ts';
import { searchPictures, searchSound } from '../../src/pipeline/review/search-works.ts';
import { type Watched, watchRecording } from '../../src/pipeline/review/watch-recording.ts';

type Reads = Outside['database']['read'];

/** What the third-party check takes out of a recording before it searches. */
export interface Listened extends Watched {
  readonly prints: ReadonlyMap<number, Uint32Array>;
}

const signal = AbortSignal.timeout(6 * 3_600_000);

export async function listen(source: MediaSource): Promise<Listened> {
  const tools = createFfmpegTools();
  const { watcher, end } = watchRecording();
  const { fingerprints } = await tools.analyse(source, await tools.probe(source), { watcher });
  return { ...end(), prints: new Map(fingerprints.map(({ stream, fingerprint }) => [stream, fingerprint])) };
}

export async function soundOf(read: Reads, { sounds, prints }: Listened) {
  const found = [];
  for (const [stream, map] of sounds) found.push(...(await searchSound(read, map, prints.get(stream), signal)));
  return found;
}

export async function picturesOf(read: Reads, { pictures }: Listened) {
  const found = [];
  for (const parts of pictures.values()) found.push(...(await searchPictures(read, parts, signal)));
  return found;
}

/** All of the check that costs time: decoding, every detector in it, and the searches. */
export async function check(read: Reads, source: MediaSource): Promise<number> {
  const listened = await listen(source);
  return (await soundOf(read, listened)).length + (await picturesOf(read, listened)).length;
}
