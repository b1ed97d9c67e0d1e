import { detectorsVersion } from '../../detection/detectors-version.ts';
import type { Outside } from '../ports/outside.ts';

/** Every runner that is registered, with what it works on now. */
export async function listRunners({ database }: Pick<Outside, 'database'>) {
  const rows = await database.read.runner.findMany({
    orderBy: [{ name: 'asc' }, { id: 'asc' }],
    include: {
      jobs: {
        where: { state: 'leased' },
        take: 1,
        select: { recordingId: true, recording: { select: { checkedMs: true } } },
      },
    },
  });
  return rows.map(({ jobs: [job], ...row }) => ({
    ...row,
    isOutdated: row.detectors !== detectorsVersion,
    works: job === undefined ? null : { recordingId: job.recordingId, doneMs: job.recording.checkedMs ?? 0 },
  }));
}
