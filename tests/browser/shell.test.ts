import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { testPassword } from '../support/api.ts';
import { browserTest } from '../support/browser.ts';
import { dayFromNow, takeInList } from '../support/courses.ts';
import { createPermittedLesson, ok, type School } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, wrong, openApp } = await openWebSchool({ WORKER: 'false' });
await takeInList(school.teacher, [['1', 'Işıl', 'Söğüt', '7-A', 'Sevgi Sogut']]);

const open = (person: School['teacher'], language: 'en' | 'tr', width: number, at = '/') =>
  openApp(person, { language, width, at });
const settled = (page: Page) => expect.poll(() => page.locator('[aria-busy]').count(), { timeout: 20_000 }).toBe(0);

browserTest('somebody signs in, sees what waits, and finds their account, in both languages and sizes', async () => {
  for (const [language, width] of [
    ['tr', 390],
    ['en', 1280],
  ] as const) {
    const page = await open(school.teacher, language, width);
    await settled(page);
    await lookAt(page, `home-${width}-${language}`);
    await page.goto('/account');
    await page.getByRole('heading', { name: language === 'tr' ? 'Parolayı değiştir' : 'Change password' }).waitFor();
    await settled(page);
    await lookAt(page, `account-${width}-${language}`);
    await page.goto('/help/teacher');
    await page.getByRole('heading', { name: language === 'tr' ? 'Kaydı yükleyin' : 'Upload the recording' }).waitFor();
    await lookAt(page, `help-${width}-${language}`);
    await page.context().close();
  }
});

browserTest('an administrator is told the first steps, and searches by keyboard as Turkish is written', async () => {
  const page = await open(school.admin, 'tr', 1280);
  await page.getByRole('heading', { name: 'Okulunuzu kurun' }).waitFor();
  await settled(page);
  await lookAt(page, 'first-steps-1280-tr');
  await page.keyboard.press('/');
  await page.keyboard.type('ISIL');
  await page.getByRole('option', { name: /Işıl Söğüt/ }).waitFor();
  await lookAt(page, 'search-1280-tr');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Işıl Söğüt' }).waitFor();
  await page.context().close();
});

browserTest('a text is shown as signers read it while it is written, and kept as a new version', async () => {
  const page = await open(school.admin, 'en', 1280, '/school');
  await page.locator('summary', { hasText: 'Consent, English' }).click();
  const field = page.getByRole('textbox', { name: 'Consent, English' });
  await field.fill('We ask you first.\n\nYou may say no.');
  const preview = page.getByRole('region', { name: 'As signers read it' });
  expect(await preview.locator('div p').allInnerTexts()).toEqual(['We ask you first.', 'You may say no.']);
  await lookAt(page, 'school-text-1280-en');
  await page.reload();
  await page.locator('summary', { hasText: 'Consent, English' }).click();
  // What was typed is still there, and so is what it looks like.
  await expect.poll(() => preview.locator('div p').allInnerTexts()).toEqual(['We ask you first.', 'You may say no.']);
  await page.getByRole('button', { name: 'Save as a new version' }).filter({ visible: true }).click();
  await page.getByText('The school’s own, version 2').waitFor();
  await page.context().close();
});

browserTest('the approval of a channel is taken back after what that closes was shown', async () => {
  await createPermittedLesson(school);
  const page = await open(school.admin, 'en', 390, '/channels');
  await page.getByRole('button', { name: 'Take the approval back: Zoom for schools' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Recordings that go out of reach: 0').waitFor();
  await lookAt(page, 'channel-withdraw-390-en');
  await dialog.getByLabel('Why').fill('The tool changed its terms');
  await dialog.getByRole('button', { name: 'Take the approval back' }).click();
  await page.getByText('not approved', { exact: true }).waitFor();
  const { items } = ok(await school.admin.get('/api/channels'));
  expect(items[0]).toMatchObject({ approved: false, withdrawnWhy: 'The tool changed its terms' });
  ok(await school.admin.post('/api/channels', { name: 'Zoom for schools' }));
  await page.context().close();
});

browserTest(
  'a dialog goes by Escape and by a click beside it, and gives the focus back; a question stays',
  async () => {
    const page = await open(school.admin, 'en', 390, '/channels');
    const opener = page.getByRole('button', { name: 'Take the approval back: Zoom for schools' });
    const dialog = page.getByRole('dialog');
    const focused = () => page.locator(':focus').innerText();
    for (const leave of [() => page.keyboard.press('Escape'), () => page.mouse.click(5, 5)]) {
      await opener.press('Enter');
      await dialog.waitFor();
      // It is read from its title on, and what lies behind can be neither reached nor scrolled.
      expect(await focused()).toMatch(/^Zoom for schools: the approval is taken back/);
      await dialog.getByLabel('Why').waitFor();
      await page.keyboard.press('Tab');
      expect(await dialog.locator(':focus').count()).toBe(1);
      expect(await page.evaluate('getComputedStyle(document.documentElement).overflowY')).toBe('hidden');
      await leave();
      await dialog.waitFor({ state: 'detached' });
      expect(await opener.and(page.locator(':focus')).count()).toBe(1);
    }
    // Marking words in it and letting go beside it is no click beside it.
    await opener.press('Enter');
    await dialog.waitFor();
    const { x, y } = (await dialog.getByRole('heading').boundingBox()) ?? { x: 0, y: 0 };
    await page.mouse.move(x + 5, y + 5);
    await page.mouse.down();
    await page.mouse.move(5, 5);
    await page.mouse.up();
    expect(await dialog.isVisible()).toBe(true);
    await page.goto('/staff');
    await page.getByRole('button', { name: 'Disable account' }).first().click();
    const question = page.getByRole('alertdialog');
    await question.waitFor();
    expect(await focused()).toBe('Cancel');
    await page.mouse.click(5, 5);
    expect(await question.isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'detached' });
    await page.context().close();
  },
);

browserTest('who is signed out in the middle of a form signs in again and loses nothing', async () => {
  const page = await open(school.teacher, 'en', 1280, '/courses/new');
  await page.getByLabel('Title').fill('7-A Physics');
  await page.getByLabel('Reason for recording').fill('For pupils who were ill');
  await page.getByLabel('First day').fill(dayFromNow(-1));
  await page.getByLabel('Last day').fill(dayFromNow(30));
  await page.getByLabel('Who answers for the site').fill('okul@school.example');
  // A reload loses nothing either.
  await page.reload();
  await expect.poll(() => page.getByLabel('Title').inputValue()).toBe('7-A Physics');
  await server.context.outside.database.read.session.deleteMany({ where: { userId: school.teacher.id } });
  await page.getByRole('button', { name: 'Open a course' }).click();
  const dialog = page.getByRole('alertdialog', { name: 'Sign in again' });
  await dialog.getByLabel('Password').fill(testPassword);
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await dialog.getByLabel('Authenticator code').waitFor();
  await dialog.getByLabel('Authenticator code').fill(await server.nextCode(school.teacher.totpUri ?? ''));
  await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: '7-A Physics' }).waitFor();
  await page.context().close();
});

browserTest('a page that is not open to a role is none, and an address that names nothing says so', async () => {
  const page = await open(school.teacher, 'en', 390, '/staff');
  await page.getByText('There is no page at this address').waitFor();
  await page.goto('/no/such/page');
  await page.getByText('There is no page at this address').waitFor();
  await lookAt(page, 'missing-390-en');
  await page.context().close();
});

browserTest('without a connection the page says from when it is, and goes on by itself', async () => {
  const page = await open(school.teacher, 'tr', 390, '/people');
  await page.getByRole('link', { name: 'Işıl Söğüt' }).waitFor();
  await page.context().setOffline(true);
  await page.getByText(/^Bağlantı yok\. Gördükleriniz/).waitFor();
  await page.getByRole('link', { name: 'Işıl Söğüt' }).waitFor();
  await page.context().setOffline(false);
  await page.getByText(/^Bağlantı yok\./).waitFor({ state: 'detached' });
  wrong.splice(0);
  await page.context().close();
});
