import type { Box, GreyPicture } from '../picture-hash.ts';

/** A part of a picture, `scale` times as large. Interpolates linearly between pixels. */
export function enlarged({ width: rowLength, pixels }: GreyPicture, box: Box, scale: number): GreyPicture {
  const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
  const out = new Uint8Array(width * height);
  const columns = Array.from({ length: width }, (_, x) => place(x, scale, box.width));
  for (let y = 0; y < height; y++) {
    const row = place(y, scale, box.height);
    const above = (box.y + row.before) * rowLength + box.x;
    const below = (box.y + row.after) * rowLength + box.x;
    for (let x = 0; x < width; x++) {
      const { before, after, share } = columns[x]!;
      const upper = pixels[above + before]! * (1 - share) + pixels[above + after]! * share;
      const lower = pixels[below + before]! * (1 - share) + pixels[below + after]! * share;
      out[y * width + x] = Math.round(upper * (1 - row.share) + lower * row.share);
    }
  }
  return { width, height, pixels: out };
}

function place(at: number, scale: number, count: number) {
  const exact = Math.min(count - 1, Math.max(0, (at + 0.5) / scale - 0.5));
  const before = Math.floor(exact);
  return { before, after: Math.min(count - 1, before + 1), share: exact - before };
}
