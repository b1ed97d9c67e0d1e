import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pixelmatch from 'pixelmatch';
import type { Page } from 'playwright-core';
import { PNG } from 'pngjs';
import { expect } from 'vitest';
import { maskInPage } from './masked.ts';

/** `EMANET_RENEW=1`: what is stored is written anew instead of being compared. */
const renews = process.env.EMANET_RENEW === '1';

/** The words are those of a stored file; where they are not, the message shows the difference. */
export async function expectStored(path: string, words: string): Promise<void> {
  if (!renews) return expect(`${words}\n`, `${path}; EMANET_RENEW=1 renews it`).toBe(await readFile(path, 'utf8'));
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${words}\n`);
}

/**
 * How far a picture may be from the stored one: a pixel differs where its colour is more than a tenth of the way from
 * black to white away, apart from smoothed edges; and a picture where more than one pixel in ten thousand does.
 */
const tolerance = { threshold: 0.1, share: 1 / 10_000 };
/** Nothing to compare: it moves, or is drawn from what differs each time. */
const covered = 'video, canvas, input[type="date"], input[type="datetime-local"]';
/** Shots until two are equal. */
const mostShots = 10;

/** The page looks as in the stored picture; where it does not, the message names both pictures and their difference. */
export async function expectPicture(page: Page, path: string): Promise<void> {
  const shot = await stillShot(page);
  if (renews) {
    await mkdir(dirname(path), { recursive: true });
    return writeFile(path, shot);
  }
  const [now, stored] = [PNG.sync.read(shot), PNG.sync.read(await readFile(path))];
  const { width, height } = stored;
  const difference = new PNG({ width, height });
  const isAsLarge = now.width === width && now.height === height;
  const { threshold } = tolerance;
  const pixels = isAsLarge
    ? pixelmatch(now.data, stored.data, difference.data, width, height, { threshold })
    : width * height;
  if (pixels <= width * height * tolerance.share) return;
  const folder = await mkdtemp(join(tmpdir(), 'emanet-picture-'));
  await writeFile(join(folder, 'now.png'), shot);
  if (isAsLarge) await writeFile(join(folder, 'difference.png'), PNG.sync.write(difference));
  const what = isAsLarge ? `${pixels} pixels differ` : `${now.width} × ${now.height}, not ${width} × ${height}`;
  expect.fail(`${path}: ${what}; look into ${folder}, and renew with EMANET_RENEW=1`);
}

/** A picture of what can be seen, once it does not change any more. */
async function stillShot(page: Page): Promise<Buffer> {
  let before: Buffer | null = null;
  for (let shots = 0; shots < mostShots; shots++) {
    await page.evaluate(maskInPage);
    const mask = [page.locator(covered)];
    const shot = await page.screenshot({ mask, maskColor: '#808080', animations: 'disabled' });
    if (before?.equals(shot)) return smaller(shot);
    before = shot;
  }
  throw new Error(`the page did not stand still in ${mostShots} pictures`);
}

/** The same picture in fewer octets. */
const smaller = (shot: Buffer): Buffer =>
  PNG.sync.write(PNG.sync.read(shot), {
    deflateLevel: 9,
    filterType: 0,
    deflateStrategy: 0,
    colorType: 2,
    inputHasAlpha: true,
  });
