import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { createInflateRaw } from 'node:zlib';

/** The file is no ZIP archive that can be read here. */
export class ZipMalformed extends Error {
  override readonly name = 'ZipMalformed';
}

export interface ZipFile extends AsyncDisposable {
  readonly names: readonly string[];
  /** The octets of a member, unpacked. @throws ZipMalformed for a name that is not there. */
  read(name: string): AsyncIterable<Uint8Array>;
}

interface Member {
  readonly method: number;
  readonly packed: number;
  readonly bytes: number;
  readonly at: number;
}

const mostMembers = 1_000;
const endBytes = 22;

/**
 * Opens a ZIP archive (PKWARE APPNOTE 6.3.10: stored or deflated members, one disk, below 4 GiB), which is
 * attacker-controlled: nothing is unpacked to a disk, and no member gives more octets than the archive says.
 * @throws ZipMalformed.
 */
export async function openZip(path: string): Promise<ZipFile> {
  const file = await open(path);
  try {
    const members = await readDirectory(file);
    return {
      names: [...members.keys()],
      read(name) {
        const member = members.get(name);
        if (!member) throw new ZipMalformed(`there is no ${name} in it`);
        return unpack(file, member);
      },
      [Symbol.asyncDispose]: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function readDirectory(file: FileHandle): Promise<Map<string, Member>> {
  const { size } = await file.stat();
  const tail = await readAt(file, Math.max(0, size - endBytes - 65_535), size);
  let at = tail.length - endBytes;
  while (at >= 0 && tail.readUInt32LE(at) !== 0x06054b50) at--;
  if (at < 0) throw new ZipMalformed('it has no end');
  const count = tail.readUInt16LE(at + 10);
  const start = tail.readUInt32LE(at + 16);
  const directory = await readAt(file, start, Math.min(size, start + tail.readUInt32LE(at + 12)));
  if (count > mostMembers) throw new ZipMalformed('it has too many members');
  const members = new Map<string, Member>();
  let next = 0;
  for (let n = 0; n < count; n++) {
    if (next + 46 > directory.length || directory.readUInt32LE(next) !== 0x02014b50)
      throw new ZipMalformed('its directory is damaged');
    const nameEnd = next + 46 + directory.readUInt16LE(next + 28);
    const name = directory.toString('utf8', next + 46, nameEnd);
    if (members.has(name)) throw new ZipMalformed(`it has ${name} twice`);
    members.set(name, {
      method: directory.readUInt16LE(next + 10),
      packed: directory.readUInt32LE(next + 20),
      bytes: directory.readUInt32LE(next + 24),
      at: directory.readUInt32LE(next + 42),
    });
    next = nameEnd + directory.readUInt16LE(next + 30) + directory.readUInt16LE(next + 32);
  }
  return members;
}

async function* unpack(file: FileHandle, { method, packed, bytes, at }: Member): AsyncGenerator<Uint8Array> {
  const head = await readAt(file, at, at + 30);
  if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50) throw new ZipMalformed('a member is damaged');
  const start = at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
  const raw = readPieces(file, start, start + packed);
  if (method !== 0 && method !== 8) throw new ZipMalformed('a member is packed in a way that is not known here');
  let given = 0;
  try {
    for await (const piece of method === 0 ? raw : inflate(raw)) {
      given += piece.length;
      if (given > bytes) throw new ZipMalformed('a member is larger than it says');
      yield piece;
    }
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith('Z_'))
      throw new ZipMalformed('a member is damaged', { cause: error });
    throw error;
  }
  if (given !== bytes) throw new ZipMalformed('a member is cut off');
}

async function* inflate(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const inflated = createInflateRaw();
  const source = Readable.from(raw);
  source.once('error', (error) => inflated.destroy(error));
  source.pipe(inflated);
  try {
    yield* inflated as AsyncIterable<Uint8Array>;
  } finally {
    source.destroy();
    inflated.destroy();
  }
}

async function* readPieces(file: FileHandle, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < end; ) {
    const piece = await readAt(file, at, Math.min(end, at + 65_536));
    if (piece.length === 0) throw new ZipMalformed('it is cut off');
    yield piece;
    at += piece.length;
  }
}

async function readAt(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const octets = Buffer.alloc(Math.max(0, end - start));
  const { bytesRead } = await file.read(octets, 0, octets.length, start);
  return octets.subarray(0, bytesRead);
}
