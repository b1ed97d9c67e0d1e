/**
 * The one range that the header `Range` asks of a representation of `bytes` bytes: `start` is its first byte, `end` is behind
 * its last. RFC 9110, 14.1 and 14.2.
 *
 * - Null: the header is ignored and the whole is sent. So are another unit, bad syntax, a range that ends before it begins,
 *   and several ranges, which 14.2 allows.
 * - An end or a suffix beyond the last byte is cut off. A suffix of an empty representation is the whole, which has no
 *   `Content-Range`: null.
 */
export function parseByteRange(header: string, bytes: number): { start: number; end: number } | 'unsatisfiable' | null {
  const set = /^\s*bytes=(.*)$/i.exec(header)?.[1] ?? '';
  // Empty list elements count for nothing (5.6.1.2).
  const [spec, ...others] = set
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
  const match = spec !== undefined && others.length === 0 ? /^(\d*)-(\d*)$/.exec(spec) : null;
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return null;
    if (Number(last) === 0) return 'unsatisfiable';
    return bytes === 0 ? null : { start: Math.max(0, bytes - Number(last)), end: bytes };
  }
  const [start, end] = [Number(first), last === '' ? bytes : Math.min(Number(last) + 1, bytes)];
  if (last !== '' && Number(last) < start) return null;
  return start < bytes ? { start, end } : 'unsatisfiable';
}
