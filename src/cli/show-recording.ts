import type { AnswerOf } from '../client/api-client.ts';
import { clock, decisionNames, type Ground } from '../domain/decision.ts';
import { stateNames } from '../domain/lifecycle.ts';
import { formatBytes, formatDuration, formatTime, listing, table } from './format.ts';
import { fill, type Language, pick } from './language.ts';

export type Recording = AnswerOf<'getRecording'>;
export type RecordingSummary = AnswerOf<'listRecordings'>['items'][number];
export type Segment = Recording['segments'][number];

const words = {
  lesson: { en: 'Lesson', tr: 'Ders' },
  state: { en: 'State', tr: 'Durum' },
  file: { en: 'File', tr: 'Dosya' },
  length: { en: 'Length', tr: 'Süre' },
  size: { en: 'Size', tr: 'Boyut' },
  came: { en: 'Arrived', tr: 'Geliş' },
  open: { en: 'Open', tr: 'Açık' },
  check: { en: 'Third-party check', tr: 'Üçüncü taraf denetimi' },
  copy: { en: 'Copy for viewers', tr: 'İzlenecek kopya' },
  release: { en: 'Release', tr: 'Yayın' },
  warnings: { en: 'Warnings', tr: 'Uyarılar' },
  why: { en: 'Why', tr: 'Nedeni' },
  until: { en: '{audience}, until {time} ({id})', tr: '{audience}, {time} tarihine kadar ({id})' },
  waiting: { en: 'waiting', tr: 'bekliyor' },
  running: { en: 'running: {done} of {total}', tr: 'sürüyor: {done} / {total}' },
  done: { en: 'done', tr: 'bitti' },
  failed: { en: 'failed: {why}', tr: 'başarısız: {why}' },
  making: { en: 'being made: {done} of {total}', tr: 'hazırlanıyor: {done} / {total}' },
  ready: { en: 'ready', tr: 'hazır' },
  erases: { en: 'Will be erased', tr: 'Silinecek' },
  hold: { en: 'Legal hold', tr: 'Yasal saklama' },
  erasure: { en: 'Erasure', tr: 'Silme' },
  removing: { en: 'under way; nobody can read it any more', tr: 'sürüyor; artık kimse okuyamaz' },
  held: {
    en: 'nobody can read it; the store holds a body until {time}',
    tr: 'kimse okuyamaz; depo bir gövdeyi {time} tarihine kadar tutuyor',
  },
  reSeal: { en: 'New key', tr: 'Yeni anahtar' },
  sealing: { en: 'running', tr: 'sürüyor' },
  from: { en: 'From', tr: 'Başlangıç' },
  to: { en: 'To', tr: 'Bitiş' },
  what: { en: 'What', tr: 'Ne' },
  found: { en: 'Found by', tr: 'Bulan' },
  decision: { en: 'Decision', tr: 'Karar' },
  none: { en: 'No third-party segments.', tr: 'Üçüncü taraf bölümü yok.' },
  empty: { en: 'No recordings.', tr: 'Kayıt yok.' },
  declared: { en: 'teacher', tr: 'öğretmen' },
  page: { en: '{title}, page {n}', tr: '{title}, {n}. sayfa' },
};

export const groundNames: Record<Ground, Record<Language, string>> = {
  own_work: { en: 'own work', tr: 'kendi eseri' },
  licence: { en: 'licence', tr: 'lisans' },
  exception: { en: 'legal exception', tr: 'yasal istisna' },
  public_domain: { en: 'public domain', tr: 'kamu malı' },
  permission_letter: { en: 'letter of permission', tr: 'izin yazısı' },
  checked: { en: 'looked at by a person', tr: 'bir kişi baktı' },
};

export function recordingText(one: Recording, language: Language): string {
  const t = pick(words, language);
  // A person's words stand in quotes: they may be those of a code.
  const why = [...one.stateCodes, ...(one.stateNote === null ? [] : [`“${one.stateNote}”`])];
  const pairs: (readonly [string, string | number | null])[] = [
    ['ID', one.id],
    [t.lesson, `${one.lessonTitle} (${one.lessonId})`],
    [t.state, stateNames[one.state][language]],
    ...(why.length > 0 ? ([[t.why, why.join(', ')]] as const) : []),
    [t.file, one.fileName],
    [t.length, one.durationMs === null ? null : clock(one.durationMs)],
    [t.size, formatBytes(one.bytes, language)],
    ['SHA-256', one.mediaSha256],
    [t.came, formatTime(one.createdAt)],
    [t.check, checkText(one, language)],
    [t.copy, renditionText(one, language)],
    [
      t.release,
      one.release &&
        fill(t.until, {
          audience: one.release.audience,
          time: formatTime(one.release.endsAt),
          id: one.release.id,
        }),
    ],
    ...fateLines(one, language),
    ...(one.warnings.length > 0
      ? ([[t.warnings, one.warnings.map((warning) => warning.detail).join('; ')]] as const)
      : []),
  ];
  return `${listing(pairs)}\n\n${segmentsText(one.segments, language)}`;
}

/** When it goes and why, what keeps it, or how far its erasure or its sealing anew is. */
function fateLines({ fate, erasure, reSeal }: Recording, language: Language): (readonly [string, string])[] {
  const t = pick(words, language);
  const share = reSeal && reSeal.totalBytes > 0 ? Math.floor((100 * reSeal.doneBytes) / reSeal.totalBytes) : 0;
  return [
    ...(fate?.erasesAt ? [[t.erases, `${formatTime(fate.erasesAt)}. ${fate.reason?.[language] ?? ''}`] as const] : []),
    ...(fate?.holds ?? []).map((hold) => [t.hold, `${hold[language]} (${hold.holdId})`] as const),
    ...(erasure
      ? [
          [
            t.erasure,
            erasure.state === 'held' ? fill(t.held, { time: formatTime(erasure.heldUntil) }) : t[erasure.state],
          ] as const,
        ]
      : []),
    ...(reSeal
      ? [
          [
            t.reSeal,
            reSeal.state === 'failed'
              ? fill(t.failed, { why: reSeal.error ?? '?' })
              : `${t[reSeal.state === 'running' ? 'sealing' : reSeal.state]} (${share}%)`,
          ] as const,
        ]
      : []),
  ];
}

export function recordingsText(items: readonly RecordingSummary[], language: Language): string {
  const t = pick(words, language);
  if (items.length === 0) return t.empty;
  return table(
    ['ID', t.lesson, t.state, t.length, t.size, t.open, t.came],
    items.map((one) => [
      one.id,
      one.lessonTitle,
      stateNames[one.state][language],
      one.durationMs === null ? null : formatDuration(one.durationMs, language),
      formatBytes(one.bytes, language),
      one.openSegments,
      formatTime(one.createdAt),
    ]),
  );
}

export function segmentsText(segments: readonly Segment[], language: Language): string {
  const t = pick(words, language);
  if (segments.length === 0) return t.none;
  return table(
    ['ID', t.from, t.to, t.what, t.found, t.decision],
    segments.map((one) => [
      one.id,
      clock(one.startMs),
      clock(one.endMs),
      titleOf(one, language),
      one.source === 'declared' ? t.declared : one.source,
      decisionText(one, language),
    ]),
  );
}

export function titleOf({ title, source, findings: [lead], rightsHolder }: Segment, language: Language): string {
  const page = lead?.page ?? null;
  const what = title ?? source;
  const named = page === null ? what : fill(pick(words, language).page, { title: what, n: page });
  return [named, rightsHolder].filter(Boolean).join(' – ');
}

export function decisionText({ decision }: Segment, language: Language): string | null {
  if (!decision) return null;
  const ground = decision.ground ? ` (${groundNames[decision.ground][language]})` : '';
  return `${decisionNames[decision.kind][language]}${ground}`;
}

export function checkText({ check, durationMs }: RecordingSummary, language: Language): string {
  const t = pick(words, language);
  if (check.state === 'failed') return fill(t.failed, { why: check.error ?? '?' });
  if (check.state !== 'running') return t[check.state];
  return fill(t.running, { done: clock(check.doneMs ?? 0), total: durationMs === null ? '?' : clock(durationMs) });
}

export function renditionText({ rendition, durationMs }: Recording, language: Language): string | null {
  const t = pick(words, language);
  if (!rendition) return null;
  if (rendition.state === 'ready') return t.ready;
  if (rendition.state === 'failed') return fill(t.failed, { why: rendition.error ?? '?' });
  return fill(t.making, { done: clock(rendition.doneMs ?? 0), total: durationMs === null ? '?' : clock(durationMs) });
}
