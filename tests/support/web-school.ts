import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';
import { hasBrowser, launchBrowser } from './browser.ts';
import { createSchool, type School } from './school.ts';
import { startTestServer, type TestServer } from './server.ts';
import { faultsIn } from './staff-pages.ts';
import { type Look, openApp as openAppOf } from './web-app.ts';

interface WebSchool {
  readonly server: TestServer;
  readonly school: School;
  readonly browser: Browser;
  /** What the browser found wrong with pages; after each test there must be nothing. */
  readonly wrong: string[];
  /** Signs somebody in. */
  openApp(person: School['teacher'], look: Look): Promise<Page>;
}

/**
 * For one file of browser tests: a server with a school of its own, and a browser, until the file has run. `env` is the
 * server's; `refused` are statuses of refusals that its tests provoke, apart from the usual ones.
 */
export async function openWebSchool(
  env: Record<string, string> = {},
  { refused = [] }: { refused?: readonly number[] } = {},
): Promise<WebSchool> {
  const server = await startTestServer(env);
  afterAll(() => server.stop());
  const school = await createSchool(server);
  // Without Chromium every test of the file is skipped: nothing asks for it.
  const browser = hasBrowser ? await launchBrowser() : (undefined as unknown as Browser);
  afterAll(() => browser?.close());
  const wrong: string[] = [];
  const isProvoked = (text: string) => refused.some((status) => text.includes(`status of ${status}`));
  afterEach(() => expect(faultsIn(wrong).filter((text) => !isProvoked(text))).toEqual([]));
  const openApp = (person: School['teacher'], look: Look) => openAppOf({ server, browser, wrong }, person, look);
  return { server, school, browser, wrong, openApp };
}
