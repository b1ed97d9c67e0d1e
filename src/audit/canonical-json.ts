/**
 * RFC 8785 (JSON Canonicalization Scheme): one text for one value, so that anybody can hash it again. JavaScript's own
 * number and string forms are those that the RFC prescribes (3.2.2.2, 3.2.2.3); keys sort by UTF-16 code units.
 * @throws TypeError for values that JSON cannot hold: NaN, infinities, undefined, functions, bigint, lone surrogates.
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('a number that is not finite has no canonical form');
    return JSON.stringify(value);
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError('a string with a lone surrogate has no canonical form');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (
    typeof value === 'object' &&
    (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
  ) {
    const members = Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${members.map(([key, member]) => `${canonicalJson(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new TypeError(`${typeof value} has no canonical form`);
}

/** Whether `text` is the canonical form of its value; false also for text that is not JSON. */
export function isCanonicalJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    // JavaScript writes numbers and strings as the RFC does; then only the order of members and lone surrogates are
    // left.
    if (!text.includes('\\u') && JSON.stringify(value) === text && isSorted(value)) return true;
    return canonicalJson(value) === text;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return false;
    throw error;
  }
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  const keys = Object.keys(value);
  let before: string | null = null;
  for (const key of keys) {
    if (before !== null && before >= key) return false;
    before = key;
  }
  return Object.values(value).every(isSorted);
}
