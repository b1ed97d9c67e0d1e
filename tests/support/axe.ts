import { createRequire } from 'node:module';
import type axe from 'axe-core';
import type { Page } from 'playwright-core';

const source = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What keeps a page from being used by everybody: rules of WCAG 2.2 A and AA that it breaks, with the first place. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Outside the page: its own policy lets no other script in.
  const { readFile } = await import('node:fs/promises');
  await page.evaluate(await readFile(source, 'utf8'));
  const { violations } = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      rules: { 'target-size': { enabled: true } },
    }),
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
