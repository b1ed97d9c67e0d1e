import { findTagNotices, type TagToCheck } from './container-tags.ts';
import type { FilmStretch } from './film.ts';
import type { Finding } from './finding.ts';
import { fitFindings } from './fit-findings.ts';
import type { MusicStretch } from './music.ts';
import type { NoticeStretch } from './notices-seen.ts';
import type { Place } from './parts-seen.ts';
import type { PictureMatch } from './picture-match.ts';
import type { SoundMatch } from './sound-match.ts';
import { findSubtitleNotices, type SubtitleToCheck } from './subtitle-notices.ts';

/** A work of the registry. */
export interface RegisteredWork {
  readonly id: string;
  readonly title: string;
  readonly rightsHolder: string | null;
}

/** Where registered works are heard and seen, stream by stream. */
export interface WorksFound {
  readonly heard: readonly { readonly stream: number; readonly work: RegisteredWork; readonly match: SoundMatch }[];
  readonly seen: readonly {
    readonly stream: number;
    readonly work: RegisteredWork;
    readonly match: PictureMatch<Place>;
  }[];
}

/** Content heard and seen that is in no registry, stream by stream. */
export interface UnknownFound {
  readonly music: ReadonlyMap<number, readonly MusicStretch[]>;
  readonly films: ReadonlyMap<number, readonly FilmStretch[]>;
  readonly notices: ReadonlyMap<number, readonly NoticeStretch[]>;
}

/** The known facts about a recording. `MediaProbe` and `MediaFeatures` of the pipeline's ports fit. */
export interface ProbeToCheck {
  readonly declaredDurationMs: number | null;
  readonly tags: readonly TagToCheck[];
}

export interface FeaturesToCheck {
  readonly analysedDurationMs: number;
  readonly subtitles: readonly SubtitleToCheck[];
  readonly notAnalysed: readonly {
    readonly stream: number | null;
    readonly startMs: number;
    readonly endMs: number;
    readonly why: string;
    readonly detail?: string;
  }[];
}

/**
 * Everything that a person must decide on before a recording can be released, in order of time. A part that could not
 * be analysed is a finding of its own and never counts as clean. A tag concerns the whole recording. A recording
 * without findings may still hold third-party content: `docs/detection.md` says what is looked for.
 */
export function findingsOf(
  probe: ProbeToCheck,
  features: FeaturesToCheck,
  { heard, seen }: WorksFound = { heard: [], seen: [] },
  { music, films, notices }: UnknownFound = { music: new Map(), films: new Map(), notices: new Map() },
): Finding[] {
  const wholeMs = Math.max(features.analysedDurationMs, probe.declaredDurationMs ?? 0);
  const findings: Finding[] = [
    ...findTagNotices(probe.tags).map((notice) => ({
      key: `tag:${notice.stream ?? 'file'}`,
      source: 'tag' as const,
      startMs: 0,
      endMs: wholeMs,
      confidence: notice.confidence,
      ...(notice.title === undefined ? {} : { title: notice.title }),
      ...(notice.rightsHolder === undefined ? {} : { rightsHolder: notice.rightsHolder }),
      evidence: { tags: notice.tags.map(({ stream, name, value }) => ({ stream, name, value })) },
    })),
    ...heard.map(({ stream, work, match }) => ({
      ...matchFinding('audio_match', stream, work, match),
      confidence: soundConfidence(match),
      evidence: {
        stream,
        workStartMs: match.workStartMs,
        workEndMs: match.workEndMs,
        strength: match.strength,
      },
    })),
    ...seen.map(({ stream, work, match }) => ({
      ...matchFinding('picture_match', stream, work, match),
      confidence: pictureConfidence(match),
      evidence: {
        stream,
        workStartMs: match.workStartMs,
        workEndMs: match.workEndMs,
        moments: match.seen,
        distance: match.bestDistance,
        place: { ...match.place },
        moves: match.moves,
      },
    })),
    ...flatten(music).map(({ stream, startMs, endMs, confidence }) => ({
      key: `music:${stream}:${wholeSeconds(startMs)}`,
      source: 'music' as const,
      startMs,
      endMs,
      confidence,
      evidence: { stream },
    })),
    ...flatten(films).map(({ stream, startMs, endMs, cuts, confidence, place }) => ({
      key: `film:${stream}:${wholeSeconds(startMs)}`,
      source: 'film' as const,
      startMs,
      endMs,
      confidence,
      evidence: { stream, cuts, place: { ...place } },
    })),
    ...flatten(notices).map(({ stream, startMs, endMs, kind, name, text, confidence, place }) => ({
      key: `notice:${stream}:${kind}:${name ?? ''}:${wholeSeconds(startMs)}`,
      source: 'notice' as const,
      startMs,
      endMs,
      confidence,
      ...(name === undefined ? {} : { rightsHolder: name }),
      evidence: { stream, kind, text, place: { ...place } },
    })),
    ...findSubtitleNotices(features.subtitles).map(({ stream, startMs, endMs, texts, more }) => ({
      key: `subtitle:${stream}:${startMs}`,
      source: 'subtitle' as const,
      startMs,
      endMs,
      confidence: 0.9,
      evidence: [...texts.map((text) => ({ stream, text })), ...(more === 0 ? [] : [{ stream, more }])],
    })),
    ...features.notAnalysed.map(({ stream, startMs, endMs, why, detail }) => ({
      key: `not_analysed:${stream ?? 'file'}:${wholeSeconds(startMs)}${why === 'LONGER_THAN_DECLARED' ? ':longer' : ''}`,
      source: 'not_analysed' as const,
      startMs,
      endMs,
      confidence: 0,
      evidence: { stream, why, ...(detail === undefined ? {} : { detail }) },
    })),
  ];
  return fitFindings(joinSameKey(findings), wholeMs).toSorted((a, b) => a.startMs - b.startMs || a.endMs - b.endMs);
}

const flatten = <Stretch extends object>(streams: ReadonlyMap<number, readonly Stretch[]>) =>
  [...streams].flatMap(([stream, stretches]) => stretches.map((stretch) => ({ ...stretch, stream })));

const wholeSeconds = (ms: number): number => Math.floor(ms / 1000);

/** Two findings of one key become one over both stretches. */
function joinSameKey(findings: readonly Finding[]): Finding[] {
  const byKey = new Map<string, Finding>();
  for (const finding of findings) {
    const other = byKey.get(finding.key);
    byKey.set(
      finding.key,
      other === undefined
        ? finding
        : {
            ...other,
            startMs: Math.min(other.startMs, finding.startMs),
            endMs: Math.max(other.endMs, finding.endMs),
            confidence: Math.max(other.confidence, finding.confidence),
            evidence: [other.evidence, finding.evidence].flat(),
          },
    );
  }
  return [...byKey.values()];
}

function matchFinding(
  source: 'audio_match' | 'picture_match',
  stream: number,
  work: RegisteredWork,
  { startMs, endMs }: { startMs: number; endMs: number },
) {
  return {
    key: `${source}:${stream}:${work.id}:${wholeSeconds(startMs)}`,
    source,
    startMs,
    endMs,
    title: work.title,
    ...(work.rightsHolder ? { rightsHolder: work.rightsHolder } : {}),
    workId: work.id,
  };
}

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** One half at the least strength that counts, nearing 1 as it grows. */
const soundConfidence = ({ strength, least }: SoundMatch): number => hundredths(1 - least / (2 * strength));

/** A closer best picture is surer: 1 for the same bits, one half at 60 of 255. */
const pictureConfidence = ({ bestDistance }: PictureMatch<Place>): number => hundredths(1 - bestDistance / 120);
