import type { GreyPicture } from '../../detection/picture-hash.ts';
import { documentKindOf, headBytes } from '../../domain/document-kind.ts';
import { isUnavailable, Refusal } from '../../domain/errors.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import { findSheetCode, type SheetPage } from '../../domain/sheet-code.ts';
import type { MediaSource } from '../ports/media.ts';
import type { CodeReader, PictureReader, ScanReader } from '../ports/readers.ts';

/** What a scan is read with. */
export interface ScanTools {
  readonly scans: ScanReader;
  readonly pictures: PictureReader;
  readonly codes: CodeReader;
}

export interface ScannedPage {
  /** Counted from 1. */
  readonly page: number;
  /** The page of a sheet whose code it carries; `none` and `several` are for a person to assign, never guessed. */
  readonly found: SheetPage | 'none' | 'several';
  /**
   * What was looked at, and what is worth keeping: grey pixels without anything that a file can hide. It lies as the scanner
   * or the camera wrote it, perhaps on its side.
   */
  readonly picture: GreyPicture;
}

/** Octets of one scan; 200 pages in colour at 300 dots per inch have less. */
export const mostScanBytes = 200 * 1024 ** 2;

/**
 * The pages of a scan from a copier or a camera, in their order, each with the sheet that it belongs to: a PDF with any
 * number of sheets, or a JPEG or PNG, which is one page. A page waits for the promise of the one before.
 * @returns how many pages there were.
 * @throws Refusal `NOT_DOCUMENT` (none of these kinds), `NOT_MEDIA` (damaged, or protected by a password),
 * `MEDIA_NOT_ALLOWED` (too many pages or pixels, too slow, a page in which codes could not be looked for), `TOO_LARGE`;
 * pages may have been handed out before.
 */
export async function readScan(
  tools: ScanTools,
  source: MediaSource,
  onPage: (page: ScannedPage) => Promise<void>,
  options: { signal?: AbortSignal } = {},
): Promise<number> {
  if (source.bytes > mostScanBytes)
    throw new Refusal('TOO_LARGE', {
      reasons: [{ code: 'SCAN_TOO_LARGE', params: { mebibytes: mostScanBytes / 1024 ** 2 } }],
    });
  let pages = 0;
  const take = async (picture: GreyPicture) => {
    const page = ++pages;
    await onPage({ page, found: await findSheet(tools.codes, picture, { page, options }), picture });
  };
  switch (documentKindOf(await readHead(source, options.signal))) {
    case 'pdf':
      await tools.scans.pages(source, take, options);
      break;
    case 'jpeg':
    case 'png':
      await take(await tools.pictures.picture(source, options));
      break;
    case 'heic':
      throw wrongKind('SCAN_HEIC');
    default:
      throw wrongKind('SCAN_UNKNOWN_KIND');
  }
  return pages;
}

/** Looks twice: what is too small or too blurred is often read at twice the size. */
async function findSheet(
  codes: CodeReader,
  picture: GreyPicture,
  { page, options }: { readonly page: number; readonly options: { signal?: AbortSignal } },
): Promise<ScannedPage['found']> {
  try {
    const found = findSheetCode(await codes.read(picture, options));
    return found === 'none' ? findSheetCode(await codes.read(picture, { ...options, isEnlarged: true })) : found;
  } catch (error) {
    if (!(error instanceof Refusal) || isUnavailable(error)) throw error;
    throw new Refusal(error.code, { reasons: [{ code: 'SCAN_NOT_READ', params: { page } }], cause: error });
  }
}

const wrongKind = (code: ReasonCode) => new Refusal('NOT_DOCUMENT', { reasons: [{ code }] });

async function readHead(source: MediaSource, signal?: AbortSignal): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of source.read(0, Math.min(headBytes, source.bytes), signal)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}
