import { afterAll, expect } from 'vitest';
import { setUp } from '../../src/assembly/set-up.ts';
import { browserTest } from '../support/browser.ts';
import { startProvider } from '../support/provider.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const provider = await startProvider();
afterAll(() => provider.stop());
const { server, browser, wrong } = await openWebSchool(
  { WORKER: 'false', ...provider.env, LOCAL_SIGN_IN: 'on' },
  { refused: [401, 403] },
);
provider.allow(server.url);

const looks = [
  ['en', 1280],
  ['tr', 390],
] as const;
const pageOf = async (language: 'en' | 'tr', width: number) => {
  const locale = language === 'en' ? 'en-GB' : 'tr-TR';
  const context = await browser.newContext({ baseURL: server.url, locale, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(String(error)));
  return page;
};

for (const [language, width] of looks)
  browserTest(`somebody signs in at the provider, and confirms there (${language}, ${width})`, async () => {
    const said = (en: string, tr: string) => (language === 'en' ? en : tr);
    const login = `ada-${language}`;
    const person = { email: `${login}@school.example`, name: 'Ada', groups: ['heads'], amr: ['pwd', 'mfa'] };
    provider.people.set(login, person);
    const page = await pageOf(language, width);
    await page.goto('/staff');
    const button = page.getByRole('link', { name: said('Sign in with Okul Kimlik', 'Okul Kimlik ile oturum aç') });
    await button.waitFor();
    await lookAt(page, `provider-sign-in-${width}-${language}`);
    await button.click();
    await page.getByLabel('Login').fill(login);
    await page.keyboard.press('Enter');
    // Back on the page that was opened, with the cookie that another site may not have sent.
    await page.waitForURL(`${server.url}/staff`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByText(said('single sign-on', 'kurumsal giriş')).first().waitFor();
    // The provider may bring people by itself, with a token that is shown once. Later the clock of the server is ahead of the
    // provider's: then this would ask for a confirmation first.
    if (language === 'en') {
      await page.getByLabel('Name', { exact: true }).fill('directory');
      await page.getByRole('button', { name: 'Make a token' }).click();
      await page.getByText(/^ems_/).waitFor();
    }
    await lookAt(page, `provider-staff-${width}-${language}`);

    await page.goto('/account');
    await page.getByText(said('Your account is kept by Okul Kimlik', 'Hesabınızı Okul Kimlik yönetiyor')).waitFor();
    expect(await page.getByText(said('Change password', 'Parolayı değiştir')).count()).toBe(0);
    await lookAt(page, `provider-account-${width}-${language}`);
    // What cannot be undone is confirmed in another window; this page loses nothing.
    server.forward(11 * 60_000);
    await page.getByLabel(said('Name', 'Adı')).fill('notebook');
    await page.getByRole('button', { name: said('Make a token', 'Anahtar oluştur') }).click();
    const away = page.getByRole('link', { name: said('Show it at Okul Kimlik', 'Okul Kimlik üzerinde doğrula') });
    await away.waitFor();
    await lookAt(page, `provider-confirm-${width}-${language}`);
    const [other] = await Promise.all([page.context().waitForEvent('page'), away.click()]);
    await other.getByLabel('Login').fill(login);
    await other.keyboard.press('Enter');
    await other.getByText(said('Close this window and go on', 'Bu pencereyi kapatıp')).waitFor();
    await lookAt(other, `provider-confirmed-${width}-${language}`);
    await other.close();
    await page.bringToFront();
    const on = page.getByRole('button', { name: said('Go on', 'Devam'), exact: false });
    if (await on.isVisible()) await on.click();
    await page.getByText(/emt_/).first().waitFor();
    await page.context().close();
  });

browserTest('where local sign-in is off, the page has the provider, and a small link for emergencies', async () => {
  Object.assign(server.context.outside.settings, { localSignIn: false });
  const lines: string[] = [];
  await setUp(server.context.config, { 'dry-run': false, 'emergency-account': true }, (line) => lines.push(line));
  const [email = '', password = ''] = lines.slice(-2).map((line) => line.trim());
  for (const [language, width] of looks) {
    const said = (en: string, tr: string) => (language === 'en' ? en : tr);
    const page = await pageOf(language, width);
    await page.goto('/');
    const link = page.getByRole('link', { name: said('Emergency sign-in', 'Acil durum girişi') });
    await link.waitFor();
    expect(await page.getByLabel(said('Password', 'Parola')).count()).toBe(0);
    await lookAt(page, `local-off-${width}-${language}`);
    await link.click();
    await page.getByLabel(said('E-mail', 'E-posta')).fill(email);
    await page.getByLabel(said('Password', 'Parola')).fill(password);
    await lookAt(page, `emergency-${width}-${language}`);
    await page.getByRole('button', { name: said('Sign in', 'Oturum aç'), exact: true }).click();
    // It is shown to every administrator, this one too. The account begins in Turkish.
    await page.getByText('Acil durum hesabı kullanıldı').waitFor();
    await lookAt(page, `emergency-used-${width}-${language}`);
    await page.context().close();
  }
});
