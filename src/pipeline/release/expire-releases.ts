import type { Outside } from '../ports/outside.ts';
import { endRelease } from './end-release.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Ends the releases whose time is over. Run by the clock; playback itself looks at the end date at every request. */
export async function expireReleases({ database, clock }: Needs): Promise<number> {
  const due = await database.read.release.findMany({
    where: { endedAt: null, endsAt: { lte: clock() } },
    select: { id: true },
  });
  for (const { id } of due)
    await endRelease({ database, clock }, { actor: { kind: 'system', id: 'expiry' } }, id, 'expired');
  return due.length;
}
