import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { expect } from 'vitest';
import { testPassword } from './api.ts';
import { findBarriers } from './axe.ts';
import type { School } from './school.ts';
import type { TestServer } from './server.ts';

/** Where somebody is signed in, and what their browser found wrong with the pages. */
export interface Opening {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly wrong: string[];
}

/** Signs a member of staff in, in this language and window, and goes to a page of the menu by its name. */
export async function openAs(
  { server, browser, wrong }: Opening,
  person: School['teacher'],
  look: { readonly language: 'en' | 'tr'; readonly width: number; readonly menu: string },
): Promise<Page> {
  const { language, width, menu } = look;
  const said = (en: string, tr: string) => (language === 'en' ? en : tr);
  await server.context.outside.database.read.user.update({ where: { id: person.id }, data: { language } });
  const locale = said('en-GB', 'tr-TR');
  const context = await browser.newContext({ baseURL: server.url, locale, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto('/');
  await page.getByLabel(said('E-mail', 'E-posta')).fill(person.email);
  await page.getByLabel(said('Password', 'Parola')).fill(testPassword);
  const button = page.getByRole('button', { name: said('Sign in', 'Oturum aç'), exact: true });
  await button.click();
  if (person.totpUri) {
    const code = page.getByLabel(said('Authenticator code', 'Doğrulama kodu'));
    // A code is good for half a minute: it is read off when the page asks for it.
    await code.waitFor();
    await code.fill(await server.nextCode(person.totpUri));
    await button.click();
  }
  await page.getByRole('link', { name: menu, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: menu }).waitFor();
  return page;
}

/** Takes a picture for a person to look at where EMANET_SCREENSHOTS names a folder; nothing is too wide, and nothing is a barrier. */
export async function lookAt(page: Page, name: string): Promise<void> {
  const shots = process.env.EMANET_SCREENSHOTS;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
    true,
  );
  expect(await findBarriers(page)).toEqual([]);
}

/** What went wrong apart from refusals, which the browser reports too; forgets it. */
export const faultsIn = (wrong: string[]): string[] =>
  wrong.splice(0).filter((text) => !/status of (400|401|403|404|409|422)/.test(text));
