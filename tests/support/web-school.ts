import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, expect } from 'vitest';
import type { Language } from '../../src/domain/language.ts';
import { signedInAuthority } from './authority.ts';
import { hasBrowser, launchBrowser } from './browser.ts';
import { createSchool, type School } from './school.ts';
import { startTestServer, type TestServer } from './server.ts';
import { faultsIn } from './staff-pages.ts';
import { type Look, openApp as openAppOf } from './web-app.ts';

/** Somebody of the school's staff. */
export type StaffName = Exclude<keyof School, 'channelId' | 'nobody'> | 'authority';

interface WebSchool {
  readonly server: TestServer;
  readonly school: School;
  readonly browser: Browser;
  /** What the browser found wrong with pages; after each test there must be nothing. */
  readonly wrong: string[];
  /** The browser of somebody who is signed in, without the form; null: of nobody. One for each person and language. */
  contextOf(as: StaffName | null, language: Language): Promise<BrowserContext>;
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
  const contexts = new Map<string, BrowserContext>();
  const authority = once(() => signedInAuthority(server));
  const contextOf = async (as: StaffName | null, language: Language) => {
    const key = `${as} ${language}`;
    const locale = language === 'tr' ? 'tr-TR' : 'en-GB';
    const made = { baseURL: server.url, locale, timezoneId: 'Europe/Istanbul' };
    const context = contexts.get(key) ?? (await browser.newContext(made));
    contexts.set(key, context);
    if (as === null) return context;
    const { id, headers } = as === 'authority' ? await authority() : school[as];
    const [name = '', value = ''] = (headers.cookie ?? '').split(/=(.*)/s);
    await context.addCookies([{ name, value, url: server.url }]);
    await server.context.outside.database.read.user.updateMany({ where: { id }, data: { language } });
    return context;
  };
  const openApp = (person: School['teacher'], look: Look) => openAppOf({ server, browser, wrong }, person, look);
  return { server, school, browser, wrong, contextOf, openApp };
}

function once<T>(make: () => T): () => T {
  let made: { readonly it: T } | null = null;
  return () => {
    made ??= { it: make() };
    return made.it;
  };
}
