import { describe, expect, it } from 'vitest';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import type { ReadLine } from '../../../src/detection/text/read-line.ts';
import type { TextReader } from '../../../src/pipeline/ports/readers.ts';
import { createNoticeReader } from '../../../src/pipeline/review/read-pages.ts';

const signal = new AbortController().signal;
const rules = { names: [{ name: 'Reuters', kind: 'agency' }], pagesPerHour: 1_800 } as const;
/** Pages that differ by their grey. */
const page = (grey: number): GreyPicture => ({ width: 320, height: 180, pixels: new Uint8Array(320 * 180).fill(grey) });
const line = (text: string): ReadLine => ({ text, confidence: 0.9, box: { x: 0, y: 0, width: 90, height: 20 } });

/** Reads what `says` says of a page's grey; null: the process dies. Counts how many are read at once. */
function reader(says: (grey: number) => string | null, counts = { opened: 0, atOnce: 0, most: 0, closed: 0 }) {
  const text: TextReader = {
    async open() {
      counts.opened += 1;
      return {
        async read({ pixels }) {
          counts.atOnce += 1;
          counts.most = Math.max(counts.most, counts.atOnce);
          await new Promise((done) => setTimeout(done, 2));
          counts.atOnce -= 1;
          const said = says(pixels[0]!);
          if (said === null) throw new Error('the reading process ended');
          return [line(said)];
        },
        async close() {
          counts.closed += 1;
        },
      };
    },
  };
  return { text, counts };
}

describe('reading pages', () => {
  it('goes on beside the decoding, one page after the other, and puts notices together in order', async () => {
    const { text, counts } = reader((grey) => (grey === 20 || grey === 30 ? 'Photo: Reuters' : 'Fractions'));
    const pages = createNoticeReader(text, rules, signal);
    const see = pages.page(0);
    for (const [at, grey] of [10, 10, 20, 20, 30, 30, 40, 40].entries()) await see(page(grey), at * 2_000);
    const { notices, notAnalysed } = await pages.end(16_000);
    await pages.close();
    // It came between two pages; on pages of one grey, nothing shows when it went.
    expect(notices.get(0)).toMatchObject([{ name: 'Reuters', startMs: 3_000, endMs: 12_000 }]);
    expect(notAnalysed).toEqual([]);
    expect(counts).toMatchObject({ opened: 1, most: 1, closed: 1 });
  });

  it('ends a reader that was just starting when the check was over', async () => {
    const started = Promise.withResolvers<void>();
    const { text, counts } = reader(() => 'x');
    const slow: TextReader = {
      async open(options) {
        await started.promise;
        return text.open(options);
      },
    };
    const pages = createNoticeReader(slow, rules, signal);
    const see = pages.page(0);
    for (const at of [0, 1, 2]) await see(page(10), at * 2_000);
    const closing = pages.close();
    started.resolve();
    await closing;
    expect(counts).toMatchObject({ opened: 1, most: 0, closed: 1 });
  });

  it('reports what could not be read as not analysed, until the next page that was read', async () => {
    const pages = createNoticeReader(reader((grey) => (grey === 20 ? null : 'x')).text, rules, signal);
    const see = pages.page(3);
    for (const [at, grey] of [10, 20, 30, 20].entries()) await see(page(grey), at * 2_000);
    const { notAnalysed } = await pages.end(20_000);
    expect(notAnalysed.map(({ stream, startMs, endMs }) => [stream, startMs, endMs])).toEqual([
      [3, 2_000, 4_000],
      [3, 6_000, 20_000],
    ]);
    expect(notAnalysed[0]!.why).toBe('TEXT_NOT_READ');
  });

  it('never counts a recording as clean because the reader cannot start', async () => {
    const broken: TextReader = { open: () => Promise.reject(new Error('no such file')) };
    const pages = createNoticeReader(broken, rules, signal);
    const see = pages.page(0);
    for (let at = 0; at < 10; at++) await see(page(10 + 20 * (at % 2)), at * 2_000);
    const { notAnalysed } = await pages.end(20_000);
    expect(notAnalysed.at(0)).toMatchObject({ startMs: 0 });
    expect(notAnalysed.at(-1)).toMatchObject({ endMs: 20_000 });
    await pages.close();
  });

  it('ends when the check is given up', async () => {
    const giveUp = new AbortController();
    const pages = createNoticeReader(reader(() => 'x').text, rules, giveUp.signal);
    await pages.page(0)(page(10), 0);
    giveUp.abort(new Error('the server stops'));
    await expect(pages.end(1_000)).rejects.toThrow('the server stops');
    await pages.close();
  });
});
