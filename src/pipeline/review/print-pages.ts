import type { GreyPicture } from '../../detection/picture-hash.ts';
import { type Box, hashPart, sumUp, withoutMargins } from '../../detection/picture-hash.ts';
import { pageMs } from '../../detection/picture-match.ts';
import type { MediaSource } from '../ports/media.ts';
import type { Outside } from '../ports/outside.ts';
import { nothingToFind, type WorkPrints } from './print-work.ts';

/** The first bytes of every PDF (ISO 32000-2, section 7.5.2), perhaps after blanks or the mark of UTF-8. */
const pdfHead = /^(?:\xef\xbb\xbf)?\s*%PDF-/;

/** Whether a file is a PDF, by its content and never by its name. */
export async function isPdf(source: MediaSource, signal: AbortSignal): Promise<boolean> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.read(0, Math.min(64, source.bytes), signal)) pieces.push(Uint8Array.from(piece));
  return pdfHead.test(Buffer.concat(pieces).toString('latin1'));
}

/**
 * Takes the prints of a PDF: pictures of its pages, a page's number told by its time (`pageMs`). Blank pages have none.
 * @throws Refusal as `PageReader.read`, and `NOT_MEDIA` when there is nothing on any page.
 */
export async function printPages(
  pages: Outside['pages'],
  source: MediaSource,
  options: { signal: AbortSignal },
): Promise<WorkPrints> {
  const timesMs: number[] = [];
  const hashes: number[] = [];
  let count = 0;
  await pages.read(
    source,
    (page, index) => {
      count = index + 1;
      const sums = sumUp(page);
      for (const part of waysToShow(page)) {
        const hash = hashPart(sums, part);
        if (hash === null) continue;
        timesMs.push(index * pageMs);
        hashes.push(...hash);
      }
    },
    options,
  );
  if (timesMs.length === 0) throw nothingToFind();
  return {
    kind: 'pages',
    durationMs: count * pageMs,
    chromaprint: null,
    peaks: null,
    pictures: { timesMs: Uint32Array.from(timesMs), hashes: Uint32Array.from(hashes) },
    keypoints: null,
  };
}

/** What a screen shows of a page: the print alone, the whole sheet, or the sheet between bars at its sides. */
function waysToShow(page: GreyPicture): Box[] {
  const print = withoutMargins(page);
  const whole = { x: 0, y: 0, width: page.width, height: page.height };
  const ways = [print, whole, { ...whole, x: print.x, width: print.width }];
  return ways.filter((way, at) => ways.findIndex((other) => sameBox(way, other)) === at);
}

const sameBox = (a: Box, b: Box): boolean => a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
