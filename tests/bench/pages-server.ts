import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { type Context, createContext } from '../../src/assembly/context.ts';
import { launchBrowser } from '../support/browser.ts';
import { spawnServer } from '../support/process.ts';
import { createSchool, type School } from '../support/school.ts';
import { preparedHome } from './bench-server.ts';

export interface PagesServer {
  readonly url: string;
  readonly context: Context;
  readonly school: School;
  readonly browser: Browser;
  /** A browser in which this member of staff is signed in; null: nobody. */
  browserOf(person: School['teacher'] | null): Promise<BrowserContext>;
  stop(): Promise<void>;
}

/** The real server in a process of its own with the pages as they are now, a school in it, and a browser. */
export async function startPagesServer(folder: string): Promise<PagesServer> {
  await import('../../scripts/build-web.ts');
  const { config, env, stop: stopDatabase } = await preparedHome({ EMANET_HOME: join(folder, 'home') });
  const context = await createContext({ ...config, LOG_LEVEL: 'silent' });
  const server = await spawnServer(env);
  const school = await createSchool({ url: server.url, context } as never);
  const browser = await launchBrowser();
  return {
    url: server.url,
    context,
    school,
    browser,
    async browserOf(person) {
      const opened = await browser.newContext({
        baseURL: server.url,
        locale: 'en-GB',
        viewport: { width: 1280, height: 900 },
      });
      const [name = '', value = ''] = (person?.headers.cookie ?? '').split(/=(.*)/s);
      if (person !== null) await opened.addCookies([{ name, value, url: server.url }]);
      return opened;
    },
    async stop() {
      await browser.close();
      await context.close();
      await server.stop();
      await stopDatabase();
    },
  };
}
