import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** The parts of a check that run in the process that checks, by the files that they are in. */
const parts: readonly (readonly [part: string, files: RegExp])[] = [
  ['music network', /detection\/music/],
  ['sound map', /detection\/(sound-map|landmarks|triples)/],
  ['films', /detection\/film\.ts/],
  ['stills and parts of pictures', /detection\/(picture-parts|parts-seen|still-regions|motion-regions|picture-hash)/],
  [
    'notices, without reading them',
    /detection\/(notices-seen|page-chooser|text-notices|line-prints)|review\/read-pages/,
  ],
  ['search for known works', /review\/(find-works|search-works)|detection\/(sound-match|picture-match|candidates)/],
  ['decryption and its server', /src\/vault\/|loopback-range-server|disk-store/],
  ['times of frames', /ffmpeg\/analysis-log/],
  ['pipes from ffmpeg', /ffmpeg\/watching|process\/run/],
];
const others = 'all else: streams, database client, Node';

/** Samples of V8's profile are so far apart. Microseconds. */
const interval = 2_000;

/**
 * Does `work` under V8's sampling profile of this thread. Returns the share of each part in the samples that were not
 * idle, 0 to 1; a sample belongs to the innermost function of any part, and garbage collection is a part of its own.
 */
export async function profileParts(work: () => Promise<void>): Promise<Record<string, number>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval });
  await session.post('Profiler.start');
  await work();
  const { profile } = await session.post('Profiler.stop');
  session.disconnect();
  return sharesOf(profile);
}

function sharesOf({ nodes }: Profiler.Profile): Record<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const sums = new Map<string, number>();
  let all = 0;
  const walk = (id: number, outer: string) => {
    const { callFrame, hitCount = 0, children = [] } = byId.get(id)!;
    if (callFrame.functionName === '(idle)') return;
    const part = partOf(callFrame) ?? outer;
    sums.set(part, (sums.get(part) ?? 0) + hitCount);
    all += hitCount;
    for (const child of children) walk(child, part);
  };
  walk(nodes[0]!.id, others);
  return Object.fromEntries([...sums].map(([part, hits]) => [part, hits / all]));
}

function partOf({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): string | undefined {
  if (functionName === '(garbage collector)') return 'garbage collection';
  return parts.find(([, files]) => files.test(url))?.[0];
}
