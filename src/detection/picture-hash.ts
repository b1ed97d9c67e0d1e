/** A grey picture, one byte per pixel, row by row. */
export interface GreyPicture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** A rectangle in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Area that lies in both of two boxes, in the unit of their sides. */
export function commonArea(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(0, width) * Math.max(0, height);
}

export const areaOf = ({ width, height }: Box): number => width * height;

/** Part of the smaller of two boxes that lies in both, in pixels or in shares of a picture. */
export const partOfSmaller = (a: Box, b: Box): number =>
  commonArea(a, b) / Math.max(1e-9, Math.min(areaOf(a), areaOf(b)));

/** Area that lies in both of two boxes, as a part of what they cover together: 0 apart, 1 the same. */
export function sharedPart(a: Box, b: Box): number {
  const common = commonArea(a, b);
  return common / Math.max(1, areaOf(a) + areaOf(b) - common);
}

/** A part of a picture. */
export function cropped({ width: rowLength, pixels }: GreyPicture, { x, y, width, height }: Box): GreyPicture {
  const out = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    out.set(pixels.subarray((y + row) * rowLength + x, (y + row) * rowLength + x + width), row * width);
  return { width, height, pixels: out };
}

/**
 * 256 bits: the signs of the lowest 16 × 16 frequencies of the picture shrunk to 32 × 32 (a cosine transform), lowest
 * first. Scaling, coding and a change of brightness leave most of them as they are. The first bit (the mean) is always
 * 0.
 */
export type PictureHash = Uint32Array;

export const hashWords = 8;
const side = 32;
const frequencies = 16;
/** A picture whose shrunk pixels differ less than this identifies nothing. Levels of grey, standard deviation. */
const leastContrast = 9;

const cosines = Float32Array.from({ length: frequencies * side }, (_, at) =>
  Math.cos((Math.PI * Math.floor(at / side) * (2 * (at % side) + 1)) / (2 * side)),
);
/** Places of the transform by frequency: those that survive best come first. */
const order = Array.from({ length: frequencies * frequencies }, (_, at) => at).sort((a, b) => {
  const [rowA, columnA, rowB, columnB] = [a >> 4, a & 15, b >> 4, b & 15];
  return Math.max(rowA, columnA) - Math.max(rowB, columnB) || rowA + columnA - rowB - columnB || a - b;
});

/** The transform along the rows of the picture that is hashed, frequency by frequency. */
const rows = new Float32Array(side * frequencies);

/** Sums over rectangles of one picture in constant time. */
export interface PictureSums {
  readonly width: number;
  readonly height: number;
  /** `(width + 1) × (height + 1)` sums of everything above and to the left. Enough for 16 million pixels. */
  readonly sums: Uint32Array;
}

export function sumUp({ width, height, pixels }: GreyPicture): PictureSums {
  const sums = new Uint32Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    const to = (y + 1) * (width + 1) + 1;
    for (let x = 0; x < width; x++) {
      row += pixels[y * width + x]!;
      sums[to + x] = sums[to + x - width - 1]! + row;
    }
  }
  return { width, height, sums };
}

/** Hash of one part of a picture; null for a part that is nearly of one grey, or smaller than 24 pixels a side. */
export function hashPart(picture: PictureSums, box: Box): PictureHash | null {
  if (box.width < 24 || box.height < 24) return null;
  const small = shrink(picture, box);
  if (contrast(small) < leastContrast) return null;
  for (let y = 0; y < side; y++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0;
      for (let x = 0; x < side; x++) sum += small[y * side + x]! * cosines[u * side + x]!;
      rows[u * side + y] = sum;
    }
  }
  const hash = new Uint32Array(hashWords);
  for (let bit = 1; bit < order.length; bit++) {
    const v = order[bit]! >> 4;
    const u = order[bit]! & 15;
    let sum = 0;
    for (let y = 0; y < side; y++) sum += rows[u * side + y]! * cosines[v * side + y]!;
    if (sum > 0) hash[bit >> 5]! |= 1 << (bit & 31);
  }
  return hash;
}

/** A part of a picture as the means of `columns` × `rows` equal cells, row by row. */
export function shrink(picture: PictureSums, box: Box, columns = side, rows = side): Float32Array {
  const small = new Float32Array(columns * rows);
  const stepX = box.width / columns;
  const stepY = box.height / rows;
  const places = Float64Array.from({ length: columns + 1 }, (_, column) => box.x + column * stepX);
  let above = sumsUpTo(picture, places, box.y);
  for (let row = 0; row < rows; row++) {
    const below = sumsUpTo(picture, places, box.y + (row + 1) * stepY);
    for (let column = 0; column < columns; column++) {
      const sum = below[column + 1]! - below[column]! - above[column + 1]! + above[column]!;
      small[row * columns + column] = sum / (stepX * stepY);
    }
    above = below;
  }
  return small;
}

/** The sums up to some places of a line, also between pixels, so that a part of any size is divided evenly. */
function sumsUpTo({ width, sums }: PictureSums, places: Float64Array, y: number): Float64Array {
  const line = new Float64Array(places.length);
  const top = Math.floor(y);
  const dy = y - top;
  const under = dy === 0 ? 0 : width + 1;
  for (let column = 0; column < line.length; column++) {
    const x = places[column]!;
    const left = Math.floor(x);
    const dx = x - left;
    const at = top * (width + 1) + left;
    const right = dx === 0 ? 0 : 1;
    line[column] =
      sums[at]! * (1 - dx) * (1 - dy) +
      sums[at + right]! * dx * (1 - dy) +
      sums[at + under]! * (1 - dx) * dy +
      sums[at + under + right]! * dx * dy;
  }
  return line;
}

function contrast(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  return Math.sqrt(Math.max(0, squares / values.length - (sum / values.length) ** 2));
}

/** A part of a picture without bars and margins of one colour; the whole part if it has no other content. */
export function withoutMargins(
  { width, height, pixels }: GreyPicture,
  within: Box = { x: 0, y: 0, width, height },
): Box {
  const counts = new Uint32Array(256);
  const isPlain = (start: number, step: number, count: number): boolean => {
    if (count === 0) return false;
    counts.fill(0);
    for (let i = 0; i < count; i++) counts[pixels[start + i * step]!]! += 1;
    // One pixel in fifty may differ: noise of a codec, a pointer.
    return valueOfRank(counts, Math.ceil(count * 0.98) - 1) - valueOfRank(counts, Math.floor(count * 0.02)) <= 14;
  };
  let [top, bottom, left, right] = [within.y, within.y + within.height, within.x, within.x + within.width];
  while (top < bottom && isPlain(top * width + left, 1, right - left)) top++;
  while (bottom > top && isPlain((bottom - 1) * width + left, 1, right - left)) bottom--;
  if (top === bottom) return within;
  while (left < right && isPlain(top * width + left, width, bottom - top)) left++;
  while (right > left && isPlain(top * width + right - 1, width, bottom - top)) right--;
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The value that has this rank, from 0 on, among values that were counted. */
function valueOfRank(counts: Uint32Array, rank: number): number {
  let value = 0;
  for (let before = counts[0]!; before <= rank; before += counts[value]!) value += 1;
  return value;
}
