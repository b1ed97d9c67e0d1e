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

/** Which letters of each text have a partner; kept, as most of the time would go into making them. */
const [ofOne, ofOther] = [new Uint8Array(1_024), new Uint8Array(1_024)];

function jaroOf(one: string, other: string): number {
  if (one === other) return one === '' ? 0 : 1;
  const [mine, theirs] =
    Math.max(one.length, other.length) <= ofOne.length
      ? [ofOne.fill(0, 0, one.length), ofOther.fill(0, 0, other.length)]
      : [new Uint8Array(one.length), new Uint8Array(other.length)];
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1);
  let count = 0;
  for (let at = 0; at < one.length; at++) {
    const letter = one.charCodeAt(at);
    const last = Math.min(other.length - 1, at + reach);
    for (let there = Math.max(0, at - reach); there <= last; there++) {
      if (theirs[there] === 1 || other.charCodeAt(there) !== letter) continue;
      theirs[there] = 1;
      mine[at] = 1;
      count++;
      break;
    }
  }
  if (count === 0) return 0;
  let moved = 0;
  let there = 0;
  for (let at = 0; at < one.length; at++) {
    if (mine[at] === 0) continue;
    while (theirs[there] === 0) there++;
    if (one.charCodeAt(at) !== other.charCodeAt(there)) moved++;
    there++;
  }
  return (count / one.length + count / other.length + (count - moved / 2) / count) / 3;
}
