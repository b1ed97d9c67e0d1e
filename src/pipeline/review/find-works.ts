import type { WorksFound } from '../../detection/findings.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { MediaFeatures } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { searchKeypoints } from './search-keypoints.ts';
import { type PictureFound, searchPictures, searchSound } from './search-works.ts';
import type { Watched } from './watch-recording.ts';

/** Every stretch in which a registered work is heard or seen, stream by stream. Silent streams are left out. */
export async function findWorks(
  read: Outside['database']['read'],
  { fingerprints }: Pick<MediaFeatures, 'fingerprints'>,
  { sounds, pictures, keypoints }: Pick<Watched, 'sounds' | 'pictures' | 'keypoints'>,
  signal: AbortSignal,
): Promise<WorksFound> {
  const heard = [];
  for (const [stream, map] of sounds) {
    const print = fingerprints.find((each) => each.stream === stream);
    if (print?.silent) continue;
    for (const match of await searchSound(read, map, print?.fingerprint, signal)) heard.push({ stream, match });
  }
  const seen: { stream: number; match: PictureFound }[] = [];
  for (const [stream, parts] of pictures)
    for (const match of await searchPictures(read, parts, signal)) seen.push({ stream, match });
  for (const [stream, standing] of keypoints)
    for (const match of await searchKeypoints(read, standing, signal))
      if (!seen.some((other) => other.stream === stream && isSameShown(other.match, match)))
        seen.push({ stream, match });
  const numbers = [...new Set([...heard, ...seen].map(({ match }) => match.work))];
  const rows = await read.work.findMany({
    where: { number: { in: numbers } },
    select: { id: true, number: true, title: true, rightsHolder: true },
  });
  const works = new Map(rows.map((work) => [work.number, work]));
  const workOf = (number: number) => mustHave(works.get(number), `work ${number}, which the index found`);
  return {
    heard: heard.map(({ stream, match }) => ({ stream, match, work: workOf(match.work) })),
    seen: seen.map(({ stream, match }) => ({ stream, match, work: workOf(match.work) })),
  };
}

/** A picture that was found as a whole need not be found by its keypoints. */
const isSameShown = (a: PictureFound, b: PictureFound): boolean =>
  a.work === b.work && a.startMs <= b.endMs && b.startMs <= a.endMs;
