import type { GreyPicture } from '../../detection/picture-hash.ts';
import { maxTextLength, type PictureKind, type ReadLine } from '../../detection/text/read-line.ts';

/** Three 32-bit words in front of the pixels: width, height, and the kind of picture by its place in the list. */
export const headerBytes = 12;
export const kinds: readonly PictureKind[] = ['page', 'letters'];
/** A picture larger than this is not read: its reader would need more memory than it has. */
export const maxPixels = 4096 * 2304;

/** Output of a reading process, a line of JSON each: it is ready, a line that it read, the end of a picture. */
export type Said = 'ready' | 'end' | ReadLine;

export function headerOf({ width, height }: GreyPicture, kind: PictureKind): Uint8Array {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(width, 0);
  header.writeUInt32LE(height, 4);
  header.writeUInt32LE(kinds.indexOf(kind), 8);
  return header;
}

/**
 * An attacker who has taken the process over with a picture may write anything: only output of the right shape comes
 * through.
 * @throws Error for anything else.
 */
export function parseSaid(line: string, { width, height }: { width: number; height: number }): Said {
  const said: unknown = JSON.parse(line);
  if (said === 'ready' || said === 'end') return said;
  if (!Array.isArray(said) || said.length !== 6) throw new Error('a reading process said something else');
  const [text, confidence, ...box] = said as [unknown, unknown, ...unknown[]];
  const [x, y, boxWidth, boxHeight] = box as [number, number, number, number];
  const isBox = box.every((value) => typeof value === 'number' && Number.isInteger(value) && value >= 0);
  if (
    typeof text !== 'string' ||
    text.length > maxTextLength ||
    !isBox ||
    x + boxWidth > width ||
    y + boxHeight > height
  )
    throw new Error('a reading process said a line that cannot be');
  if (typeof confidence !== 'number' || !(confidence >= 0 && confidence <= 1))
    throw new Error('a reading process is surer than can be');
  return { text, confidence, box: { x, y, width: boxWidth, height: boxHeight } };
}
