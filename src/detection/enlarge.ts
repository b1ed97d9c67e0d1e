import type { Box, GreyPicture } from './picture-hash.ts';

/** A part of a picture, `scale` times as large. Interpolates linearly between pixels. */
export function enlarged(picture: GreyPicture, box: Box, scale: number): GreyPicture {
  const [width, height] = enlargedSize(box, scale);
  const pixels = new Uint8Array(width * height);
  interpolate(picture, box, scale, (x, y, value) => {
    pixels[y * width + x] = Math.round(value);
  });
  return { width, height, pixels };
}

/** Width and height of a box, `scale` times as large, in pixels. */
export const enlargedSize = ({ width, height }: Box, scale: number): [width: number, height: number] => [
  Math.round(width * scale),
  Math.round(height * scale),
];

/** Hands out every pixel of an enlarged part of a picture, row by row: its place and its level, which is no whole number. */
export function interpolate(
  { width: rowLength, pixels }: GreyPicture,
  box: Box,
  scale: number,
  put: (x: number, y: number, value: number) => void,
): void {
  const [width, height] = enlargedSize(box, scale);
  const columns = Array.from({ length: width }, (_, x) => between(x, scale, box.width));
  for (let y = 0; y < height; y++) {
    const row = between(y, scale, box.height);
    const above = (box.y + row.before) * rowLength + box.x;
    const below = (box.y + row.after) * rowLength + box.x;
    for (let x = 0; x < width; x++) {
      const { before, after, share } = columns[x]!;
      const upper = pixels[above + before]! * (1 - share) + pixels[above + after]! * share;
      const lower = pixels[below + before]! * (1 - share) + pixels[below + after]! * share;
      put(x, y, upper * (1 - row.share) + lower * row.share);
    }
  }
}

/** The pixels of `count` between which an enlarged one lies, and the share of the second. */
function between(at: number, scale: number, count: number) {
  const place = Math.min(count - 1, Math.max(0, (at + 0.5) / scale - 0.5));
  const before = Math.floor(place);
  return { before, after: Math.min(count - 1, before + 1), share: place - before };
}
