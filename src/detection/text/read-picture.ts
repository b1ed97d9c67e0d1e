import type { GreyPicture } from '../picture-hash.ts';
import { linesOfTsv } from './lines-of-tsv.ts';
import { type Layout, maxLines, type PictureKind, type ReadLine, sureEnough } from './read-line.ts';
import { readStrips } from './read-strips.ts';
import { lettersOf, type StrokeKind, standingOut } from './strokes.ts';

/**
 * Versions of a picture that are read one after the other; null: the picture itself. Letters on plates and letters with
 * outlines stand out far, and little else does: a high floor hides the rest. See-through letters are read line by line:
 * looks with lower floors took a third of the time, and found nothing that strips do not.
 */
const looks: readonly (readonly [StrokeKind, floor: number] | null)[] = [null, ['bright', 140], ['dark', 90]];

const paper = 255;
/**
 * All text read off a picture: of a page by every look, the same words at the same place once; of letters on white as
 * they are.
 */
export function readPicture(
  tesseract: { read(picture: GreyPicture, layout: Layout): string },
  picture: GreyPicture,
  kind: PictureKind = 'page',
): ReadLine[] {
  if (kind === 'letters') return linesOfTsv(tesseract.read(picture, 'letters'));
  const { width, height } = picture;
  const standing = { bright: standingOut(picture, 'bright'), dark: standingOut(picture, 'dark') };
  const lines: ReadLine[] = [];
  for (const look of looks) {
    const pixels = look === null ? picture.pixels : lettersOf(standing[look[0]], look[1]);
    // Without this, a page full of writing would be read five times over.
    if (look !== null) for (const { confidence, box } of lines) if (confidence >= sureEnough) blank(pixels, width, box);
    const layout = look === null ? 'anywhere' : 'letters';
    for (const line of linesOfTsv(tesseract.read({ width, height, pixels }, layout))) addTo(lines, line);
  }
  for (const line of readStrips(tesseract, picture, lines.slice())) addTo(lines, line);
  return lines.slice(0, maxLines);
}

function addTo(lines: ReadLine[], line: ReadLine): void {
  const same = lines.findIndex((other) => other.text === line.text && overlaps(other.box, line.box));
  if (same < 0) lines.push(line);
  else if (lines[same]!.confidence < line.confidence) lines[same] = line;
}

/** Paper where a line stands. */
export function blank(pixels: Uint8Array, rowLength: number, { x, y, width, height }: ReadLine['box']): void {
  for (let row = y; row < y + height; row++) pixels.fill(paper, row * rowLength + x, row * rowLength + x + width);
}

const overlaps = (a: ReadLine['box'], b: ReadLine['box']): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
