import { isNamedIn } from '../../domain/captions/names.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { SealedRow } from '../core/sealed-object.ts';
import type { Outside } from '../ports/outside.ts';
import { openCues } from './sealed-captions.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring'>;

/** A recording in whose captions a name stands, or may stand. */
export interface NamingRecording {
  readonly recordingId: Id;
  /** Of its lesson, and when that was to begin. */
  readonly title: string;
  readonly at: Date;
  /** False: some of its captions cannot be opened, so the name may stand in them. */
  readonly isRead: boolean;
}

/**
 * The recordings that are kept in whose captions a name stands, in any version: an earlier one is kept as long as its
 * recording. Nothing of the text leaves. Each version is opened, so it takes a while in a school with many.
 * @throws Refusal when the store cannot be reached now.
 */
export async function recordingsThatName(outside: Needs, name: string): Promise<NamingRecording[]> {
  const rows = await outside.database.read.recording.findMany({
    where: { state: { not: 'erased' }, captions: { some: {} } },
    orderBy: [{ lesson: { plannedStart: 'asc' } }, { id: 'asc' }],
    select: {
      id: true,
      lesson: { select: { title: true, plannedStart: true } },
      captions: { select: { versions: { orderBy: { number: 'desc' }, select: { sealed: true } } } },
    },
  });
  const found: NamingRecording[] = [];
  for (const { id, lesson, captions } of rows) {
    const texts = captions.flatMap(({ versions }) => versions.map(({ sealed }) => sealed));
    const named = await lookFor(outside, texts, name);
    if (named !== 'absent')
      found.push({ recordingId: id, title: lesson.title, at: lesson.plannedStart, isRead: named === 'named' });
  }
  return found;
}

async function lookFor(outside: Needs, texts: readonly SealedRow[], name: string) {
  let isUnread = false;
  for (const text of texts)
    try {
      if (isNamedIn(await openCues(outside, text), name)) return 'named';
    } catch (error) {
      if (error instanceof Refusal) throw error;
      // It is damaged or gone, which the scrub reports; whoever erases is told that nobody knows.
      isUnread = true;
    }
  return isUnread ? 'unread' : 'absent';
}
