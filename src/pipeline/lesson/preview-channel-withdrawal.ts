import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { findRecordedLessons, live } from '../core/quarantine.ts';
import type { Outside } from '../ports/outside.ts';

/** How many of the recorded lessons are named. */
const mostNamed = 200;

/**
 * What taking the approval of a channel back stops, before it happens: recordings that go out of reach, and lessons to come,
 * which may take place elsewhere and are not recorded over it. @throws Refusal `NOT_FOUND`.
 */
export async function previewChannelWithdrawal(
  { database: { read }, clock }: Pick<Outside, 'database' | 'clock'>,
  channelId: Id,
) {
  const channel = await read.channel.findUnique({ where: { id: channelId } });
  if (!channel) throw new Refusal('NOT_FOUND');
  const lesson = { course: { channelId } };
  const [recordings, recordedLessons, recorded, upcoming] = await Promise.all([
    read.recording.count({ where: { ...live, lesson } }),
    read.lesson.count({ where: { ...lesson, recordings: { some: live } } }),
    findRecordedLessons(read, lesson, mostNamed),
    read.lesson.count({ where: { ...lesson, plannedStart: { gt: clock() } } }),
  ]);
  return { name: channel.name, approved: channel.approved, recordings, recordedLessons, recorded, upcoming };
}
