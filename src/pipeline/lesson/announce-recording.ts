import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { applyChange } from './change-lesson.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** P3: how, by whom and when the recording was made clear to everybody. */
export async function announceRecording(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  announcement: { at: Date; by: string; how: string; second?: number | undefined },
) {
  const own = {
    announcedAt: announcement.at,
    announcedBy: announcement.by,
    announcedHow: announcement.how,
    announcedSecond: announcement.second ?? null,
  };
  return applyChange(
    { database, clock },
    caller,
    lessonId,
    { own },
    {
      action: 'lesson.announced',
      details: { second: announcement.second ?? null },
    },
  );
}
