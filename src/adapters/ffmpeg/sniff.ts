import type { ContainerName } from './containers.ts';

/** The kind of a file, from its first bytes. `other` names a kind that people mistake for a recording. */
export type Sniffed =
  | { readonly kind: 'container'; readonly container: ContainerName }
  | { readonly kind: 'other'; readonly what: OtherKind };

export type OtherKind =
  | 'empty'
  | 'playlist'
  | 'text'
  | 'markup'
  | 'picture'
  | 'archive'
  | 'document'
  | 'program'
  | 'unknown';

/** How much of the beginning of a file `sniff` reads. */
export const sniffBytes = 64 * 1024;
/** How far into a file of unknown beginning an MP3 stream is searched for. */
export const mp3SearchBytes = 1024 * 1024;

const ascii = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, Math.min(end, bytes.length)));

const startsWith = (bytes: Uint8Array, ...values: number[]): boolean =>
  values.every((value, at) => bytes[at] === value);

/**
 * Recognises the content of a file by its beginning, never by its name. Attacker-controlled: the answer decides which
 * demuxer is opened, so a playlist that is called `.mp4` is refused here, and no demuxer reads it.
 */
export function sniff(head: Uint8Array): Sniffed {
  if (head.length === 0) return { kind: 'other', what: 'empty' };
  const container = sniffContainer(head);
  if (container !== null) return { kind: 'container', container };
  const other = sniffOther(head);
  if (other !== null) return { kind: 'other', what: other };
  // Frames without a header before them. A chain of frames that fit is required, because two bytes prove nothing.
  if (findFrameChain(head.subarray(0, 16 * 1024), adtsFrameLength, 5) === 0)
    return { kind: 'container', container: 'aac' };
  return { kind: 'other', what: 'unknown' };
}

function sniffContainer(head: Uint8Array): ContainerName | null {
  const four = ascii(head, 0, 4);
  const box = ascii(head, 4, 8);
  if (box === 'ftyp') return sniffBrand(head);
  if (['moov', 'mdat', 'wide', 'free', 'skip', 'pnot', 'styp', 'moof'].includes(box)) return 'quicktime';
  if (startsWith(head, 0x1a, 0x45, 0xdf, 0xa3)) return ascii(head, 0, 256).includes('webm') ? 'webm' : 'matroska';
  if (four === 'OggS') return 'ogg';
  if (four === 'RIFF' || four === 'RF64') {
    const form = ascii(head, 8, 12);
    return form === 'AVI ' ? 'avi' : form === 'WAVE' ? 'wav' : null;
  }
  if (four === 'FORM' && ascii(head, 8, 11) === 'AIF') return 'aiff';
  if (four === 'fLaC') return 'flac';
  if (four === 'caff') return 'caf';
  if (ascii(head, 0, 5) === '#!AMR') return 'amr';
  if (ascii(head, 0, 3) === 'FLV') return 'flv';
  if (startsWith(head, 0x30, 0x26, 0xb2, 0x75, 0x8e, 0x66, 0xcf, 0x11)) return 'asf';
  if (startsWith(head, 0, 0, 1, 0xba)) return 'mpegps';
  if (isTransportStream(head)) return 'mpegts';
  if (ascii(head, 0, 3) === 'ID3') return sniffAfterId3(head);
  return findFrameChain(head.subarray(0, 16 * 1024), mp3FrameLength, 3) === 0 ? 'mp3' : null;
}

/** Still-picture formats share the box structure of MP4; their brands tell them apart. */
function sniffBrand(head: Uint8Array): ContainerName | null {
  const brand = ascii(head, 8, 12);
  if (['heic', 'heix', 'heim', 'mif1', 'avif', 'crx '].includes(brand)) return null;
  return brand === 'qt  ' ? 'quicktime' : 'mp4';
}

/** ID3 is written before MP3, and also before raw AAC and FLAC. */
function sniffAfterId3(head: Uint8Array): ContainerName {
  const size = ((head[6] ?? 0) << 21) | ((head[7] ?? 0) << 14) | ((head[8] ?? 0) << 7) | (head[9] ?? 0);
  const after = head.subarray(10 + size);
  if (ascii(after, 0, 4) === 'fLaC') return 'flac';
  return findFrameChain(after.subarray(0, 16 * 1024), adtsFrameLength, 5) === 0 ? 'aac' : 'mp3';
}

function isTransportStream(head: Uint8Array): boolean {
  return [
    { first: 0, step: 188 },
    { first: 4, step: 192 },
  ].some(({ first, step }) => {
    if (head.length < first + 3 * step) return false;
    for (let at = first; at < Math.min(head.length, first + 8 * step); at += step) if (head[at] !== 0x47) return false;
    return true;
  });
}

function sniffOther(head: Uint8Array): OtherKind | null {
  const four = ascii(head, 0, 4);
  if (startsWith(head, 0x89, 0x50, 0x4e, 0x47) || startsWith(head, 0xff, 0xd8, 0xff) || four === 'GIF8')
    return 'picture';
  if (four.startsWith('BM') && head.length > 26 && head[14] === 40) return 'picture';
  if ((four === 'RIFF' && ascii(head, 8, 12) === 'WEBP') || four === 'II*\0' || four === 'MM\0*') return 'picture';
  if (ascii(head, 4, 8) === 'ftyp') return 'picture';
  if (startsWith(head, 0x50, 0x4b) || four === 'Rar!' || startsWith(head, 0x1f, 0x8b) || four.startsWith('7z'))
    return 'archive';
  if (startsWith(head, 0x42, 0x5a, 0x68) || startsWith(head, 0xfd, 0x37, 0x7a) || ascii(head, 257, 262) === 'ustar')
    return 'archive';
  if (four === '%PDF' || startsWith(head, 0xd0, 0xcf, 0x11, 0xe0)) return 'document';
  if (four.startsWith('MZ') || four === '\x7fELF') return 'program';
  return sniffText(head);
}

function sniffText(head: Uint8Array): OtherKind | null {
  const text = new TextDecoder('utf-8')
    .decode(head.subarray(0, 4096))
    .replace(/^\uFEFF/, '')
    .trimStart();
  if (
    /^(#EXTM3U|ffconcat|\[playlist\]|v=0\r?\n)/i.test(text) ||
    /^<\?xml[\s\S]{0,400}<(MPD|smil|playlist|asx)\b/i.test(text)
  ) {
    return 'playlist';
  }
  if (/^<(!doctype|html|\?xml|svg|script|head|body|MPD)\b/i.test(text)) return 'markup';
  // Turkish text in an older encoding is full of invalid UTF-8 and free of control characters; binary data has both.
  const controls = [...text].filter((char) => char < ' ' && !'\n\r\t\f'.includes(char)).length;
  const invalid = [...text].filter((char) => char === '\uFFFD').length;
  return text.length > 0 && controls / text.length < 0.02 && invalid / text.length < 0.3 ? 'text' : null;
}

/** Where a chain of `count` frames begins, each ending where the next begins; -1 if there is none. */
function findFrameChain(
  bytes: Uint8Array,
  frameLength: (bytes: Uint8Array, at: number) => number,
  count: number,
): number {
  search: for (let first = 0; first + 4 <= bytes.length; first++) {
    let at = first;
    for (let found = 0; found < count; found++) {
      const length = frameLength(bytes, at);
      if (length === 0) continue search;
      at += length;
    }
    return first;
  }
  return -1;
}

/** Where an MPEG audio stream begins: the first of ten frames in a row. -1 when there is none. */
export function findMp3Start(bytes: Uint8Array): number {
  return findFrameChain(bytes, mp3FrameLength, 10);
}

const mp3BitRates = {
  1: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
} as const;
const mp3SampleRates = [44_100, 48_000, 32_000] as const;

/** ISO/IEC 11172-3 section 2.4.1.3, layer III with a stated bit rate. 0 if there is no frame at `at`. */
function mp3FrameLength(bytes: Uint8Array, at: number): number {
  const [sync, version, rates] = [bytes[at], bytes[at + 1], bytes[at + 2]];
  if (sync !== 0xff || version === undefined || rates === undefined || (version & 0xe6) !== 0xe2) return 0;
  const versionBits = (version >> 3) & 3;
  if (versionBits === 1) return 0;
  const isVersion1 = versionBits === 3;
  const bitRate = mp3BitRates[isVersion1 ? 1 : 2][rates >> 4];
  const base = mp3SampleRates[(rates >> 2) & 3];
  if (bitRate === undefined || bitRate === 0 || base === undefined) return 0;
  const sampleRate = base / (isVersion1 ? 1 : versionBits === 2 ? 2 : 4);
  return Math.floor(((isVersion1 ? 144_000 : 72_000) * bitRate) / sampleRate) + ((rates >> 1) & 1);
}

/** ISO/IEC 13818-7 section 6.2 (ADTS). 0 if there is no frame at `at`. */
function adtsFrameLength(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== 0xff || ((bytes[at + 1] ?? 0) & 0xf6) !== 0xf0) return 0;
  const length = (((bytes[at + 3] ?? 0) & 3) << 11) | ((bytes[at + 4] ?? 0) << 3) | ((bytes[at + 5] ?? 0) >> 5);
  return length < 7 ? 0 : length;
}
