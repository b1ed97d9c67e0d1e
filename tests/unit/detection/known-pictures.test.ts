import { describe, expect, it } from 'vitest';
import { differingBits } from '../../../src/detection/bit-errors.ts';
import { PartsSeen } from '../../../src/detection/parts-seen.ts';
import {
  type GreyPicture,
  hashPart,
  type PictureHash,
  sumUp,
  withoutMargins,
} from '../../../src/detection/picture-hash.ts';
import { type Moment, matchPictures, pageMs, pictureDistance } from '../../../src/detection/picture-match.ts';
import { createPartFinder } from '../../../src/detection/picture-parts.ts';
import { seeded } from '../../eval/sound.ts';

const [width, height] = [320, 180];

/** A picture of soft spots, other for every seed; `turn` moves them, as a film does. */
function spots(seed: number, turn = 0, [w, h] = [width, height]): GreyPicture {
  const random = seeded(seed);
  const all = Array.from({ length: 12 }, () => ({
    x: random() + 0.06 * Math.sin(turn + random() * 6),
    y: random() + 0.06 * Math.cos(turn + random() * 6),
    size: 0.08 + random() * 0.15,
    light: random() * 255 - 128,
  }));
  const pixels = new Uint8Array(w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      let value = 128;
      for (const spot of all)
        value += spot.light * Math.exp(-(((x / w - spot.x) / spot.size) ** 2) - ((y / h - spot.y) / spot.size) ** 2);
      pixels[y * w + x] = Math.max(0, Math.min(255, value));
    }
  }
  return { width: w, height: h, pixels };
}

function put(onto: GreyPicture, picture: GreyPicture, x0: number, y0: number): GreyPicture {
  const pixels = onto.pixels.slice();
  for (let y = 0; y < picture.height; y++)
    for (let x = 0; x < picture.width; x++)
      pixels[(y0 + y) * onto.width + x0 + x] = picture.pixels[y * picture.width + x]!;
  return { ...onto, pixels };
}

const plain = (light: number): GreyPicture => ({ width, height, pixels: new Uint8Array(width * height).fill(light) });
const hashOf = (picture: GreyPicture): PictureHash => hashPart(sumUp(picture), withoutMargins(picture))!;
const distance = (a: PictureHash, b: PictureHash): number =>
  a.reduce((sum, word, at) => sum + differingBits(word, b[at]!), 0);

describe('the hash of a picture', () => {
  const original = spots(1);
  it.each([
    ['smaller', spots(1, 0, [160, 90])],
    ['in another shape', spots(1, 0, [240, 180])],
    ['brighter', { ...original, pixels: original.pixels.map((value) => Math.min(255, value * 0.8 + 40)) }],
    ['between black bars', put(plain(16), spots(1, 0, [240, 180]), 40, 0)],
    ['on a white page', put(plain(255), spots(1, 0, [200, 112]), 60, 30)],
  ])('is nearly the same when it is %s', (_, changed) => {
    expect(distance(hashOf(original), hashOf(changed))).toBeLessThan(24);
  });

  it('is another one for another picture', () => {
    for (let seed = 2; seed < 30; seed++) expect(distance(hashOf(original), hashOf(spots(seed)))).toBeGreaterThan(70);
  });

  it('says nothing of one colour, of a faint shade, or of what is smaller than 24 pixels', () => {
    expect(hashPart(sumUp(plain(80)), { x: 0, y: 0, width, height })).toBeNull();
    const faint = { ...original, pixels: original.pixels.map((value) => 100 + (value >> 5)) };
    expect(hashPart(sumUp(faint), { x: 0, y: 0, width, height })).toBeNull();
    expect(hashPart(sumUp(original), { x: 0, y: 0, width: 23, height: 100 })).toBeNull();
  });
});

describe('parts of the picture', () => {
  it('hold a film in a corner of a still page, with its own border', () => {
    const finder = createPartFinder();
    const page = spots(50);
    const seen = new PartsSeen();
    const wanted = (turn: number) => hashOf(spots(3, turn, [120, 68]));
    for (let at = 0; at < 24; at++) {
      seen.seePicture(at * 250);
      const shown = at < 6 ? page : put(page, spots(3, at / 3, [120, 68]), 188, 104);
      for (const part of finder.push(shown).parts) seen.add(part);
    }
    const moments = new Set<number>();
    for (let part = 0; part < seen.count; part++) {
      const atMs = seen.atMs(part);
      const { x, y } = seen.place(part);
      if (atMs >= 1_500 && distance(seen.hash(part), wanted(atMs / 750)) < 40 && x > 0.5 && y > 0.5) moments.add(atMs);
    }
    // Also what was shown before the box was known.
    expect(moments.size).toBeGreaterThanOrEqual(14);
    expect(Math.min(...moments)).toBeLessThan(2_300);
  });

  it.each([
    ['on white, with writing beside it', 255, [40, 30]],
    ['on a dark slide', 20, [171, 53]],
    ['in the middle', 245, [101, 47]],
  ] as const)('hold a photograph on a slide: %s', (_, ground, [x, y]) => {
    const photo = spots(5, 0, [117, 89]);
    let slide = put(plain(ground), photo, x, y);
    // Lines of writing.
    for (let line = 0; line < 4; line++)
      slide = put(slide, { width: 60, height: 3, pixels: new Uint8Array(180).fill(255 - ground) }, 20, 145 + 8 * line);
    const { parts } = createPartFinder().push(slide);
    const closest = Math.min(
      ...parts.map(({ sums, box }) => {
        const hash = hashPart(sums, box);
        return hash === null ? 255 : distance(hash, hashPart(sumUp(spots(5)), { x: 0, y: 0, width, height })!);
      }),
    );
    expect(closest).toBeLessThan(25);
  });

  it('of a page that stands still are the page', () => {
    const finder = createPartFinder();
    const parts = Array.from({ length: 12 }, () => finder.push(spots(4)).parts.length);
    expect(parts).toEqual(new Array(12).fill(1));
  });
});

describe('stretches of a film', () => {
  const film = { timesMs: Uint32Array.from({ length: 80 }, (_, at) => at * 125), hashes: new Uint32Array(640) };
  const moment = (atMs: number, workMs: number, more: Partial<Moment<string>> = {}): Moment<string> => ({
    atMs,
    workMs,
    distance: 10,
    place: 'whole',
    ...more,
  });
  const playing = (from: number, workFrom: number, count: number) =>
    Array.from({ length: count }, (_, at) => moment(from + at * 250, workFrom + at * 250));

  it('are moments on one line of time', () => {
    expect(matchPictures(playing(20_000, 3_000, 12), film)).toMatchObject([
      { startMs: 20_000, endMs: 22_750, workStartMs: 3_000, workEndMs: 5_750, seen: 12, moves: true },
    ]);
  });

  it('may be several, and stand apart when nothing is seen for long', () => {
    const moments = [...playing(20_000, 3_000, 8), ...playing(60_000, 0, 8), ...playing(70_000, 3_000, 8)];
    expect(matchPictures(moments, film).map(({ startMs }) => startMs)).toEqual([20_000, 60_000, 70_000]);
  });

  it('need four moments over most of a second of the film', () => {
    expect(matchPictures(playing(20_000, 3_000, 4).slice(0, 3), film)).toEqual([]);
    // Four moments of less than a second are not enough; of one that stands still they are, when they are close.
    const short = [0, 100, 200, 300].map((at) => moment(20_000 + at, 3_000 + at, { distance: 50 }));
    expect(matchPictures(short, film)).toEqual([]);
    expect(
      matchPictures(
        short.map((each) => ({ ...each, workMs: 3_000, distance: 20 })),
        film,
      ),
    ).toMatchObject([{ moves: false, seen: 4 }]);
  });

  it('are not made of moments that lie on no line', () => {
    const scattered = Array.from({ length: 20 }, (_, at) =>
      moment(at * 250, ((at * 7_919) % 80) * 125, { distance: 55 }),
    );
    expect(matchPictures(scattered, film)).toEqual([]);
  });

  it('of a still picture must be closer than those of a film', () => {
    const still = { timesMs: Uint32Array.from([0]), hashes: hashOf(spots(1)) };
    const off = (bits: number): PictureHash => {
      const hash = still.hashes.slice();
      for (let bit = 1; bit <= bits; bit++) hash[bit >> 5]! ^= 1 << (bit & 31);
      return hash;
    };
    expect(pictureDistance(off(40), still, 0)).toBe(40);
    expect(pictureDistance(off(41), still, 0)).toBeNull();
    const filmOf = {
      timesMs: Uint32Array.from([0, 125]),
      hashes: Uint32Array.from([...still.hashes, ...still.hashes]),
    };
    expect(pictureDistance(off(62), filmOf, 1)).toBe(62);
    expect(pictureDistance(off(63), filmOf, 1)).toBeNull();
    expect(
      matchPictures(
        [0, 250, 500].map((atMs) => moment(atMs, 0)),
        still,
      ),
    ).toMatchObject([{ moves: false, seen: 3 }]);
    expect(
      matchPictures(
        [0, 250].map((atMs) => moment(atMs, 0)),
        still,
      ),
    ).toEqual([]);
  });

  it('are not seen where pages of one document are turned at the pace of their times', () => {
    const times = Array.from({ length: 14 }, (_, at) => (at >> 1) * pageMs);
    const pages = { timesMs: Uint32Array.from(times), hashes: new Uint32Array(times.length * 8) };
    const turned = Array.from({ length: 7 * 16 }, (_, at) => moment(at * 250, Math.floor(at / 16) * pageMs));
    const found = matchPictures(turned, pages);
    expect(found.map(({ moves, workStartMs }) => [moves, workStartMs / pageMs])).toEqual(
      Array.from({ length: 7 }, (_, page) => [false, page]),
    );
    expect(matchPictures(turned, film).some(({ moves }) => moves)).toBe(true);
  });
});
