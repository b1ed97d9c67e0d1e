/** A WAV header; the declared length ends at what 32 bits hold, where players read on to the end of the file. */
export function wavHeader(dataBytes: number): Buffer {
  const head = Buffer.from(
    '524946460000000057415645666d7420100000000100020044ac000010b10200040010006461746100000000',
    'hex',
  );
  head.writeUInt32LE(Math.min(dataBytes + 36, 2 ** 32 - 1), 4);
  head.writeUInt32LE(Math.min(dataBytes, 2 ** 32 - 1), 40);
  return head;
}

/** Silence of `dataBytes` bytes as a WAV file, in pieces. */
export function* wav(dataBytes: number, pieceBytes = 2 ** 20): Generator<Buffer> {
  yield wavHeader(dataBytes);
  const piece = Buffer.alloc(pieceBytes);
  for (let left = dataBytes; left > 0; left -= pieceBytes) yield piece.subarray(0, Math.min(left, pieceBytes));
}
