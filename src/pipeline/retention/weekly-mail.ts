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
 * Once in a calendar week (ISO 8601), tells every administrator what will be erased in the next seven days, what was erased
 * in the last seven, and which holds want a look. Whoever inserts the week's row sends; a week without anything to say sends
 * nothing. Returns whether it was sent now.
 */
export async function sendWeeklyMail(outside: Needs): Promise<boolean> {
  const { database, clock, settings } = outside;
  if (!settings.sendsMail) return false;
  const id = `retention:${isoWeek(clock())}`;
  if (await database.read.sentDigest.findUnique({ where: { id } })) return false;
  const soon = await previewRetention(outside, 7);
  const erased = await listErased(outside);
  const inAWeek = new Date(clock().getTime() + weekMs);
  const holds = (await listHolds(outside)).filter((hold) => (hold.endsAt ?? hold.reviewAt ?? inAWeek) < inAWeek);
  if (soon.length + erased.length + holds.length === 0) return false;
  return database.transact(caller, async (tx) => {
    if (!(await claimOnce(tx, id, clock()))) return false;
    await mailAdministrators(outside, tx, (language) => {
      const t = words[language];
      const section = (title: string, lines: readonly string[]) => [
        title,
        ...(lines.length > 0 ? lines : [t.nothing]),
        '',
      ];
      return {
        subject: t.subject,
        text: [
          ...section(
            t.soon,
            soon.map((one) => {
              const held = one.holds.map((hold) => ` [${hold[language]}]`).join('');
              return `- ${day(one.erasesAt)}: ${one.lessonTitle} (${day(one.lessonAt)}). ${one.reason[language]}${held}`;
            }),
          ),
          ...section(
            t.erased,
            erased.map((one) => `- ${day(one.startedAt)}: ${one.lessonTitle} (${one.recordingId}), ${t[one.why]}`),
          ),
          ...section(
            t.holds,
            holds.map((one) => `- ${day((one.endsAt ?? one.reviewAt)!)}: ${one.lessonTitle}. ${one.reason}`),
          ),
        ].join('\n'),
      };
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

const words = {
  tr: {
    subject: 'Emanet: bu hafta silinecek kayıtlar',
    soon: 'Önümüzdeki yedi günde silinecekler:',
    erased: 'Son yedi günde silinenler:',
    holds: 'Bakılması gereken yasal saklamalar:',
    nothing: '- yok',
    retention: 'saklama süresi dolduğu için',
    withdrawal: 'izin geri çekildiği için',
    request: 'istek üzerine',
  },
  en: {
    subject: 'Emanet: recordings to be erased this week',
    soon: 'To be erased in the next seven days:',
    erased: 'Erased in the last seven days:',
    holds: 'Legal holds that want a look:',
    nothing: '- none',
    retention: 'their time was over',
    withdrawal: 'a permission was withdrawn',
    request: 'on request',
  },
} as const;
