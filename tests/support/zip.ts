import { crc32, deflateRawSync } from 'node:zlib';

export interface MadeEntry {
  readonly name: string;
  readonly octets?: Uint8Array | string;
  /** False statements of the archive. */
  readonly lies?: Partial<Record<'flags' | 'method' | 'crc' | 'packed' | 'bytes', number>>;
  /** Begins where the entry before it begins: both unpack the same bytes. */
  readonly overlaps?: boolean;
}

/** A ZIP archive by hand (PKWARE APPNOTE 6.3.10), in which everything can be wrong. Names are UTF-8. */
export function zipOf(made: readonly MadeEntry[], { count = made.length } = {}): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  let last = 0;
  for (const { name, octets = '', lies = {}, overlaps = false } of made) {
    const plain = Buffer.from(octets as Uint8Array);
    const packed = deflateRawSync(plain);
    const encoded = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(0x800 | (lies.flags ?? 0), 2);
    head.writeUInt16LE(lies.method ?? 8, 4);
    head.writeUInt32LE(lies.crc ?? crc32(plain), 10);
    head.writeUInt32LE(lies.packed ?? packed.length, 14);
    head.writeUInt32LE(lies.bytes ?? plain.length, 18);
    head.writeUInt16LE(encoded.length, 22);
    if (!overlaps) {
      last = at;
      files.push(Buffer.from('PK\x03\x04'), head, encoded, packed);
      at += 4 + head.length + encoded.length + packed.length;
    }
    const place = Buffer.alloc(14);
    place.writeUInt32LE(last, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), head, place, encoded);
  }
  const middle = Buffer.concat(directory);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(count, 4);
  end.writeUInt16LE(count, 6);
  end.writeUInt32LE(middle.length, 8);
  end.writeUInt32LE(at, 12);
  return Buffer.concat([...files, middle, Buffer.from('PK\x05\x06'), end]);
}
