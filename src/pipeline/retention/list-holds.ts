import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** Holds that are in force, the ones to look at first on top. */
export async function listHolds({ database, clock }: Needs) {
  const rows = await database.read.legalHold.findMany({
    where: { liftedAt: null, OR: [{ endsAt: null }, { endsAt: { gt: clock() } }] },
    include: { lesson: { select: { title: true } }, recording: { select: { lesson: { select: { title: true } } } } },
  });
  const due = (row: (typeof rows)[number]) => (row.endsAt ?? row.reviewAt)?.getTime() ?? 0;
  return rows
    .toSorted((a, b) => due(a) - due(b))
    .map((row) => ({ ...row, lessonTitle: row.lesson?.title ?? row.recording?.lesson.title ?? '' }));
}
