import { type Box, cropped, type GreyPicture } from '../picture-hash.ts';
import { standingOut } from '../text/strokes.ts';

/** How the letters of a label look at their place: what stands out there, without mean and scale. */
export interface LabelPrint {
  readonly box: Box;
  readonly bright: Float32Array | null;
  readonly dark: Float32Array | null;
}

/** Letters stand out at least this far, in levels of grey (standard deviation); less is a plane. */
const leastSpread = 6;

export function printOf(picture: GreyPicture, box: Box): LabelPrint {
  const part = cropped(picture, box);
  return { box, bright: shapeOf(standingOut(part, 'bright')), dark: shapeOf(standingOut(part, 'dark')) };
}

/** How alike the same place is now, −1 to 1: the correlation of what stands out, bright or dark. */
export function likenessOf(print: LabelPrint, picture: GreyPicture): number {
  const { box } = print;
  const isInside =
    Math.min(box.x, box.y) >= 0 && box.x + box.width <= picture.width && box.y + box.height <= picture.height;
  if (!isInside) return -1;
  const part = cropped(picture, box);
  const of = (kind: 'bright' | 'dark') => {
    const before = print[kind];
    const now = before === null ? null : shapeOf(standingOut(part, kind));
    return before === null || now === null ? -1 : correlation(before, now);
  };
  return Math.max(of('bright'), of('dark'));
}

/** Mean 0 and length 1; null where nothing stands out. */
function shapeOf(values: Uint8Array): Float32Array | null {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const shape = Float32Array.from(values, (value) => value - mean);
  const length = Math.sqrt(shape.reduce((sum, value) => sum + value * value, 0));
  return length < leastSpread * Math.sqrt(values.length) ? null : shape.map((value) => value / length);
}

const correlation = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, at) => sum + value * b[at]!, 0);
