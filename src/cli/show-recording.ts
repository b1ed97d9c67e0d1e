import type { AnswerOf } from '../client/api-client.ts';
import { readRemovalEvidence } from '../domain/attendance/remove-person.ts';
import { lengthOf, percentOf } from '../domain/coverage.ts';
import { clock, type Region } from '../domain/decision.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { formatBytes, formatDuration, formatTime, listing, table } from './format.ts';

export type Recording = AnswerOf<'getRecording'>;
export type RecordingSummary = AnswerOf<'listRecordings'>['items'][number];
export type Segment = Recording['segments'][number];

export function recordingText(one: Recording, language: Language): string {
  const t = textsIn(language).cli.showRecording;
  const { stateCode } = textsIn(language).labels;
  // A person's words stand in quotes: they may look like a code.
  const why = [
    ...one.stateCodes.map((code) => stateCode[code as keyof typeof stateCode] ?? code),
    ...(one.stateNote === null ? [] : [`“${one.stateNote}”`]),
  ];
  const pairs: (readonly [string, string | number | null])[] = [
    ['ID', one.id],
    [t.lesson, `${one.lessonTitle} (${one.lessonId})`],
    [t.state, textsIn(language).labels.recordingState[one.state]],
    ...(why.length > 0 ? ([[t.why, why.join(', ')]] as const) : []),
    [t.file, one.fileName],
    [t.length, one.durationMs === null ? null : clock(one.durationMs)],
    [t.size, formatBytes(one.bytes, language)],
    ['SHA-256', one.mediaSha256],
    [t.came, formatTime(one.createdAt)],
    [t.check, checkText(one, language)],
    [t.copy, renditionText(one, language)],
    ...(one.coverage.length > 0 ? ([[t.played, one.coverage.map(playedText).join(', ')]] as const) : []),
    ...(one.removals.length > 0
      ? ([[t.removed, one.removals.map((removal) => removalText(removal, language)).join('; ')]] as const)
      : []),
    [t.captions, one.captionsNote ?? one.captions.map(({ label, language: tag }) => `${label} (${tag})`).join(', ')],
    [
      t.release,
      one.release &&
        fill(t.until, {
          audience: textsIn(language).labels.audience[one.release.audience],
          time: formatTime(one.release.endsAt),
          id: one.release.id,
        }),
    ],
    ...fateLines(one, language),
    ...(one.warnings.length > 0
      ? ([[t.warnings, one.warnings.map((warning) => warning.text).join('; ')]] as const)
      : []),
  ];
  return `${listing(pairs)}\n\n${segmentsText(one.segments, language)}`;
}

const playedText = ({ reviewerName, playedMs, missing }: Recording['coverage'][number]): string =>
  `${reviewerName} ${percentOf(playedMs, playedMs + lengthOf(missing)) ?? 0}%`;

function removalText({ name, open, parts, confirmedBy }: Recording['removals'][number], language: Language): string {
  const t = textsIn(language).cli.showRecording;
  const who = name ?? '–';
  return open > 0
    ? fill(t.removedOpen, { name: who, open, parts })
    : fill(t.removedBy, { name: who, by: confirmedBy.join(', ') });
}

/** When and why it will go, what keeps it, or the progress of its erasure or re-sealing. */
function fateLines({ fate, erasure, reSeal }: Recording, language: Language): (readonly [string, string])[] {
  const t = textsIn(language).cli.showRecording;
  const share = reSeal && reSeal.totalBytes > 0 ? Math.floor((100 * reSeal.doneBytes) / reSeal.totalBytes) : 0;
  return [
    ...(fate?.erasesAt ? [[t.erases, `${formatTime(fate.erasesAt)}. ${fate.reason?.text ?? ''}`] as const] : []),
    ...(fate?.holds ?? []).map((hold) => [t.hold, `${hold.text} (${hold.holdId})`] as const),
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
  const t = textsIn(language).cli.showRecording;
  if (items.length === 0) return t.empty;
  return table(
    ['ID', t.lesson, t.state, t.length, t.size, t.open, t.came],
    items.map((one) => [
      one.id,
      one.lessonTitle,
      textsIn(language).labels.recordingState[one.state],
      one.durationMs === null ? null : formatDuration(one.durationMs, language),
      formatBytes(one.bytes, language),
      one.openSegments,
      formatTime(one.createdAt),
    ]),
  );
}

export function segmentsText(segments: readonly Segment[], language: Language): string {
  const t = textsIn(language).cli.showRecording;
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

/** What has to go because of a person, and where their tile was found; null: it is about something else. */
export function removalOf({ findings }: Segment): ReturnType<typeof readRemovalEvidence> | null {
  const [finding] = findings.filter(({ source }) => source === 'attendance');
  return finding === undefined ? null : readRemovalEvidence(finding.evidence, 'finding.evidence');
}

export function titleOf(segment: Segment, language: Language): string {
  const {
    title,
    source,
    findings: [lead],
    rightsHolder,
  } = segment;
  const removal = removalOf(segment);
  const page = lead?.page ?? null;
  const what = title ?? source;
  const named = page === null ? what : fill(textsIn(language).cli.showRecording.page, { title: what, n: page });
  const region = removal?.tile === undefined ? null : `[${regionText(removal.tile)}]`;
  return [named, rightsHolder, removal?.removal, region].filter(Boolean).join(' – ');
}

/** As `--decide` and the questions of a review take it. */
const regionText = ({ x, y, width, height }: Region): string =>
  [x, y, width, height].map((share) => Math.round(share * 1_000) / 1_000).join(',');

export function decisionText({ decision }: Segment, language: Language): string | null {
  if (!decision) return null;
  const ground = decision.ground ? ` (${textsIn(language).labels.ground[decision.ground]})` : '';
  return `${textsIn(language).labels.decision[decision.kind]}${ground}`;
}

export function checkText({ check, durationMs }: RecordingSummary, language: Language): string {
  const t = textsIn(language).cli.showRecording;
  if (check.state === 'failed') return fill(t.failed, { why: check.error ?? '?' });
  if (check.state !== 'running') return t[check.state];
  return fill(t.running, { done: clock(check.doneMs ?? 0), total: durationMs === null ? '?' : clock(durationMs) });
}

export function renditionText({ rendition, durationMs }: Recording, language: Language): string | null {
  const t = textsIn(language).cli.showRecording;
  if (!rendition) return null;
  if (rendition.state === 'ready') return t.ready;
  if (rendition.state === 'failed') return fill(t.failed, { why: rendition.error ?? '?' });
  return fill(t.making, { done: clock(rendition.doneMs ?? 0), total: durationMs === null ? '?' : clock(durationMs) });
}
