import { expect } from 'vitest';
import { invite } from '../../src/pipeline/staff/invite.ts';
import { openBeside } from '../support/another-school.ts';
import { Api, testPassword } from '../support/api.ts';
import { browserTest } from '../support/browser.ts';
import { createPermittedLesson } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, openApp } = await openWebSchool({ WORKER: 'false' });

browserTest('a teacher of two schools goes over from one to the other, and sees the lessons of one alone', async () => {
  const beside = await openBeside(server, 'Yenişehir Fen ve Sosyal Bilimler Anadolu Lisesi');
  const { token } = await invite(
    beside.context.outside,
    { actor: { kind: 'system', id: 'test' } },
    { email: school.teacher.email, name: 'Tuna Teacher', roles: ['teacher'], days: 1 },
    null,
  );
  const { status } = await new Api(server.url).post('/api/invitations/accept', {
    token,
    password: testPassword,
    language: 'tr',
  });
  expect(status).toBe(201);
  await createPermittedLesson(school);

  const turkish = await openApp(school.teacher, { language: 'tr', width: 390, at: '/lessons' });
  await turkish.getByText('9-B Physics').first().waitFor();
  await turkish.getByRole('button', { name: 'Hesap:' }).click();
  await lookAt(turkish, 'schools-390-tr');
  await turkish.getByRole('button', { name: /^Okul: Yenişehir/ }).click();
  await turkish.waitForURL('/');
  await turkish.goto('/lessons');
  await turkish.getByRole('heading', { level: 1 }).waitFor();
  await turkish.getByRole('button', { name: 'Hesap:' }).click();
  await turkish.getByRole('button', { name: /^Okul: Yenişehir.*✓/ }).waitFor();
  expect(await turkish.getByText('9-B Physics').count()).toBe(0);
  await turkish.context().close();

  // By the keyboard, on a wide screen. Signing in goes on in the school of the last time.
  await beside.context.outside.database.read.user.updateMany({ data: { language: 'en' } });
  const page = await openApp(school.teacher, { language: 'en', width: 1280 });
  await page
    .getByText(/^Yenişehir/)
    .first()
    .waitFor();
  const menu = page.getByRole('button', { name: 'Account:' });
  await menu.focus();
  await page.keyboard.press('Enter');
  await lookAt(page, 'schools-1280-en');
  const focused = page.locator('button:focus', { hasText: 'School: Test School' });
  while ((await focused.count()) === 0) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.getByText('Test School', { exact: true }).waitFor();
  await page.goto('/lessons');
  await page.getByText('9-B Physics').first().waitFor();
  await page.context().close();
});
