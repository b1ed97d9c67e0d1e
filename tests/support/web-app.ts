import type { Page } from 'playwright-core';
import { testPassword } from './api.ts';
import type { School } from './school.ts';
import type { Opening } from './staff-pages.ts';

export interface Look {
  readonly language: 'en' | 'tr';
  readonly width: number;
  /** The address to open first, from `/`. */
  readonly at?: string;
  /** Which page of the menu to go to, by its name. */
  readonly menu?: string;
}

/** Signs a member of staff in, in this language and window, at an address or at a page of the menu. */
export async function openApp(
  { server, browser, wrong }: Opening,
  person: School['teacher'],
  { language, width, at = '/', menu }: Look,
): Promise<Page> {
  const said = (en: string, tr: string) => (language === 'en' ? en : tr);
  await server.context.outside.database.read.user.updateMany({ where: { id: person.id }, data: { language } });
  const locale = said('en-GB', 'tr-TR');
  const context = await browser.newContext({ baseURL: server.url, locale, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(at);
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
  const burger = page.getByRole('button', { name: said('Open the menu', 'Menüyü aç') });
  await page.getByRole('navigation').or(burger).first().waitFor();
  if (menu === undefined) return page;
  if (await burger.isVisible()) await burger.click();
  await page.getByRole('link', { name: menu, exact: true }).click();
  await page.getByRole('heading', { level: 1, name: menu }).waitFor();
  return page;
}
