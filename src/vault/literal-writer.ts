import { definiteLength, type LiteralLayout, literalFields, packetTag, partialLength } from './packet.ts';

/** Puts the octets of one literal packet around media that arrives in pieces of any size. */
export interface LiteralWriter {
  /** The octets that may follow now. Views of `media` or of the writer: valid until the next call. */
  write(media: Uint8Array): Iterable<Uint8Array>;
  end(): Iterable<Uint8Array>;
  /** Overwrites the media that the writer holds. */
  wipe(): void;
}

/** Media of known length: the layout says where its octets go, the media fills the runs between them. */
export function writeDeclared(layout: LiteralLayout): LiteralWriter {
  const runs = layout.runs(0, layout.plaintextBytes);
  let room = 0;
  const toNextMedia = function* (): Generator<Uint8Array> {
    for (let next = runs.next(); !next.done; next = runs.next()) {
      if (next.value.kind === 'media') {
        room = next.value.length;
        return;
      }
      yield next.value.octets;
    }
  };
  return {
    *write(media) {
      for (let rest = media; rest.length > 0; ) {
        if (room === 0) yield* toNextMedia();
        const run = rest.subarray(0, room);
        yield run;
        room -= run.length;
        rest = rest.subarray(run.length);
      }
    },
    end: toNextMedia,
    wipe() {},
  };
}

const partBytes = 2 ** 22;

/** Media of unknown length: a part of 4 MiB is gathered before the octet that announces it can be written. */
export function writeUndeclared(): LiteralWriter {
  const part = Buffer.allocUnsafeSlow(partBytes);
  let isBegun = false;
  // The six fields of the literal packet open its first part.
  part.set(literalFields);
  let filled = literalFields.length;
  const begin = function* (): Generator<Uint8Array> {
    if (!isBegun) yield Uint8Array.of(packetTag.literal);
    isBegun = true;
  };
  return {
    *write(media) {
      yield* begin();
      for (let rest = media; rest.length > 0; ) {
        const run = rest.subarray(0, partBytes - filled);
        part.set(run, filled);
        filled += run.length;
        rest = rest.subarray(run.length);
        if (filled < partBytes) continue;
        yield Uint8Array.of(partialLength(22));
        yield part;
        filled = 0;
      }
    },
    *end() {
      yield* begin();
      yield definiteLength(filled);
      yield part.subarray(0, filled);
    },
    wipe: () => void part.fill(0),
  };
}
