import { join } from 'node:path';
import type { Browser, Page, Request } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { totpAt } from '../../src/demo/totp.ts';
import { signedInStaff, testPassword } from '../support/api.ts';
import { browserTest } from '../support/browser.ts';
import { startMailServer } from '../support/mail-server.ts';
import { openWebSchool } from '../support/web-school.ts';

const mail = await startMailServer();
afterAll(() => mail.stop());
const { server, school, browser, wrong } = await openWebSchool({ SMTP_URL: mail.url });

async function openWindow(path = '/', options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-GB', ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text())) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(path);
  return page;
}

const chosen = async (page: Page, item: string) => {
  await page.getByRole('button', { name: /^Account:/ }).click();
  await page
    .getByRole('link', { name: item })
    .or(page.getByRole('button', { name: item, exact: true }))
    .click();
};
const toAccount = (page: Page) => chosen(page, 'My account');
const signOut = (page: Page) => chosen(page, 'Sign out');

async function picture(page: Page, name: string): Promise<void> {
  const shots = process.env.EMANET_SCREENSHOTS;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

async function signIn(page: Page, email: string, password: string, code?: string): Promise<void> {
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  if (code !== undefined) {
    await page.getByLabel('Authenticator code').fill(code);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
}

browserTest('a teacher adds a passkey and signs in with it, without a password', async () => {
  const teacher = await signedInStaff(server, 'Key Teacher', ['teacher']);
  const page = await openWindow();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  await signIn(page, teacher.email, testPassword, await server.nextCode(teacher.totpUri!));
  await toAccount(page);
  await page.getByLabel('Name of the device').fill('Test computer');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('Test computer').waitFor();
  await mail.next(teacher.email, /passkey was added|geçiş anahtarı eklendi/i);
  await picture(page, 'account');
  await signOut(page);
  const isAnswer = (request: Request) => new URL(request.url()).pathname === '/api/session/passkey';
  const answering = page.waitForRequest((request) => request.method() === 'POST' && isAnswer(request));
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('button', { name: /^Account:/ }).waitFor();

  // Whoever overhears the answer of the device opens nothing with it, also where a device does not count its answers.
  const body = (await answering).postData()!;
  const replay = () =>
    fetch(`${server.url}/api/session/passkey`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
  expect((await replay()).status).toBe(401);
  const { read } = server.context.outside.database;
  await read.passkey.updateMany({ where: { accountId: teacher.id }, data: { counter: 0 } });
  for (const refused of await Promise.all([replay(), replay()])) {
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ code: 'SIGN_IN_FAILED' });
    expect(refused.headers.getSetCookie()).toEqual([]);
  }

  // It is a second factor: the password alone no longer opens the door, and a device that does not know its owner does not.
  await signOut(page);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('The passkey could not be used, or was cancelled.').waitFor();
});

browserTest('what cannot be undone asks for the password again, and goes on by itself', async () => {
  const page = await openWindow();
  await signIn(page, school.admin.email, testPassword, await server.nextCode(school.admin.totpUri!));
  await page.getByRole('link', { name: 'Staff', exact: true }).click();
  await page.getByText('Ece Teacher').waitFor();
  server.forward(11 * 60_000);
  const row = page.locator('li', { hasText: 'Ece Teacher' });
  await row.getByRole('button', { name: /^Reset second factor/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Ask for it' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Show that it is you' });
  await dialog.getByLabel('Password').fill(testPassword);
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await dialog.getByLabel('Authenticator code').waitFor();
  await dialog.getByLabel('Authenticator code').fill(await server.nextCode(school.admin.totpUri!));
  await picture(page, 'confirm');
  await dialog.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('Resetting the second factor of Ece Teacher was asked for').waitFor();
  await page.getByText('Another administrator has to confirm.').waitFor();
  await picture(page, 'staff');
  await mail.next(school.otherTeacher.email, /second factor/);
});

browserTest('somebody who forgot a password chooses a new one by mail, in Turkish, on a telephone', async () => {
  const teacher = await signedInStaff(server, 'Unutkan Teacher', ['teacher']);
  const page = await openWindow('/', { locale: 'tr-TR', viewport: { width: 390, height: 844 } });
  await page.getByRole('link', { name: 'Parolamı unuttum' }).click();
  await page.getByLabel('E-posta').fill(teacher.email);
  await picture(page, 'forgotten-tr-390');
  await page.getByRole('button', { name: 'Bağlantı gönder' }).click();
  await page.getByText('Bu adresle bir hesap varsa').first().waitFor();
  const { text } = await mail.next(teacher.email, /new-password=/);
  await page.goto(/\/#new-password=[\w-]+/.exec(text)![0]);
  await page.reload();
  await page.getByLabel('Yeni parola').fill('mavi bisiklet üstünde penguen');
  await page.getByLabel('Parola, bir kez daha').fill('mavi bisiklet üstünde penguen');
  await picture(page, 'new-password-tr-390');
  await page.getByRole('button', { name: 'Parolayı kaydet' }).click();
  await page.getByText('Parolanız değişti. Şimdi oturum açın.').waitFor();
  expect(page.url()).not.toContain('new-password');
  await page.getByLabel('E-posta').fill(teacher.email);
  await page.getByLabel('Parola', { exact: true }).fill('mavi bisiklet üstünde penguen');
  await page.getByRole('button', { name: 'Oturum aç', exact: true }).click();
  await page.getByLabel('Doğrulama kodu').fill(totpAt(teacher.totpUri!, server.context.outside.clock()));
  await mail.next(teacher.email, /password of your account was changed/);
});

browserTest('the account page fits a telephone, and works by keyboard', async () => {
  const teacher = await signedInStaff(server, 'Keyboard Teacher', ['teacher']);
  const page = await openWindow('/', { viewport: { width: 390, height: 844 } });
  await signIn(page, teacher.email, testPassword, await server.nextCode(teacher.totpUri!));
  await toAccount(page);
  await page.getByText('10 backup codes are left').waitFor();
  const width = await page.evaluate('document.documentElement.scrollWidth');
  expect(width).toBe(390);
  await picture(page, 'account-390');
  await page.getByLabel('Current password').focus();
  await page.keyboard.type(testPassword);
  await page.keyboard.press('Tab');
  await page.keyboard.type('four unrelated words here');
  await page.keyboard.press('Tab');
  await page.keyboard.type('four unrelated words here');
  await page.keyboard.press('Enter');
  await page.getByText('Your password is changed.').first().waitFor();
});
