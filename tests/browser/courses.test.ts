import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { testPassword } from '../support/api.ts';
import { findBarriers } from '../support/axe.ts';
import { browserTest, hasBrowser, launchBrowser } from '../support/browser.ts';
import { dayFromNow, noteForAll, takeInList } from '../support/courses.ts';
import { createSchool, ok, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let school: School;
let browser: Browser;
let wrong: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) return;
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  await takeInList(school.teacher, [
    ['1', 'Ada', 'Örnek', '7-A', 'Ayse Ornek', 'Ali Ornek'],
    ['2', 'Işıl', 'Söğüt', '7-A', 'Sevgi Sogut'],
    ['3', 'Muhammed Abdurrahman', 'Karaosmanoğlu-Yılmaztürk', '7-B', 'Nur Karaosmanoglu'],
  ]);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
});
afterEach(() => {
  const seen = wrong;
  wrong = [];
  expect(seen.filter((text) => !/status of (401|403|409|400)/.test(text))).toEqual([]);
});

async function openAs(person: School['teacher'], language: 'en' | 'tr', width: number): Promise<Page> {
  await server.context.outside.database.read.user.update({ where: { id: person.id }, data: { language } });
  const locale = language === 'en' ? 'en-GB' : 'tr-TR';
  const context = await browser.newContext({ baseURL: server.url, locale, viewport: { width, height: 900 } });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto('/');
  await page.getByLabel(language === 'en' ? 'E-mail' : 'E-posta').fill(person.email);
  await page.getByLabel(language === 'en' ? 'Password' : 'Parola').fill(testPassword);
  const button = page.getByRole('button', { name: language === 'en' ? 'Sign in' : 'Oturum aç', exact: true });
  await button.click();
  if (person.totpUri) {
    const code = page.getByLabel(language === 'en' ? 'Authenticator code' : 'Doğrulama kodu');
    await code.fill(await server.nextCode(person.totpUri));
    await button.click();
  }
  await page.getByRole('link', { name: language === 'en' ? 'Courses' : 'Ders dizileri' }).click();
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  const shots = process.env.EMANET_SCREENSHOTS;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
    true,
  );
  expect(await findBarriers(page)).toEqual([]);
}

browserTest('a teacher opens a course on a telephone, in Turkish, asks, and sees who is missing', async () => {
  const page = await openAs(school.teacher, 'tr', 390);
  await page.getByText('Henüz ders dizisi yok.').waitFor();
  await page.getByText('Ders dizisi aç').first().click();
  await page.getByLabel('Başlık').fill('7-A Fizik');
  await page.getByLabel('Kaydın nedeni').fill('Hasta öğrenciler dersi izleyebilsin diye');
  await page.getByLabel('İlk gün').fill(dayFromNow(-1));
  await page.getByLabel('Son gün').fill(dayFromNow(60));
  await page.getByLabel(/7-A \(/).check();
  await page.getByLabel(/7-B \(/).check();
  await page.getByLabel('Katılım noktası adına yanıtlayan').fill('okul@school.example');
  await picture(page, 'course-open-390-tr');
  await page.getByRole('button', { name: 'Ders dizisi aç' }).click();
  await page.getByRole('heading', { name: '7-A Fizik' }).waitFor();
  await page.getByText('istenmedi: 4').waitFor();
  await page.getByRole('button', { name: 'İzin iste' }).click();
  await page.getByText('Yeni istek: 5.').waitFor();
  // No mail server here: they are asked on paper.
  await page.getByText('Sevgi Sogut – Işıl Söğüt').waitFor();
  await page.getByText('istendi: 4').waitFor();
  await picture(page, 'course-390-tr');
  await page.getByText('Ders ekle').first().click();
  await page.getByLabel('Başlangıç').fill(`${dayFromNow(1)}T10:00`);
  await page.getByRole('button', { name: 'Ders ekle' }).click();
  await page.getByRole('link', { name: '7-A Fizik' }).waitFor();
  await page.getByRole('link', { name: '7-A Fizik' }).click();
  await page.getByRole('link', { name: 'İzinleri ve bütün dersleri gör' }).click();
  await page.getByText('istendi: 4').waitFor();
});

browserTest('the view follows the answers, by class and by state, and leaves as a file or on paper', async () => {
  const [course] = ok(await school.teacher.get('/api/courses')).items;
  const [lesson] = ok(await school.teacher.get(`/api/courses/${course.id}/lessons`)).items;
  const page = await openAs(school.teacher, 'en', 1280);
  await picture(page, 'courses-1280-en');
  await page.getByRole('link', { name: '7-A Fizik' }).click();
  await page.getByText('asked: 4').waitFor();
  await page.getByText('Ada Örnek', { exact: true }).waitFor();
  await page.getByLabel('Class').selectOption({ label: '7-B' });
  await page.getByText('Ada Örnek', { exact: true }).waitFor({ state: 'detached' });
  await page.getByText('Muhammed Abdurrahman Karaosmanoğlu-Yılmaztürk', { exact: true }).waitFor();
  await noteForAll(school.teacher, lesson.id);
  await page.reload();
  await page.getByText('given: 4').waitFor();
  await page.getByLabel('Permission', { exact: true }).selectOption('given');
  await picture(page, 'course-1280-en');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toContain('Ada Örnek,7-A,given\r\n');
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('verildi: 4').waitFor();
  await picture(page, 'course-1280-tr');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('given: 4').waitFor();
  // In print: names and states only.
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByText('Ada Örnek', { exact: true }).isVisible()).toBe(true);
  for (const hidden of [page.getByText('Who signs').first(), page.getByRole('button', { name: 'Ask for permission' })])
    expect(await hidden.isVisible()).toBe(false);
  await picture(page, 'course-print-en');
});

browserTest('a reviewer reads a course and finds nothing to press that writes', async () => {
  const page = await openAs(school.reviewer, 'en', 390);
  await page.getByRole('link', { name: '7-A Fizik' }).click();
  await page.getByText('given: 4').waitFor();
  for (const name of ['Ask for permission', 'Remind', 'Add a lesson'])
    expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Download CSV' }).count()).toBe(0);
  await picture(page, 'course-390-en');
});
