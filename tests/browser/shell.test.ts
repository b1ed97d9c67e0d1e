import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { browserTest, hasBrowser, launchBrowser } from '../support/browser.ts';
import { createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { faultsIn, lookAt } from '../support/staff-pages.ts';
import { openApp } from '../support/web-app.ts';

let server: TestServer;
let school: School;
let browser: Browser;
const wrong: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) return;
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => expect(faultsIn(wrong)).toEqual([]));

browserTest('somebody signs in, sees what waits, and finds their account, in both languages and sizes', async () => {
  for (const [language, width] of [
    ['tr', 390],
    ['en', 1280],
  ] as const) {
    const page = await openApp({ server, browser, wrong }, school.teacher, { language, width });
    await page.locator('[aria-busy]').waitFor({ state: 'detached' });
    await lookAt(page, `home-${width}-${language}`);
    await page.goto(`${server.url}/account`);
    await page.getByRole('heading', { name: language === 'tr' ? 'Parolayı değiştir' : 'Change password' }).waitFor();
    await lookAt(page, `account-${width}-${language}`);
    await page.context().close();
  }
});
