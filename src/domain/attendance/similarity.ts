/**
 * How alike two texts are, from 0 to 1: the comparator of Jaro (1989, Journal of the American Statistical Association 84,
 * 414–420), raised for a common beginning of up to four letters as Winkler (1990) does, with his weight of 0.1. It ranks
 * what is shown to a person and decides nothing (design, section 8).
 */
export function jaroWinkler(one: string, other: string): number {
  const jaro = jaroOf(one, other);
  let common = 0;
  while (common < 4 && common < one.length && one[common] === other[common]) common++;
  return jaro + common * 0.1 * (1 - jaro);
}

function jaroOf(one: string, other: string): number {
  if (one === other) return one === '' ? 0 : 1;
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1);
  const taken = new Uint8Array(other.length);
  const matched: string[] = [];
  for (let at = 0; at < one.length; at++) {
    const last = Math.min(other.length - 1, at + reach);
    for (let there = Math.max(0, at - reach); there <= last; there++) {
      if (taken[there] === 1 || other[there] !== one[at]) continue;
      taken[there] = 1;
      matched.push(other[there] ?? '');
      break;
    }
  }
  if (matched.length === 0) return 0;
  let place = 0;
  let moved = 0;
  for (let there = 0; there < other.length; there++) {
    if (taken[there] === 0) continue;
    if (other[there] !== matched[place]) moved++;
    place++;
  }
  const count = matched.length;
  return (count / one.length + count / other.length + (count - moved / 2) / count) / 3;
}
