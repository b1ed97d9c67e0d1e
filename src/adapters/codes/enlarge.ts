import type { GreyPicture } from '../../detection/picture-hash.ts';

/** A picture at twice its width and height; pixels between are the mean of their neighbours. */
export function enlarge({ width, height, pixels }: GreyPicture): GreyPicture {
  const large = new Uint8Array(width * height * 4);
  for (let y = 0, to = 0; y < height * 2; y++) {
    const above = (y >> 1) * width;
    const below = Math.min(height - 1, (y + 1) >> 1) * width;
    for (let x = 0; x < width * 2; x++, to++) {
      const left = x >> 1;
      const right = Math.min(width - 1, (x + 1) >> 1);
      const upper = (pixels[above + left] ?? 0) + (pixels[above + right] ?? 0);
      const lower = (pixels[below + left] ?? 0) + (pixels[below + right] ?? 0);
      large[to] = (upper + lower + 2) >> 2;
    }
  }
  return { width: width * 2, height: height * 2, pixels: large };
}
