import { fillSchool } from '../support/full-school.ts';
import { atMost, type Bench, median, type Row } from './measure.ts';
import { type PagesServer, startPagesServer } from './pages-server.ts';

/** A school's old laptop on a telephone's connection: "slow 4G" as Lighthouse has it. */
const slow = {
  processor: 4,
  network: { offline: false, latency: 150, downloadThroughput: 1_600_000 / 8, uploadThroughput: 750_000 / 8 },
};
const mostPaintMs = 1_500;
const mostTaskMs = 200;

/**
 * Notes in the page what its browser measures: when the largest part of the page was painted, when the first picture of a
 * video was, and how long its longest task was.
 */
const noting = `globalThis.noted = { paint: 0, picture: 0, task: 0 };
new PerformanceObserver((list) => {
  for (const { startTime, element } of list.getEntries())
    if (element?.tagName === 'VIDEO') noted.picture = startTime;
    else noted.paint = startTime;
}).observe({ type: 'largest-contentful-paint', buffered: true });
new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) noted.task = Math.max(noted.task, duration);
}).observe({ type: 'longtask', buffered: true });`;

interface Noted {
  readonly paint: number;
  readonly picture: number;
  readonly task: number;
}

/** (a) The first page of somebody who comes with an empty cache. */
export const opening: Bench = {
  about: 'the first page, with a processor 4 times slower and 1.6 Mbit/s, 150 ms',
  async measure({ isQuick, runs, folder, say }) {
    const pages = await startPagesServer(folder);
    try {
      const { school } = pages;
      // What it needs of a server that tests start.
      const { token } = await fillSchool(pages as never, school);
      const rows: Row[] = [];
      for (const [name, person, path, shows] of [
        ['sign-in', null, '/', 'form'],
        ['home', school.teacher, '/', 'main li'],
        ['watch', null, `/watch#${token}`, 'video'],
      ] as const) {
        const seen: Noted[] = [];
        for (let run = 0; run < (isQuick ? 1 : runs); run++) {
          seen.push(await openSlowly(pages, person, path, shows));
          say(`  ${name}: ${JSON.stringify(seen.at(-1))}`);
        }
        const of = (what: keyof Noted) => median(seen.map((one) => one[what]));
        rows.push(atMost(`(a) ${name}: largest paint`, of('paint'), 'ms', mostPaintMs));
        // Without a task of 50 ms or more there is none.
        rows.push(atMost(`(a) ${name}: longest task`, of('task'), 'ms', mostTaskMs));
      }
      return rows;
    } finally {
      await pages.stop();
    }
  },
};

async function openSlowly(
  { browserOf }: PagesServer,
  person: Parameters<PagesServer['browserOf']>[0],
  path: string,
  shows: string,
): Promise<Noted> {
  const context = await browserOf(person);
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', slow.network);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: slow.processor });
  await page.addInitScript(noting);
  await page.goto(path);
  await page.locator(shows).first().waitFor();
  await page.waitForLoadState('networkidle');
  const noted = await page.evaluate<Noted>('noted');
  await context.close();
  return noted;
}
