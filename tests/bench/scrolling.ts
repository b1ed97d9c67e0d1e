import type { Page } from 'playwright-core';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import { eventually } from '../support/eventually.ts';
import { entriesSql } from './bench-database.ts';
import { atMost, type Bench, type Row } from './measure.ts';
import { startPagesServer } from './pages-server.ts';
import { fillRecordings } from './searching.ts';

const slowFrameMs = 50;
/** Frames of one look through a list, and how far each goes. */
const frames = 600;
const stepPx = 400;

/** (b) Long lists: how many of the frames of a long scroll took more than 50 ms. */
export const scrolling: Bench = {
  about: 'scrolling through long lists: the log, recordings, people',
  async measure({ isQuick, folder, say }) {
    const [entries, recordings] = isQuick ? [1_000, 1_000] : [100_000, 100_000];
    const pages = await startPagesServer(folder);
    try {
      const { context, school, browserOf } = pages;
      const { read } = context.outside.database;
      const rows: Row[] = [];
      await fillRecordings(read, 0, recordings);
      for (let start = 0; start < entries; start += 50_000)
        await read.$executeRawUnsafe(
          `INSERT INTO audit_arrival (canonical) ${entriesSql}`,
          start + 1,
          Math.min(start + 50_000, entries),
        );
      await integrateLog(context.outside);
      const look = async (name: string, page: Page) => {
        const times = await scrolled(page);
        const slow = times.filter((ms) => ms > slowFrameMs).length;
        rows.push({ ...atMost(`(b) ${name}: slow frames of ${times.length}`, slow, 'frames', 0), ok: slow === 0 });
        rows.push(atMost(`(b) ${name}: longest frame`, Math.max(...times), 'ms', undefined));
      };

      const log = await (await browserOf(school.auditor)).newPage();
      // Somebody may look 600 times in ten minutes: the pages of the log come five times as large.
      await log.route('**/api/audit?*', (route) =>
        route.continue({ url: route.request().url().replace('limit=100', 'limit=500') }),
      );
      await log.goto('/log');
      await loadAll(log, entries, say);
      await look(`log, ${entries} entries loaded`, log);

      const list = await (await browserOf(school.reviewer)).newPage();
      await list.goto('/recordings');
      await loadMore(list, isQuick ? 2 : 20);
      await look(`recordings, ${recordings} in the school`, list);

      const people = await (await browserOf(school.teacher)).newPage();
      await people.goto('/people');
      await loadMore(people, isQuick ? 2 : 20);
      await look(`people, ${recordings / 10} in the school`, people);
      return rows;
    } finally {
      await pages.stop();
    }
  },
};

const numberIn = (words: string) => Number(words.replaceAll(/\D/g, ''));

/** Scrolls to the end again and again until so many entries are loaded. */
async function loadAll(page: Page, entries: number, say: (line: string) => void): Promise<void> {
  const shown = page.getByText(/^Entries loaded: /);
  await shown.waitFor();
  let loaded = 0;
  let said = 0;
  while (loaded < entries) {
    const before = loaded;
    const now = async () => numberIn(await shown.innerText());
    // What is drawn for the first time is measured, and moves the end.
    const hasMore = async () => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      return (await now()) > before;
    };
    await eventually(hasMore, 'older entries came', { everyMs: 10 });
    loaded = await now();
    if (loaded - said < 10_000) continue;
    said = loaded;
    say(`  ${loaded} entries loaded`);
  }
  await page.evaluate('scrollTo(0, 0)');
}

/** Presses the button for more so often. */
async function loadMore(page: Page, times: number): Promise<void> {
  const items = page.locator('main ul > li, main tbody > tr');
  await items.first().waitFor();
  for (let time = 0; time < times; time++) {
    const before = await items.count();
    await page.getByRole('button', { name: 'Show more' }).click();
    await eventually(async () => (await items.count()) > before, 'more came', { everyMs: 10 });
  }
}

/** How long each frame of a scroll from the top took, in milliseconds. */
const scrolled = (page: Page): Promise<number[]> =>
  page.evaluate(`new Promise((resolve) => {
    const times = [];
    let before = performance.now();
    scrollTo(0, 0);
    const frame = (now) => {
      times.push(now - before);
      before = now;
      if (times.length > ${frames}) return resolve(times.slice(1));
      scrollBy(0, ${stepPx});
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })`);
