import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { findBarriers } from './axe.ts';
import type { TestServer } from './server.ts';

/** Where somebody is signed in, and what their browser found wrong with the pages. */
export interface Opening {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly wrong: string[];
}

/** Takes a picture for a person to look at where EMANET_SCREENSHOTS names a folder; nothing is too wide, and nothing is a barrier. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const shots = process.env.EMANET_SCREENSHOTS;
  // What sticks to the top of the window is drawn where the window is, and covers what is scrolled beneath it.
  await page.evaluate('scrollTo(0, 0)');
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
    true,
  );
  expect(await findBarriers(page)).toEqual([]);
}

/** What went wrong apart from refusals, which the browser reports too; forgets it. */
export const faultsIn = (wrong: string[]): string[] =>
  wrong.splice(0).filter((text) => !/status of (400|401|403|404|409|422)/.test(text));

/** Nothing of the page is being loaded any more. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).or(page.getByRole('alert')).first().waitFor();
  await expect.poll(() => page.locator('[aria-busy]').count(), { timeout: 20_000 }).toBe(0);
}
