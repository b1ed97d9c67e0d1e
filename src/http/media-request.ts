/** What is asked of one representation that has an entity tag and no modification date. */
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
 * How a GET or HEAD is answered, in the order of RFC 9110, 13.2.2: `If-Match`, `If-None-Match`, then `Range` under `If-Range`.
 *
 * - Ranges are defined for GET only (14.2): HEAD describes the whole.
 * - What is not understood is ignored, not refused (14.2): another unit, bad syntax, a range that ends before it begins.
 *   Several ranges are answered with the whole, which 14.2 allows.
 * - `If-Range` compares strongly, and a date cannot match what has none (13.1.5): then the whole is sent.
 * - An end or a suffix beyond the last byte is cut off. Of empty media a suffix is the whole, which has no `Content-Range`.
 */
export function answerMediaRequest(request: MediaRequest, media: { bytes: number; etag: string }): MediaAnswer {
  if (request.ifMatch !== undefined && !isListed(request.ifMatch, media.etag, 'strong')) return { status: 412 };
  if (request.ifNoneMatch !== undefined && isListed(request.ifNoneMatch, media.etag, 'weak')) return { status: 304 };
  const whole = { status: 200, start: 0, end: media.bytes } as const;
  if (request.method !== 'GET' || request.range === undefined) return whole;
  if (request.ifRange !== undefined && request.ifRange.trim() !== media.etag) return whole;
  const range = parseRange(request.range);
  if (range === null) return whole;
  if ('suffix' in range) {
    if (range.suffix === 0) return { status: 416 };
    return media.bytes === 0
      ? whole
      : { status: 206, start: Math.max(0, media.bytes - range.suffix), end: media.bytes };
  }
  if (range.first >= media.bytes) return { status: 416 };
  return { status: 206, start: range.first, end: Math.min(range.last + 1, media.bytes) };
}

/** One range of bytes; null for everything that is to be ignored. RFC 9110, 14.1.1. */
function parseRange(header: string): { first: number; last: number } | { suffix: number } | null {
  const set = /^\s*bytes=(.*)$/i.exec(header)?.[1];
  // Empty list elements count for nothing (5.6.1.2).
  const specs =
    set
      ?.split(',')
      .map((spec) => spec.trim())
      .filter((spec) => spec !== '') ?? [];
  const match = specs.length === 1 ? /^(\d*)-(\d*)$/.exec(specs[0]!) : null;
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? null : { suffix: Number(last) };
  const range = { first: Number(first), last: last === '' ? Number.POSITIVE_INFINITY : Number(last) };
  return range.last < range.first ? null : range;
}

/** `*`, or a list with this tag; weak comparison takes `W/` for nothing, strong one never matches it. RFC 9110, 8.8.3.2. */
function isListed(list: string, etag: string, comparison: 'weak' | 'strong'): boolean {
  if (list.trim() === '*') return true;
  const tags = list.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag);
}
