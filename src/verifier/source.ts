/** A file that is read piece by piece, on a disk or in a browser. */
export interface Source {
  readonly size: number;
  /** The octets `[start, end)`; fewer where the file ends before. */
  read(start: number, end: number): Promise<Buffer>;
}

const pieceBytes = 65_536;

export async function* piecesOf(source: Source, start = 0, end = source.size): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const piece = await source.read(at, Math.min(end, at + pieceBytes));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}
