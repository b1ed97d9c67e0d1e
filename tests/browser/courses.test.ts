import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { browserTest } from '../support/browser.ts';
import { dayFromNow, noteForAll, takeInList } from '../support/courses.ts';
import { ok, type School } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { school, openApp } = await openWebSchool({ WORKER: 'false' });
await takeInList(school.teacher, [
  ['1', 'Ada', 'Örnek', '7-A', 'Ayse Ornek', 'Ali Ornek'],
  ['2', 'Işıl', 'Söğüt', '7-A', 'Sevgi Sogut'],
  ['3', 'Muhammed Abdurrahman', 'Karaosmanoğlu-Yılmaztürk', '7-B', 'Nur Karaosmanoglu'],
]);

const openCourses = (person: School['teacher'], language: 'en' | 'tr', width: number) =>
  openApp(person, {
    language,
    width,
    menu: language === 'en' ? 'Courses' : 'Ders dizileri',
  });

browserTest('a teacher opens a course on a telephone, in Turkish, asks, and sees who is missing', async () => {
  const page = await openCourses(school.teacher, 'tr', 390);
  await page.getByText('Henüz ders dizisi yok.').waitFor();
  await page.getByRole('link', { name: 'Ders dizisi aç' }).click();
  await page.getByLabel('Başlık').fill('7-A Fizik');
  await page.getByLabel('Kaydın nedeni').fill('Hasta öğrenciler dersi izleyebilsin diye');
  await page.getByLabel('Gözetmen de kayıtta görülür ya da duyulur').uncheck();
  await page.getByLabel('İlk gün').fill(dayFromNow(-1));
  await page.getByLabel('Son gün').fill(dayFromNow(60));
  await page.getByLabel(/7-A \(/).check();
  await page.getByLabel(/7-B \(/).check();
  await page.getByLabel('Katılım noktası adına yanıtlayan').fill('okul@school.example');
  await lookAt(page, 'course-open-390-tr');
  await page.getByRole('button', { name: 'Ders dizisi aç' }).click();
  await page.getByRole('heading', { name: '7-A Fizik' }).waitFor();
  await page.getByText('istenmedi: 4').waitFor();
  await page.getByRole('button', { name: 'İzin iste' }).click();
  await page.getByText('Yeni istek: 5.').waitFor();
  // No mail server here: they are asked on paper.
  await page.getByText('Sevgi Sogut – Işıl Söğüt').waitFor();
  await page.getByText('istendi: 4').waitFor();
  await lookAt(page, 'course-390-tr');
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
  const page = await openCourses(school.teacher, 'en', 1280);
  await lookAt(page, 'courses-1280-en');
  await page.getByRole('link', { name: '7-A Fizik' }).click();
  await page.getByText('asked: 4').waitFor();
  await page.getByText('Ada Örnek', { exact: true }).waitFor();
  await page.getByLabel('Class', { exact: true }).selectOption({ label: '7-B' });
  await page.getByText('Ada Örnek', { exact: true }).waitFor({ state: 'detached' });
  await page.getByText('Muhammed Abdurrahman Karaosmanoğlu-Yılmaztürk', { exact: true }).waitFor();
  await noteForAll(school.teacher, lesson.id);
  await page.reload();
  await page.getByText('given: 4').waitFor();
  // The filter is in the address.
  await page.getByText('Muhammed Abdurrahman Karaosmanoğlu-Yılmaztürk', { exact: true }).waitFor();
  expect(await page.getByText('Ada Örnek', { exact: true }).count()).toBe(0);
  await page.getByLabel('Class', { exact: true }).selectOption('');
  await page.getByText('Ada Örnek', { exact: true }).waitFor();
  await page.getByLabel('Permission', { exact: true }).selectOption('given');
  await lookAt(page, 'course-1280-en');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download CSV' }).click(),
  ]);
  expect(await readFile(await download.path(), 'utf8')).toContain('Ada Örnek,7-A,given\r\n');
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('verildi: 4').waitFor();
  await lookAt(page, 'course-1280-tr');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('given: 4').waitFor();
  // In print: names and states only.
  await page.emulateMedia({ media: 'print' });
  expect(await page.getByText('Ada Örnek', { exact: true }).isVisible()).toBe(true);
  for (const hidden of [page.getByText('Who signs').first(), page.getByRole('button', { name: 'Ask for permission' })])
    expect(await hidden.isVisible()).toBe(false);
  await lookAt(page, 'course-print-en');
});

browserTest('a reviewer reads a course and finds nothing to press that writes', async () => {
  const page = await openCourses(school.reviewer, 'en', 390);
  await page.getByRole('link', { name: '7-A Fizik' }).click();
  await page.getByText('given: 4').waitFor();
  for (const name of ['Ask for permission', 'Remind', 'Add a lesson'])
    expect(await page.getByRole('button', { name, exact: true }).count()).toBe(0);
  expect(await page.getByRole('link', { name: 'Download CSV' }).count()).toBe(0);
  await lookAt(page, 'course-390-en');
});
