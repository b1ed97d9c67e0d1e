import { differingBits } from '../bit-errors.ts';
import { type Box, type GreyPicture, shrink, sumUp, withoutMargins } from '../picture-hash.ts';
import { CornerFinder, tile } from './corners.ts';
import { describe, descriptorWords, patch } from './descriptor.ts';

/** A still picture to register, with how much it covers what is below, 0 to 255 for each pixel. */
export interface StillPicture extends GreyPicture {
  readonly alpha: Uint8Array;
}

/** The keypoints of a registered picture. All lists are equally long, but `words`: four for each keypoint. */
export interface WorkKeypoints {
  /** The size at which the picture was drawn, as the step of `sizeOf`. */
  readonly steps: Uint8Array;
  /** A bit for each of `groundGreys` on which it is seen. */
  readonly grounds: Uint8Array;
  /** Place in pixels of that size, from the middle of the picture. */
  readonly xs: Int8Array;
  readonly ys: Int8Array;
  readonly words: Uint32Array;
}

/**
 * Sizes of a picture for which it has keypoints, as the square root of its area in pixels: five to an octave. A
 * recording is looked at in octaves, so at one of them it shows a picture at one of these sizes. Smaller ones than of
 * `leastSide` on the longer side have too few corners.
 */
export const stepsPerOctave = 5;
export const sizeSteps = 3 * stepsPerOctave - 1;
const leastSize = 28;
const leastSide = 54;
const longestSide = 250;
export const sizeOf = (step: number): number => leastSize * 2 ** (step / stepsPerOctave);
export const stepOf = (size: number): number => stepsPerOctave * Math.log2(size / leastSize);

/** Of one size and ground, the strongest corners. */
const mostKeypoints = 24;
/** Keypoints on two grounds are one if they look the same. Differing bits. */
const sameBits = 8;
const margin = patch;
/** What is below a picture: white, grey and black. */
export const groundGreys = [255, 128, 0] as const;
/** The corners of a frame are those of any picture. Pixels. */
const frame = 3;

/** Draws the picture at each size on each ground, and describes its corners. */
export function keypointsOf(picture: StillPicture): WorkKeypoints {
  const found: { step: number; ground: number; x: number; y: number; words: Uint32Array }[] = [];
  const drawn = groundGreys.map((ground) => over(picture, ground));
  const box = drawn.map((each) => withoutMargins(each)).reduce(within);
  const sums = drawn.map(sumUp);
  const isFramed =
    box.width === picture.width && box.height === picture.height && picture.alpha.every((each) => each === 255);
  for (let step = 0; step < sizeSteps; step++) {
    const scale = sizeOf(step) / Math.sqrt(box.width * box.height);
    const [width, height] = [Math.round(box.width * scale), Math.round(box.height * scale)];
    if (Math.max(width, height) < leastSide || Math.max(width, height) > longestSide) continue;
    for (const [at, sum] of sums.entries()) {
      const small = shrink(sum, box, width, height);
      const canvas = onCanvas(small, width, height, groundGreys[at]!);
      const inset = isFramed ? margin + frame : 0;
      for (const { x, y } of strongest(canvas, inset)) {
        const [dx, dy] = [x - margin - (width >> 1), y - margin - (height >> 1)];
        const words = new Uint32Array(descriptorWords);
        describe(canvas, x, y, words, 0);
        const same = found.find(
          (other) =>
            other.step === step &&
            Math.abs(other.x - dx) <= 1 &&
            Math.abs(other.y - dy) <= 1 &&
            wordsApart(other.words, 0, words, 0) <= sameBits,
        );
        if (same === undefined) found.push({ step, ground: 1 << at, x: dx, y: dy, words });
        else same.ground |= 1 << at;
      }
    }
  }
  return {
    steps: Uint8Array.from(found, ({ step }) => step),
    grounds: Uint8Array.from(found, ({ ground }) => ground),
    xs: Int8Array.from(found, ({ x }) => x),
    ys: Int8Array.from(found, ({ y }) => y),
    words: Uint32Array.from(found.flatMap(({ words }) => [...words])),
  };
}

/** Differing bits of two descriptors in lists of them. */
export function wordsApart(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  let bits = 0;
  for (let word = 0; word < descriptorWords; word++) bits += differingBits(a[atA + word]!, b[atB + word]!);
  return bits;
}

/** The picture as it is seen over a ground of one grey. */
export function over({ width, height, pixels, alpha }: StillPicture, ground: number): GreyPicture {
  return { width, height, pixels: pixels.map((value, at) => (value * alpha[at]! + ground * (255 - alpha[at]!)) / 255) };
}

/** What is picture on either ground: a white logo is nothing on white. */
function within(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)];
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}

function onCanvas(small: Float32Array, width: number, height: number, ground: number): GreyPicture {
  const canvas = { width: width + 2 * margin, height: height + 2 * margin };
  const pixels = new Uint8Array(canvas.width * canvas.height).fill(ground);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) pixels[(y + margin) * canvas.width + x + margin] = small[y * width + x]! + 0.5;
  return { ...canvas, pixels };
}

function strongest(canvas: GreyPicture, inset: number) {
  const tiles = Math.ceil(canvas.width / tile) * Math.ceil(canvas.height / tile);
  return new CornerFinder(canvas)
    .find(canvas, new Uint8Array(tiles).fill(1))
    .filter(({ x, y }) => Math.min(x, y, canvas.width - 1 - x, canvas.height - 1 - y) >= inset)
    .toSorted((a, b) => b.strength - a.strength)
    .slice(0, mostKeypoints);
}
