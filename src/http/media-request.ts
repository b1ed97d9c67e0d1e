import { parseByteRange } from '../domain/byte-range.ts';

/** A request for one representation that has an entity tag and no modification date. */
export interface MediaRequest {
  readonly method: string;
  readonly range?: string | undefined;
  readonly ifRange?: string | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export type MediaAnswer =
  | { readonly status: 200 | 206; readonly start: number; readonly end: number }
  | { readonly status: 304 | 412 | 416 };

/**
 * Decides the answer to a GET or HEAD, in the order of RFC 9110, 13.2.2: `If-Match`, `If-None-Match`, then `Range`
 * under `If-Range`.
 *
 * - Ranges are defined for GET only (14.2): HEAD describes the whole.
 * - `If-Range` compares strongly, and a date cannot match a representation without one (13.1.5): then the whole is
 *   sent.
 */
export function answerMediaRequest(request: MediaRequest, media: { bytes: number; etag: string }): MediaAnswer {
  if (request.ifMatch !== undefined && !isListed(request.ifMatch, media.etag, 'strong')) return { status: 412 };
  if (request.ifNoneMatch !== undefined && isListed(request.ifNoneMatch, media.etag, 'weak')) return { status: 304 };
  const whole = { status: 200, start: 0, end: media.bytes } as const;
  if (request.method !== 'GET' || request.range === undefined) return whole;
  if (request.ifRange !== undefined && request.ifRange.trim() !== media.etag) return whole;
  const range = parseByteRange(request.range, media.bytes);
  if (range === null) return whole;
  return range === 'unsatisfiable' ? { status: 416 } : { status: 206, ...range };
}

/**
 * `*`, or a list with this tag. Weak comparison ignores `W/`, strong comparison never matches it. RFC 9110, 8.8.3.2.
 */
function isListed(list: string, etag: string, comparison: 'weak' | 'strong'): boolean {
  if (list.trim() === '*') return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}
