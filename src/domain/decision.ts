import { Refusal } from './errors.ts';
import type { Id } from './ids.ts';
import type { Reason } from './reason.ts';

/** What a reviewer decides about one segment. `refuse` rejects the whole recording. Policy P5. */
export const decisionKinds = ['permitted', 'mute', 'tone', 'black_out', 'blur', 'cut', 'refuse'] as const;
export type DecisionKind = (typeof decisionKinds)[number];

/** On what ground third-party material may stay. `checked` is for stretches that a person had to look at in place of the machine. */
export const grounds = ['own_work', 'licence', 'exception', 'public_domain', 'permission_letter', 'checked'] as const;
export type Ground = (typeof grounds)[number];

/** A part of the upright picture, each as a share of its width or height, 0 to 1. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface DecisionView {
  readonly kind: DecisionKind;
  readonly decidedById: Id;
  /** Of a black-out or a blur; null for the whole picture. */
  readonly region: Region | null;
  /** Edges that the reviewer moved; null: those of the segment. */
  readonly startMs: number | null;
  readonly endMs: number | null;
}

export interface SegmentView {
  readonly id: Id;
  readonly source: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly title: string | null;
  readonly decision: DecisionView | null;
}

export interface DecisionInput {
  readonly kind: DecisionKind;
  readonly ground?: Ground | null | undefined;
  readonly region?: Region | null | undefined;
  readonly startMs?: number | null | undefined;
  readonly endMs?: number | null | undefined;
}

/**
 * A permitted segment needs a ground, a blur needs a region, only the picture has regions, a region lies inside the picture,
 * and a range that was moved still has a length and still touches its segment: what lies elsewhere is a segment of its own.
 * @throws Refusal `INVALID_REQUEST`.
 */
export function assertDecision(
  decision: DecisionInput,
  segment?: { readonly startMs: number; readonly endMs: number },
): void {
  const { kind, ground, region } = decision;
  if (kind === 'permitted' && !ground) throw wrong('ground', decisionFaults.groundMissing);
  if (kind === 'blur' && !region) throw wrong('region', decisionFaults.regionMissing);
  if (region && kind !== 'blur' && kind !== 'black_out') throw wrong('region', decisionFaults.regionUnwanted);
  if (region && !isInsidePicture(region)) throw wrong('region', decisionFaults.regionOutside);
  const startMs = decision.startMs ?? segment?.startMs ?? 0;
  const endMs = decision.endMs ?? segment?.endMs ?? Number.POSITIVE_INFINITY;
  const isElsewhere = segment !== undefined && (startMs >= segment.endMs || endMs <= segment.startMs);
  if (startMs >= endMs || isElsewhere) throw wrong('startMs', decisionFaults.rangeWrong);
}

/** Sums of shares such as 0.1 + 0.9 miss 1 by a hair. */
const isInsidePicture = ({ x, y, width, height }: Region): boolean =>
  x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1.000_001 && y + height <= 1.000_001;

const decisionFaults = {
  groundMissing: { code: 'GROUND_MISSING' },
  regionMissing: { code: 'REGION_MISSING' },
  regionUnwanted: { code: 'REGION_UNWANTED' },
  regionOutside: { code: 'REGION_OUTSIDE' },
  rangeWrong: { code: 'RANGE_WRONG' },
} as const;

const wrong = (field: string, fault: (typeof decisionFaults)[keyof typeof decisionFaults]): Refusal =>
  new Refusal('INVALID_REQUEST', { reasons: [{ ...fault, subject: { kind: 'field', id: field } }] });

/** Segments without a decision. */
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
      params: { range, ...(segment.title ? { title: segment.title } : { source: segment.source }) },
    };
  });
  if (reasons.length > 0) throw new Refusal('SEGMENTS_OPEN', { reasons });
}

export const editKinds = ['mute', 'tone', 'black_out', 'blur', 'cut'] as const;

/** One change of the rendition. Times are those of the recording, `endMs` is the first moment that stays. */
export interface Edit {
  readonly kind: (typeof editKinds)[number];
  readonly startMs: number;
  readonly endMs: number;
  /** Of a black-out or a blur; without one it is the whole picture. */
  readonly region?: Region;
}

/** The edits that the decisions ask for, in order of time. */
export function editsOf(segments: readonly SegmentView[]): Edit[] {
  return segments
    .flatMap(({ decision, startMs, endMs }): Edit[] => {
      const kind = editKinds.find((each) => each === decision?.kind);
      if (!decision || !kind) return [];
      const range = { startMs: decision.startMs ?? startMs, endMs: decision.endMs ?? endMs };
      return [{ kind, ...range, ...(decision.region ? { region: decision.region } : {}) }];
    })
    .sort((a, b) => a.startMs - b.startMs || a.endMs - b.endMs || a.kind.localeCompare(b.kind));
}

/** `1:02:03.5`: hours only if there are any, and never later than it is. */
export function clock(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const seconds = Math.floor(tenths / 10) % 60;
  const minutes = Math.floor(tenths / 600) % 60;
  const hours = Math.floor(tenths / 36_000);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(seconds)}${tenths % 10 ? `.${tenths % 10}` : ''}`;
}
