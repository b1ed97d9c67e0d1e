import { type Interval, unite, without } from './interval.ts';
import { presenceOf } from './presence.ts';
import type { ReportedRow } from './row.ts';

/** What a sound file with one attendee's voice says. Milliseconds from the beginning of the recording. */
export interface Voice {
  /** The time of the recording for which the file has sound. */
  readonly covered: Interval;
  readonly heard: readonly Interval[];
}

/**
 * When the attendee of a row was heard, as instants: by the report, by the files, and while they were there and no file has
 * sound. Null: neither the report nor a file says it.
 */
export function spokeBy(
  row: ReportedRow,
  voices: readonly Voice[],
  { recording, ...times }: { readonly recording: Interval; readonly lesson: Interval; readonly resolutionMs: number },
): readonly Interval[] | null {
  if (voices.length === 0) return row.spoke;
  const toInstants = ({ startMs, endMs }: Interval): Interval => ({
    startMs: recording.startMs + startMs,
    endMs: recording.startMs + endMs,
  });
  const presence = presenceOf([row], { ...times, recorded: [recording] });
  return unite([
    ...(row.spoke ?? []),
    ...voices.flatMap(({ heard }) => heard.map(toInstants)),
    ...without(
      presence,
      voices.map(({ covered }) => toInstants(covered)),
    ),
  ]);
}
