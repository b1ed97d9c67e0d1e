import type { MediaSource } from '../../pipeline/ports/media.ts';

/** Findings in the outermost boxes of an MP4 or QuickTime file, beyond those that a demuxer reports. */
/** Content in a file beside its recording. */
export type ForeignContent = 'html' | 'pdf' | 'zip' | 'program' | 'trailing_bytes' | 'second_file';

export interface BoxWalk {
  readonly hasMovie: boolean;
  readonly hasFragments: boolean;
  /** The last box claims more bytes than there are: the file was cut, or its header lies. */
  readonly cutShort: boolean;
  /** Other content of the file, in plain words; empty for an ordinary file. */
  readonly foreign: readonly ForeignContent[];
  /** A Samsung trailer with data about the device and the scene. */
  readonly deviceTrailer: boolean;
}

const knownBoxes = new Set(
  'ftyp styp moov moof mdat free skip wide pnot udta meta uuid sidx ssix mfra emsg prft pdin PICT junk sefd mpvd'.split(
    ' ',
  ),
);
const maxBoxes = 500;
const lookBytes = 4096;
const tailBytes = 66_000;

/** Signatures of content that is not media. Searched for wherever a file format has room for foreign bytes. */
const foreignSigns: readonly (readonly [ForeignContent, RegExp])[] = [
  ['html', /<(!doctype html|html|script|body|iframe|svg)\b/i],
  ['pdf', /%PDF-\d/],
  ['zip', /PK(\x03\x04|\x05\x06)/],
  ['program', /^(MZ|\x7fELF)/],
];

/**
 * Walks the outermost boxes with a few small reads (at most 500 headers; a long fragmented file is judged by its
 * beginning and its end). Attacker-controlled sizes only decide where the next read begins, and it always begins later.
 * ISO/IEC 14496-12 section 4.2.
 */
export async function walkBoxes(source: MediaSource, signal?: AbortSignal): Promise<BoxWalk> {
  const foreign = new Set<ForeignContent>();
  const seen = new Map<string, number>();
  let at = 0;
  let cutShort = false;
  let boxes = 0;
  for (; at < source.bytes && boxes < maxBoxes; boxes++) {
    const header = await readBytes(source, at, at + 16, signal);
    const box = parseHeader(header, source.bytes - at);
    if (box === null || !(knownBoxes.has(box.type) || seen.size === 0)) {
      foreign.add('trailing_bytes');
      break;
    }
    seen.set(box.type, (seen.get(box.type) ?? 0) + 1);
    if (box.type === 'ftyp' && (seen.get('ftyp') ?? 0) > 1) foreign.add('second_file');
    if (['free', 'skip', 'uuid', 'junk', 'udta', 'ftyp'].includes(box.type)) {
      const body = await readBytes(source, at + box.headerBytes, at + Math.min(box.bytes, lookBytes), signal);
      for (const what of foreignIn(body)) foreign.add(what);
    }
    if (at + box.bytes > source.bytes) cutShort = true;
    at += box.bytes;
  }
  const tail = latin1(await readBytes(source, Math.max(0, source.bytes - tailBytes), source.bytes, signal));
  if (tail.includes('PK\x05\x06')) foreign.add('zip');
  return {
    hasMovie: seen.has('moov'),
    hasFragments: seen.has('moof'),
    cutShort,
    foreign: [...foreign],
    deviceTrailer: seen.has('sefd') || tail.endsWith('SEFT') || tail.includes('SEFH'),
  };
}

function parseHeader(header: Uint8Array, left: number): { type: string; bytes: number; headerBytes: number } | null {
  if (header.length < 8) return null;
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  const type = latin1(header.subarray(4, 8));
  const size = view.getUint32(0);
  if (size === 0) return { type, bytes: left, headerBytes: 8 };
  if (size !== 1) return size < 8 ? null : { type, bytes: size, headerBytes: 8 };
  if (header.length < 16) return null;
  const large = Number(view.getBigUint64(8));
  return large < 16 ? null : { type, bytes: large, headerBytes: 16 };
}

function foreignIn(body: Uint8Array): ForeignContent[] {
  const text = latin1(body);
  return foreignSigns.filter(([, sign]) => sign.test(text)).map(([what]) => what);
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/** Bytes `[start, end)`, fewer at the end of the file. For small ranges: the result is one buffer. */
export async function readBytes(
  source: MediaSource,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const last = Math.min(end, source.bytes);
  if (start >= last) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.read(start, last, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}
