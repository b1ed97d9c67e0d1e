import type { Stretch } from '../../domain/coverage.ts';
import type { Edit, Region } from '../../domain/decision.ts';
import { editKinds } from '../../domain/decision.ts';
import { bool, list, number, object, oneOf, orNull, type Reader, record, text } from '../../domain/json.ts';
import { parseReasons } from '../../domain/reason.ts';
import { type MediaProbe, mediaWarningCodes, type RenditionLayout, streamKinds } from '../ports/media.ts';

/** What the JSON columns hold, each read here when it leaves the database. */

const textOrNumber: Reader<string | number> = (value, at) =>
  typeof value === 'number' ? number(value, at) : text(value, at);

const stream = object(
  { index: number, kind: oneOf(streamKinds), codec: orNull(text), decodable: bool },
  { width: number, height: number, channels: number, sampleRate: number, language: text, stillPicture: bool },
);

/** `recording.probe`; null in one that is arriving or erased. */
export const readProbe: Reader<MediaProbe> = object({
  container: text,
  mediaType: text,
  declaredDurationMs: orNull(number),
  streams: list(stream),
  tags: list(object({ stream: orNull(number), name: text, value: text })),
  warnings: list(object({ code: oneOf(mediaWarningCodes), facts: record(textOrNumber) })),
});

/** `coverage.played`. */
export const readStretches: Reader<Stretch[]> = list(object({ startMs: number, endMs: number }));

/** `decision.region`. */
export const readRegion: Reader<Region> = object({ x: number, y: number, width: number, height: number });

/** `rendition.edits`. */
export const readEdits: Reader<Edit[]> = list(
  object({ kind: oneOf(editKinds), startMs: number, endMs: number }, { region: readRegion }),
);

const stretch: Reader<readonly [number, number, number]> = (value, at) => {
  const [begin, bytes, durationMs] = list(number)(value, at);
  return [number(begin, at), number(bytes, at), number(durationMs, at)];
};

/** `rendition.layout`. */
export const readLayout: Reader<RenditionLayout> = object({
  durationMs: number,
  initBytes: number,
  segments: list(stretch),
  chaptersMs: list(number),
  subtitles: list(object({ at: number, bytes: number, language: orNull(text) })),
});

/** `upload.metadata`: what the client sent along, as tus has it. */
export const readMetadata: Reader<Record<string, string | null>> = record(orNull(text));

/** `upload.reasons`: the one refusal that ended it. */
export const readRefusals = list(
  object({
    code: text,
    reasons: parseReasons,
  }),
);

/** `work.identifiers`. */
export const readIdentifiers: Reader<Record<string, string>> = record(text);

const facts = object({}, { workStartMs: number, stream: orNull(number) });
/** `finding.evidence`, as far as it is read here: a detector writes more, which goes on as it is. Of joined findings it is a list. */
export const readEvidence: typeof facts = (value, at) => facts(Array.isArray(value) ? value[0] : value, at);
