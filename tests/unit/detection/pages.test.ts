import { describe, expect, it } from 'vitest';
import { NoticesSeen } from '../../../src/detection/notices-seen.ts';
import { createPageChooser } from '../../../src/detection/page-chooser.ts';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import type { TextNotice } from '../../../src/detection/text-notices.ts';

const [width, height] = [640, 360];
/** Another picture for every number up to 21, then the same ones again. */
const films = Array.from({ length: 22 }, (_, at) => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, pixel) => 128 + 100 * Math.sin(pixel / 50 + 2 * at)),
}));
const film = (at: number): GreyPicture => films[at % films.length] as GreyPicture;

/** Lines of strokes that look otherwise for every text, two pixels wide, as thin letters are. */
function written(on: GreyPicture, lines: readonly string[], level: number, top: number): GreyPicture {
  const pixels = on.pixels.slice();
  for (const [line, text] of lines.entries())
    for (const [at, letter] of [...text].entries()) {
      const code = letter.codePointAt(0)! * 2_654_435_761;
      for (let stroke = 0; stroke < 5; stroke++) {
        const x = 64 + at * 20 + ((code >>> (3 * stroke)) & 7) * 2;
        const [from, until] = [top + line * 40 + ((code >>> (2 * stroke + 9)) & 3) * 4, top + line * 40 + 22];
        for (let y = from; y < until; y++) pixels.fill(level, y * on.width + x, y * on.width + x + 2);
      }
    }
  return { ...on, pixels };
}

/** A light page with a dark bar for each line that is written on it. */
function page(lines: number, pointerAt = 0): GreyPicture {
  const pixels = new Uint8Array(width * height).fill(235);
  for (let line = 0; line < lines; line++)
    for (let y = 20 + line * 40; y < 44 + line * 40; y++) pixels.fill(60, y * width + 30, y * width + 330);
  for (let y = 300; y < 312; y++) pixels.fill(0, y * width + pointerAt, y * width + pointerAt + 10);
  return { width, height, pixels };
}

/** Whether anything of a page is read. */
function choosing(): (page: GreyPicture, atMs: number) => boolean {
  const choose = createPageChooser(120);
  return (each, atMs) => choose(each, atMs).length > 0;
}

describe('the pages that are read', () => {
  it('are the first, and those on which something else is written; a pointer that moves is not', () => {
    const isChosen = choosing();
    const shown = [page(1), page(1), page(1, 200), page(2), page(2, 100), page(1)];
    expect(shown.map((each, at) => isChosen(each, at * 2_000))).toEqual([true, false, false, true, false, true]);
  });

  it('are few in a film, and what stands for half a minute is always among them', () => {
    const choose = createPageChooser(120);
    let chosen = 0;
    for (let at = 0; at < 1_800; at++) if (choose(film(at), at * 2_000).length > 0) chosen += 1;
    expect(chosen).toBeGreaterThan(100);
    expect(chosen).toBeLessThan(130);
    for (let slide = 0; slide < 20; slide++) {
      const at = (slide: number, n: number) => 3_600_000 + slide * 30_000 + n * 2_000;
      const still = Array.from({ length: 15 }, (_, n) => choose(film(slide), at(slide, n)));
      expect(still.filter((parts) => parts.some(({ moves }) => !moves))).toHaveLength(1);
    }
  });

  it('are few, too, where a part changes on and on: parts count by their size', () => {
    const choose = createPageChooser(120);
    let pages = 0;
    for (let at = 0; at < 1_800; at++)
      for (const { box } of choose(page((at % 2) + 1), at * 2_000))
        pages += (box.width * box.height) / (width * height);
    expect(pages).toBeGreaterThan(50);
    expect(pages).toBeLessThan(130);
  });

  it('are fewer by what was read beside them', () => {
    const pagesIn = (spent: number) => {
      const choose = createPageChooser(120);
      let pages = 0;
      for (let at = 0; at < 300; at++)
        for (const { box } of choose(page((at % 2) + 1), at * 2_000, [], spent))
          pages += (box.width * box.height) / (width * height);
      return pages;
    };
    // Six in a hundred of a page every two seconds are nine tenths of what may be read.
    expect(pagesIn(0.06)).toBeLessThan(pagesIn(0) * 0.7);
    // With more than all of it, nothing is read but what is allowed at once.
    expect(pagesIn(0.07)).toBeLessThan(13);
  });

  it('are rather those that stand than those that change', () => {
    const isChosen = choosing();
    const chosen = Array.from({ length: 30 }, (_, at) => isChosen(film(Math.min(at, 20)), at * 2_000));
    expect(chosen.slice(0, 20).filter(Boolean).length).toBeLessThan(10);
    // The one that stands at last is read as soon as it stands, also if it was read while it changed.
    expect(chosen.slice(21)).toEqual([true, ...new Array(8).fill(false)]);
  });
});

describe('the parts that are read', () => {
  const choose = (...pages: GreyPicture[]) => {
    const choosing = createPageChooser(120);
    return pages.map((each, at) => choosing(each, at * 2_000));
  };

  it('are what changed, with some room around it; of the first page all', () => {
    const [first, same, second] = choose(page(1), page(1, 300), page(2, 300));
    expect(first).toEqual([{ box: { x: 0, y: 0, width, height }, moves: false }]);
    expect(same).toEqual([]);
    expect(second).toHaveLength(1);
    const { x, y, width: wide, height: high } = second![0]!.box;
    expect([x <= 30, y <= 60, x + wide >= 330, y + high >= 84]).toEqual([true, true, true, true]);
    expect(wide * high).toBeLessThan(0.2 * width * height);
  });

  it('count little, so that many short lines are read, one soon after the other', () => {
    const shown = Array.from({ length: 60 }, (_, at) =>
      written(page(1), ['abcdefghijklmnopqrstuvwxyz0123'.charAt(at >> 1).repeat(9)], 200, 150),
    );
    expect(
      choose(...shown)
        .slice(1)
        .filter((parts) => parts.length > 0).length,
    ).toBeGreaterThan(25);
  });

  it('are lines in which a notice stands, whole, also when one letter changes', () => {
    const line = { x: 60, y: 200, width: 300, height: 24 };
    const [before, after] = [written(page(1), ['© 2019 Ada'], 60, 200), written(page(1), ['© 2018 Ada'], 60, 200)];
    const choosing = createPageChooser(120);
    choosing(before, 0);
    expect(choosing(after, 2_000)).toEqual([]);
    const [part, ...others] = choosing(after, 4_000, [line]);
    expect(others).toEqual([]);
    expect(part!.box.x).toBeLessThanOrEqual(60);
    expect(part!.box.width).toBeGreaterThanOrEqual(300);
  });

  it('are lines of see-through letters on light and dark, too', () => {
    for (const ground of [20, 120, 200]) {
      const plain = { width, height, pixels: new Uint8Array(width * height).fill(ground) };
      expect(choose(plain, written(plain, ['© Ada Lovelace'], (ground + 255) / 2, 200))[1]).toHaveLength(1);
    }
  });

  it('are the whole page when most of it changed, and say when it changes on and on, as a film does', () => {
    const parts = choose(page(1), ...Array.from({ length: 6 }, (_, at) => film(at))).flat();
    expect(parts.every(({ box }) => box.width === width && box.height === height)).toBe(true);
    expect(parts.map(({ moves }) => moves).slice(0, 2)).toEqual([false, false]);
    expect(parts.at(-1)!.moves).toBe(true);
  });
});

describe('notices over time', () => {
  const whole = { x: 0, y: 0, width, height };
  const ground: GreyPicture = { width, height, pixels: new Uint8Array(width * height).fill(120) };
  const box = { x: 60, y: 200, width: 420, height: 24 };
  const notice = (text: string, name?: string, at = box): TextNotice => ({
    kind: name === undefined ? 'rights_notice' : 'watched_name',
    text,
    ...(name === undefined ? {} : { name }),
    confidence: 0.8,
    box: at,
  });
  /** Pages, two seconds apart: what is written on each, and what is read of it; null: it is not read. */
  const times = (...pages: (readonly [text: string, read: TextNotice[] | null])[]) => {
    const seen = new NoticesSeen();
    for (const [at, [text, read]] of pages.entries()) {
      seen.see(text === '' ? ground : written(ground, [text], 250, box.y), at * 2_000);
      if (read !== null) seen.add(read, whole);
    }
    return seen.end(pages.length * 2_000).map(({ text, startMs, endMs }) => [text, startMs, endMs]);
  };
  const ada = '© 2019 Ada';

  it('last from where they came to where they went, between two pages', () => {
    expect(times(['', []], [ada, [notice(ada)]], [ada, [notice('© 2019 Ade')]], ['', []], ['', []])).toEqual([
      [ada, 1_000, 5_000],
    ]);
  });

  it('are dated by how their line looks, when the pages of their coming and going were not read', () => {
    const pages = [...['', ''], ...[ada, ada, ada], ...['', '', '']].map((text, at) => [
      text,
      at === 4 ? [notice(ada)] : null,
    ]);
    expect(times(...(pages as [string, TextNotice[] | null][]))).toEqual([[ada, 3_000, 9_000]]);
  });

  it('are one each when they follow each other in one place', () => {
    const texts = [ada, 'All rights reserved', '© 2021 Ada', 'Foto: Can Er'];
    const pages = texts.flatMap((text) => [0, 1, 2].map((at) => [text, at === 0 ? [notice(text)] : null] as const));
    expect(times(['', []], ...pages, ['', []])).toEqual(
      texts.map((text, at) => [text, 1_000 + 6_000 * at, 7_000 + 6_000 * at]),
    );
  });

  it('are one when a line that stands is read otherwise, and when it is not read for once', () => {
    expect(
      times([ada, [notice(ada)]], [ada, []], [ada, [notice('O 20l9 Aba')]], [ada, [notice('© I9 AAdaa,')]]),
    ).toEqual([[ada, 0, 8_000]]);
  });

  it('are two when they stand in two places, and one when a name stands twice on a page', () => {
    const [left, right] = [
      { ...box, width: 150 },
      { ...box, x: 330, width: 150 },
    ];
    const read = [
      notice(ada, undefined, left),
      notice('© 2020 Can', undefined, right),
      notice('BBC', 'BBC', left),
      notice('BBC', 'BBC', right),
    ];
    expect(times([ada, read])).toHaveLength(3);
  });

  it('are the same name, wherever it stands', () => {
    const moved = { ...box, y: 100 };
    const seen = new NoticesSeen();
    seen.see(written(ground, ['Reuters'], 250, box.y), 0);
    seen.add([notice('Reuters', 'Reuters')], whole);
    seen.see(written(ground, ['Reuters'], 250, moved.y), 2_000);
    seen.add([notice('REUTERS', 'Reuters', moved)], whole);
    expect(seen.end(4_000)).toMatchObject([{ name: 'Reuters', startMs: 0, endMs: 4_000 }]);
  });
});
