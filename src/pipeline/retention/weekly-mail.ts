import type { Id } from '../../domain/ids.ts';
import { claimOnce } from '../core/claim-once.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { listHolds } from './list-holds.ts';
import { previewRetention } from './preview-retention.ts';

type Needs = Pick<Outside, 'database' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'digest' } };
const weekMs = 7 * 24 * 60 * 60_000;

/**
 * Once in a calendar week (ISO 8601), tells every administrator what will be erased in the next seven days, what was
 * erased in the last seven, and which holds want a look. The process that inserts the week's row sends. A week without
 * news sends nothing. Returns whether it was sent now.
 */
export async function sendWeeklyMail(outside: Needs): Promise<boolean> {
  const { database, clock, settings } = outside;
  if (!settings.sendsMail) return false;
  const id = `retention:${isoWeek(clock())}`;
  if (await database.read.sentDigest.findFirst({ where: { id } })) return false;
  const soon = await previewRetention(outside, 7);
  const erased = await listErased(outside);
  const inAWeek = new Date(clock().getTime() + weekMs);
  const holds = (await listHolds(outside)).flatMap((hold) => {
    const due = hold.endsAt ?? hold.reviewAt;
    return due !== null && due < inAWeek ? [{ ...hold, due }] : [];
  });
  if (soon.length + erased.length + holds.length === 0) return false;
  return database.transact(caller, async (tx) => {
    if (!(await claimOnce(tx, id, clock()))) return false;
    await mailAdministrators(outside, tx, {
      kind: 'retention_week',
      soon: soon.map((one) => ({
        day: day(one.erasesAt),
        lesson: one.lessonTitle,
        lessonDay: day(one.lessonAt),
        reason: one.reason,
        holds: one.holds,
      })),
      erased: erased.map(({ startedAt, lessonTitle, ...one }) => ({
        ...one,
        day: day(startedAt),
        lesson: lessonTitle,
      })),
      holds: holds.map((one) => ({
        day: day(one.due),
        lesson: one.lessonTitle,
        reason: one.reason,
      })),
    });
    return true;
  });
}

async function listErased({ database, clock }: Needs) {
  const rows = await database.read.erasure.findMany({
    where: { startedAt: { gt: new Date(clock().getTime() - weekMs) } },
    include: { recording: { select: { lesson: { select: { title: true } } } } },
    orderBy: { startedAt: 'asc' },
  });
  return rows.map((row) => ({
    recordingId: row.recordingId as Id,
    startedAt: row.startedAt,
    lessonTitle: row.recording.lesson.title,
    why: row.why,
  }));
}

const day = (date: Date) => date.toISOString().slice(0, 10);

/** `2026-W14`: weeks begin on Monday, and belong to the year that has their Thursday. */
export function isoWeek(at: Date): string {
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const year = thursday.getUTCFullYear();
  const week = Math.ceil(((thursday.getTime() - Date.UTC(year, 0, 1)) / 86_400_000 + 1) / 7);
  return `${year}-W${String(week).padStart(2, '0')}`;
}
