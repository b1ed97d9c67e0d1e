import { piecesOf, type Source } from './source.ts';

/** The file is no ZIP archive that this reader accepts. */
export class ZipMalformed extends Error {
  override readonly name = 'ZipMalformed';
}

export interface ZipFile {
  readonly names: readonly string[];
  /** The octets of a member, unpacked. @throws ZipMalformed for an unknown name. */
  read(name: string): AsyncIterable<Uint8Array>;
}

/** How this computer unpacks. */
export interface Unpacking {
  /** CRC-32 of what `sum` is of, followed by these octets. */
  crc32(octets: Uint8Array, sum: number): number;
  /**
   * Undoes DEFLATE (RFC 1951).
   * @throws ZipMalformed if it is damaged, or ends before its `packed` octets do: no program would read the octets after
   * its end.
   */
  inflate(raw: AsyncIterable<Uint8Array>, packed: number): AsyncIterable<Uint8Array>;
}

interface Member {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly bytes: number;
  /** Offsets of its local header and of the record after it. */
  readonly at: number;
  readonly end: number;
  /** Offset of its packed octets. */
  readonly start: number;
}

const mostMembers = 1_000;
const mostNameBytes = 255;
const endBytes = 22;
const centralBytes = 46;
const localBytes = 30;
const descriptorBytes = 16;
/** Bit 3: sizes and checksum follow the octets. Bit 11: the name is UTF-8. */
const sizesFollow = 0x0008;
const knownFlags = sizesFollow | 0x0800;

/**
 * Reads a ZIP archive (PKWARE APPNOTE 6.3.10: stored or deflated members, one disk, below 4 GiB), which is
 * attacker-controlled: nothing is unpacked to a disk, and no member yields more octets than the archive states.
 *
 * Two programs may read one archive differently if it leaves them a choice: which of two directories, which of two
 * names. So it must leave none. The file is its members one after the other, one directory in the same order, and one
 * end record, with nothing before, between or after them. A member's own header repeats its entry in the directory.
 * @throws ZipMalformed.
 */
export async function readZip(source: Source, unpacking: Unpacking): Promise<ZipFile> {
  const members = await readMembers(source);
  return {
    names: [...members.keys()],
    read(name) {
      const member = members.get(name);
      if (!member) throw new ZipMalformed(`there is no ${name} in it`);
      return unpack(source, member, unpacking);
    },
  };
}

async function readMembers(source: Source): Promise<Map<string, Member>> {
  const { size } = source;
  const { count, start, length } = await readEnd(source, size);
  const directory = await source.read(start, start + length);
  const members = new Map<string, Member>();
  let next = 0;
  let covered = 0;
  for (let n = 0; n < count; n++) {
    const record = readRecord(directory, next);
    if (members.has(record.name)) throw new ZipMalformed(`it has ${record.name} twice`);
    if (record.at !== covered) throw new ZipMalformed('there are octets between its members');
    const member = await readLocal(source, record, directory.subarray(next, next + record.length));
    members.set(record.name, member);
    covered = member.end;
    next += record.length;
  }
  if (next !== directory.length) throw new ZipMalformed('its directory has more than its members');
  if (covered !== start) throw new ZipMalformed('there are octets between its members and its directory');
  return members;
}

/** The end record stands at the very end, without a comment, with the directory just before it. */
async function readEnd(source: Source, size: number): Promise<{ count: number; start: number; length: number }> {
  const end = await source.read(Math.max(0, size - endBytes), size);
  if (end.length < endBytes || end.readUInt32LE(0) !== 0x06054b50) throw new ZipMalformed('it has no end');
  const count = end.readUInt16LE(10);
  const [length, start] = [end.readUInt32LE(12), end.readUInt32LE(16)];
  const isOneDisk = end.readUInt16LE(4) === 0 && end.readUInt16LE(6) === 0 && end.readUInt16LE(8) === count;
  if (!isOneDisk || end.readUInt16LE(20) !== 0) throw new ZipMalformed('its end is not as it should be');
  if (count > mostMembers || length > count * (centralBytes + mostNameBytes + timeField.length))
    throw new ZipMalformed('it has too many members');
  if (start + length !== size - endBytes) throw new ZipMalformed('there are octets beside its directory');
  return { count, start, length };
}

/**
 * Info-ZIP's time of a member: the only extra field that the directory may carry. Others can give a second name or
 * size.
 */
const timeField = { id: 0x5455, length: 9 } as const;

type DirectoryRecord = Omit<Member, 'start' | 'end'> & { readonly length: number };

function readRecord(directory: Buffer, at: number): DirectoryRecord {
  const damaged = new ZipMalformed('its directory is damaged');
  if (at + centralBytes > directory.length || directory.readUInt32LE(at) !== 0x02014b50) throw damaged;
  const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)];
  const [nameBytes, extraBytes] = [directory.readUInt16LE(at + 28), directory.readUInt16LE(at + 30)];
  const length = centralBytes + nameBytes + extraBytes;
  if (at + length > directory.length) throw damaged;
  const extra = directory.subarray(at + centralBytes + nameBytes, at + length);
  const isKnownExtra =
    extraBytes === 0 ||
    (extraBytes === timeField.length && extra.readUInt16LE(0) === timeField.id && extra.readUInt16LE(2) === 5);
  const type = directory.readUInt32LE(at + 38) >>> 28;
  const isPlain =
    (flags & ~knownFlags) === 0 &&
    (method === 0 || method === 8) &&
    directory.readUInt16LE(at + 32) === 0 && // comment
    directory.readUInt16LE(at + 34) === 0 && // disk
    (type === 0 || type === 8) && // a file, and neither a link nor a device
    isKnownExtra;
  if (!isPlain) throw new ZipMalformed('a member is kept in a way that is not known here');
  return {
    name: readName(directory.subarray(at + centralBytes, at + centralBytes + nameBytes)),
    flags,
    method,
    crc: directory.readUInt32LE(at + 16),
    packed: directory.readUInt32LE(at + 20),
    bytes: directory.readUInt32LE(at + 24),
    at: directory.readUInt32LE(at + 42),
    length,
  };
}

function readName(octets: Buffer): string {
  let name: string;
  try {
    name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(octets);
  } catch (error) {
    throw new ZipMalformed('a name is no UTF-8', { cause: error });
  }
  const isPlain =
    octets.length > 0 &&
    octets.length <= mostNameBytes &&
    !/[\u0000-\u001f\u007f\\:]|^\/|(^|\/)\.{0,2}(\/|$)/.test(name);
  if (!isPlain) throw new ZipMalformed('a name is none that is written here');
  return name;
}

/** A member's own header, and the record after its octets, must agree with the directory. */
async function readLocal(source: Source, record: DirectoryRecord, central: Buffer): Promise<Member> {
  const nameBytes = central.readUInt16LE(28);
  const head = await source.read(record.at, record.at + localBytes + nameBytes);
  const start = record.at + localBytes + nameBytes;
  const follows = (record.flags & sizesFollow) !== 0;
  const isSame =
    head.length === localBytes + nameBytes &&
    head.readUInt32LE(0) === 0x04034b50 &&
    // Version, flags, method, time and date have the same order in both.
    head.subarray(4, 14).equals(central.subarray(6, 16)) &&
    (follows
      ? head.subarray(14, 26).every((octet) => octet === 0)
      : head.subarray(14, 26).equals(central.subarray(16, 28))) &&
    head.readUInt16LE(26) === nameBytes &&
    head.readUInt16LE(28) === 0 &&
    head.subarray(localBytes).equals(central.subarray(centralBytes, centralBytes + nameBytes));
  if (!isSame) throw new ZipMalformed('a member is not what the directory says');
  const packedEnd = start + record.packed;
  if (!follows) return { ...record, start, end: packedEnd };
  const descriptor = await source.read(packedEnd, packedEnd + descriptorBytes);
  const isDescribed =
    descriptor.length === descriptorBytes &&
    descriptor.readUInt32LE(0) === 0x08074b50 &&
    descriptor.subarray(4).equals(central.subarray(16, 28));
  if (!isDescribed) throw new ZipMalformed('a member is not what the directory says');
  return { ...record, start, end: packedEnd + descriptorBytes };
}

async function* unpack(source: Source, member: Member, unpacking: Unpacking): AsyncGenerator<Uint8Array> {
  const { method, packed, bytes, crc, start } = member;
  const raw = packedOctets(source, start, start + packed);
  let given = 0;
  let sum = 0;
  for await (const piece of method === 0 ? raw : unpacking.inflate(raw, packed)) {
    given += piece.length;
    if (given > bytes) throw new ZipMalformed('a member is larger than it says');
    sum = unpacking.crc32(piece, sum);
    yield piece;
  }
  if (given !== bytes) throw new ZipMalformed('a member is cut off');
  if (sum !== crc) throw new ZipMalformed('a member is damaged');
}

async function* packedOctets(source: Source, start: number, end: number): AsyncGenerator<Uint8Array> {
  let given = 0;
  for await (const piece of piecesOf(source, start, end)) {
    given += piece.length;
    yield piece;
  }
  if (given !== end - start) throw new ZipMalformed('it is cut off');
}
