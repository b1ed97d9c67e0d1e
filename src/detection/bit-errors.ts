/** Differing bits of two 32-bit numbers. */
export function differingBits(a: number, b: number): number {
  let bits = a ^ b;
  bits -= (bits >>> 1) & 0x55555555;
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** A value that repeats this many times in a row comes from silence or a steady tone, which every work may hold. */
const steadyRun = 6;

/** 1 where a fingerprint tells something, 0 where it stands still. */
export function tellingItems(fingerprint: Uint32Array): Uint8Array {
  const telling = new Uint8Array(fingerprint.length).fill(1);
  for (let start = 0; start < fingerprint.length; ) {
    let end = start + 1;
    while (end < fingerprint.length && fingerprint[end] === fingerprint[start]) end++;
    if (end - start >= steadyRun) telling.fill(0, start, end);
    start = end;
  }
  return telling;
}
