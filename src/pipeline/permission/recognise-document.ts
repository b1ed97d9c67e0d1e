import { type DocumentKind, documentKindOf, headBytes } from '../../domain/document-kind.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import type { MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { findActiveContent } from './active-pdf.ts';

type Needs = Pick<Outside, 'pages' | 'media' | 'archives'>;

/**
 * What a signed document is, by its content: it begins as one of the accepted kinds, and it opens as one, in a process without
 * network, keys and files. Not decoded: HEIC, which our ffmpeg does not read; there the boxes have to add up to the file. A PDF
 * that could act by itself, and an OpenDocument text with macros, are refused. Policy P1.
 * @throws Refusal `NOT_DOCUMENT` with what is wrong and what is accepted.
 */
export async function recogniseDocument(
  outside: Needs,
  source: MediaSource,
  options: { signal?: AbortSignal } = {},
): Promise<DocumentKind> {
  const kind = documentKindOf(await readAll(source, headBytes, options.signal));
  if (kind === null) throw notDocument(reasons.unknown);
  try {
    await openAs[kind](outside, source, options);
  } catch (error) {
    const isOurs = error instanceof Refusal && ['NOT_MEDIA', 'MEDIA_NOT_ALLOWED'].includes(error.code);
    throw isOurs ? notDocument(reasons.broken, error) : error;
  }
  return kind;
}

type Open = (outside: Needs, source: MediaSource, options: { signal?: AbortSignal }) => Promise<void>;

const asPicture: Open = async ({ media }, source, options) => {
  await media.still(source, options);
};

const openAs: Readonly<Record<DocumentKind, Open>> = {
  async pdf({ pages }, source, options) {
    const active = findActiveContent(await readAll(source, source.bytes, options.signal));
    if (active.length > 0) throw notDocument(active.includes('Encrypt') ? reasons.encrypted : reasons.active);
    let count = 0;
    await pages.read(source, () => void count++, options);
    if (count === 0) throw notDocument(reasons.broken);
  },
  jpeg: asPicture,
  png: asPicture,
  tiff: asPicture,
  async heic(_, source, { signal }) {
    if (!isBoxed(await readAll(source, source.bytes, signal))) throw notDocument(reasons.broken);
  },
  async odt({ archives }, source, options) {
    const archive = await archives.open(source, options);
    const [first] = archive.entries;
    const total = archive.entries.reduce((sum, { bytes }) => sum + bytes, 0);
    const [content, ...others] = archive.entries.filter(({ name }) => name === 'content.xml');
    if (first?.name !== 'mimetype' || !content || others.length > 0 || total > maxExpandedBytes)
      throw notDocument(reasons.broken);
    if (first.bytes !== odtType.length) throw notDocument(reasons.unknown);
    if (archive.entries.some(({ name }) => /^(Basic|Scripts|Object |ObjectReplacements|Dialogs)/i.test(name)))
      throw notDocument(reasons.active);
    let type = '';
    for await (const piece of archive.read(first)) type += Buffer.from(piece).toString('latin1');
    if (type !== odtType) throw notDocument(reasons.unknown);
    for await (const _ of archive.read(content)); // unpacks whole, with the right checksum
  },
};

const odtType = 'application/vnd.oasis.opendocument.text';
const maxExpandedBytes = 200 * 2 ** 20;

/** ISO/IEC 14496-12: the boxes fill the file, and there is a `meta` box of pictures. */
function isBoxed(file: Buffer): boolean {
  const kinds: string[] = [];
  for (let at = 0; at < file.length; ) {
    if (kinds.length > 1_000 || at + 8 > file.length) return false;
    const short = file.readUInt32BE(at);
    const isLong = short === 1;
    if (isLong && at + 16 > file.length) return false;
    const bytes = short === 0 ? file.length - at : isLong ? Number(file.readBigUInt64BE(at + 8)) : short;
    if (bytes < (isLong ? 16 : 8) || at + bytes > file.length) return false;
    const kind = file.toString('latin1', at + 4, at + 8);
    kinds.push(kind);
    if (kind === 'meta' && !file.subarray(at, at + bytes).includes('pict')) return false;
    at += bytes;
  }
  return kinds[0] === 'ftyp' && kinds.includes('meta') && kinds.includes('mdat');
}

async function readAll(source: MediaSource, bytes: number, signal?: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source.read(0, Math.min(bytes, source.bytes), signal)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

const accepted: Reason = { code: 'ACCEPTED_DOCUMENTS' };
const reasons = {
  unknown: { code: 'NOT_A_DOCUMENT' },
  broken: { code: 'DOCUMENT_BROKEN' },
  encrypted: { code: 'DOCUMENT_ENCRYPTED' },
  active: { code: 'DOCUMENT_ACTIVE' },
} as const satisfies Record<string, Reason>;

function notDocument(reason: Reason, cause?: unknown): Refusal {
  return new Refusal('NOT_DOCUMENT', { reasons: [reason, accepted], ...(cause === undefined ? {} : { cause }) });
}
