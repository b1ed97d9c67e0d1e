import { type Reason, Refusal } from './errors.ts';
import type { Id } from './ids.ts';

/** What a reviewer decides about one segment. `refuse` rejects the whole recording. Policy P5. */
export const decisionKinds = ['permitted', 'mute', 'black_out', 'cut', 'refuse'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

export const decisionNames: Record<DecisionKind, { readonly tr: string; readonly en: string }> = {
  permitted: { tr: 'kalabilir', en: 'permitted' },
  mute: { tr: 'sesi kapat', en: 'mute' },
  black_out: { tr: 'görüntüyü karart', en: 'black out' },
  cut: { tr: 'kes', en: 'cut' },
  refuse: { tr: 'reddet', en: 'refuse' },
};

/** On what ground third-party material may stay. `checked` is for stretches that a person had to look at in place of the machine. */
export const grounds = ['own_work', 'licence', 'exception', 'public_domain', 'permission_letter', 'checked'] as const;
export type Ground = (typeof grounds)[number];

export interface SegmentView {
  readonly id: Id;
  readonly source: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string | null;
  readonly decision: { readonly kind: DecisionKind; readonly decidedById: Id } | null;
}

/** @throws Refusal `INVALID_REQUEST` when a permitted segment has no ground. */
export function assertDecision(decision: { kind: DecisionKind; ground?: Ground | null | undefined }): void {
  if (decision.kind === 'permitted' && !decision.ground)
    throw new Refusal('INVALID_REQUEST', {
      reasons: [
        {
          code: 'GROUND_MISSING',
          subject: { kind: 'field', id: 'ground' },
          tr: 'İzin verilen bölüm için bir dayanak seçin.',
          en: 'Choose the ground on which the segment is permitted.',
        },
      ],
    });
}

/** Segments that nobody has decided yet. */
export function openSegments(segments: readonly SegmentView[]): SegmentView[] {
  return segments.filter((segment) => segment.decision === null);
}

/** @throws Refusal `SEGMENTS_OPEN`; `reasons` lists each open segment with its times. */
export function assertAllDecided(segments: readonly SegmentView[]): void {
  const reasons: Reason[] = openSegments(segments).map((segment) => {
    const range = `${clock(segment.startMs)}–${clock(segment.endMs)}`;
    return {
      code: 'SEGMENT_OPEN',
      subject: { kind: 'segment', id: segment.id, ...(segment.title ? { name: segment.title } : {}) },
      tr: `${range}: ${segment.title ?? segment.source} için karar verilmemiş.`,
      en: `${range}: ${segment.title ?? segment.source} has no decision yet.`,
    };
  });
  if (reasons.length > 0) throw new Refusal('SEGMENTS_OPEN', { reasons });
}

export interface Edit {
  readonly kind: 'mute' | 'black_out' | 'cut';
  readonly startMs: number;
  readonly endMs: number;
}

/** The edits that the decisions ask for, in order of time. */
export function editsOf(segments: readonly SegmentView[]): Edit[] {
  return segments
    .flatMap(({ decision, startMs, endMs }) =>
      decision && (decision.kind === 'mute' || decision.kind === 'black_out' || decision.kind === 'cut')
        ? [{ kind: decision.kind, startMs, endMs }]
        : [],
    )
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs || a.kind.localeCompare(b.kind));
}

/** `1:02:03.5`: hours only when there are some. */
export function clock(ms: number): string {
  const tenths = Math.round(ms / 100);
  const seconds = Math.floor(tenths / 10) % 60;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}${tenths % 10 ? `.${tenths % 10}` : ''}`;
}
