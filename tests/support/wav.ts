/**
 * A WAV header. At 192 kHz: a large file should not be long too, as it is decoded whole. The declared length is limited
 * to 32 bits; players read on to the end of the file.
 */
export function wavHeader(dataBytes: number): Buffer {
  const head = Buffer.from(
    '524946460000000057415645666d7420100000000100020000ee020000b80b00040010006461746100000000',
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

/** A WAV file of exactly `bytes` bytes whose every 64 bytes differ: lost, doubled or moved bytes show in its digest. */
export function wavOf(bytes: number): Buffer {
  const file = Buffer.alloc(bytes);
  wavHeader(bytes - 44).copy(file);
  for (let at = 64; at + 4 <= bytes; at += 64) file.writeUInt32LE(at / 64, at);
  return file;
}
