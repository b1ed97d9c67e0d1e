import { describe, expect, it } from 'vitest';
import { NoticesSeen } from '../../../src/detection/notices-seen.ts';
import { createPageChooser } from '../../../src/detection/page-chooser.ts';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import type { TextNotice } from '../../../src/detection/text-notices.ts';

const [width, height] = [640, 360];
/** A light page with a dark bar for each line that is written on it. */
function page(lines: number, pointerAt = 0): GreyPicture {
  const pixels = new Uint8Array(width * height).fill(235);
  for (let line = 0; line < lines; line++)
    for (let y = 20 + line * 40; y < 44 + line * 40; y++) pixels.fill(60, y * width + 30, y * width + 330);
  for (let y = 300; y < 312; y++) pixels.fill(0, y * width + pointerAt, y * width + pointerAt + 10);
  return { width, height, pixels };
}

describe('the pages that are read', () => {
  it('are the first, and those on which something else is written; a pointer that moves is not', () => {
    const isChosen = createPageChooser(120);
    const shown = [page(1), page(1), page(1, 200), page(2), page(2, 100), page(1)];
    expect(shown.map((each, at) => isChosen(each, at * 2_000))).toEqual([true, false, false, true, false, true]);
  });

  it('are few in a film, and what stands for half a minute is always among them', () => {
    const isChosen = createPageChooser(120);
    let chosen = 0;
    for (let at = 0; at < 1_800; at++) if (isChosen(page((at % 2) + 1), at * 2_000)) chosen += 1;
    expect(chosen).toBeGreaterThan(100);
    expect(chosen).toBeLessThan(130);
    for (let slide = 0; slide < 20; slide++) {
      const at = (slide: number, n: number) => 3_600_000 + slide * 30_000 + n * 2_000;
      const still = Array.from({ length: 15 }, (_, n) => isChosen(page(4 + (slide % 2)), at(slide, n)));
      expect(still.filter(Boolean)).toHaveLength(1);
    }
  });

  it('are rather those that stand than those that change', () => {
    const isChosen = createPageChooser(120);
    const chosen = Array.from({ length: 30 }, (_, at) => isChosen(page(at < 20 ? (at % 3) + 1 : 6), at * 2_000));
    expect(chosen.slice(0, 20).filter(Boolean).length).toBeLessThan(6);
    expect(chosen.indexOf(true, 20)).toBe(21);
  });
});

describe('notices over time', () => {
  const size = { width: 1_280, height: 720 };
  const notice = (text: string, name?: string, x = 100): TextNotice => ({
    kind: name === undefined ? 'rights_notice' : 'watched_name',
    text,
    ...(name === undefined ? {} : { name }),
    confidence: 0.8,
    box: { x, y: 600, width: 300, height: 40 },
  });
  const times = (seen: NoticesSeen, endMs: number) =>
    seen.end(endMs).map(({ text, startMs, endMs: until }) => [text, startMs, until]);

  it('last from the page on which they are read to the first on which they are not', () => {
    const seen = new NoticesSeen();
    seen.add([], size, 0);
    seen.add([notice('© 2019 Ada')], size, 10_000);
    seen.add([notice('© 2019 Ade'), notice('Reuters', 'Reuters', 700)], size, 20_000);
    seen.add([notice('REUTERS', 'Reuters', 20)], size, 30_000);
    expect(times(seen, 40_000)).toEqual([
      ['© 2019 Ada', 10_000, 30_000],
      ['Reuters', 20_000, 40_000],
    ]);
  });

  it('are two when they stand in two places, and one when a name stands twice on a page', () => {
    const seen = new NoticesSeen();
    seen.add(
      [notice('© 2019 Ada'), notice('© 2020 Can', undefined, 800), notice('a', 'BBC'), notice('b', 'BBC')],
      size,
      0,
    );
    expect(times(seen, 5_000)).toHaveLength(3);
  });
});
