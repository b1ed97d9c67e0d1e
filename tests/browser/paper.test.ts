import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { dayIn } from '../../src/domain/calendar.ts';
import { browserTest } from '../support/browser.ts';
import { paged, pagesOf, scanOf, sign } from '../support/paper.ts';
import { inked, pdfOf } from '../support/pdf.ts';
import { ok, type School } from '../support/school.ts';
import { openCourse, takeInClass } from '../support/signing.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const today = dayIn(new Date(), 'Europe/Istanbul');

const folder = await mkdtemp(join(tmpdir(), 'emanet-scans-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const { server, school, openApp } = await openWebSchool({ WORKER: 'false' });
ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));
const classId = await takeInClass(school, '7-A', [
  { pupil: 'Ada Şıh', guardians: [['Işıl Şıh', '', '0532 000 12 34']] },
  { pupil: 'Can Öz', guardians: [['Gül Öz', '', '0532 000 12 35']] },
]);
const courseId = (await openCourse(school, classId)).id;

const open = (person: School['teacher'], language: 'en' | 'tr', width: number, menu: string) =>
  openApp(person, { language, width, menu });
const menuOf = { en: 'Paper', tr: 'Kâğıt formlar' };

/** The pictures are there: what is compared with them can be seen. */
async function seePictures(page: Page, count: number): Promise<void> {
  const pictures = page.getByRole('region', { name: /Pictures of the pages|Sayfaların/ }).locator('img');
  await expect.poll(() => pictures.count()).toBe(count);
  await expect
    .poll(() =>
      page.evaluate(
        "Math.min(...[...document.querySelectorAll('section section img')].map((one) => one.naturalWidth))",
      ),
    )
    .toBeGreaterThan(500);
}

async function answer(page: Page, values: readonly string[]): Promise<void> {
  const questions = page.locator('fieldset:has(input[type=radio])');
  await expect.poll(() => questions.count()).toBe(values.length);
  for (const [at, value] of values.entries()) await questions.nth(at).locator(`input[value=${value}]`).check();
}

let printed: Buffer;
browserTest('sheets of a course are printed from its page, on a telephone, in Turkish', async () => {
  const page = await open(school.teacher, 'tr', 390, 'Ders dizileri');
  await page.getByRole('link', { name: 'Fizik 10/A' }).click();
  await page.getByText('istenmedi: 2').waitFor();
  await page.getByText('Form yazdır').first().click();
  await page.getByLabel('İzin yüz yüze nerede geri alınır').fill('Müdür yardımcısının odası');
  await lookAt(page, 'paper-print-390-tr');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Form yazdır' }).click(),
  ]);
  printed = await readFile(await download.path());
  expect(printed.subarray(0, 5).toString()).toBe('%PDF-');
  await page.getByText('istendi: 2').waitFor();
  // Everybody has a sheet now.
  await page.getByRole('button', { name: 'Form yazdır' }).click();
  await page.getByRole('alert').getByText('Basılacak form yok').waitFor();
  await page.context().close();
});

browserTest('files are handed in at once, and each says what became of it', async () => {
  const pages = await paged(server, printed, (place, picture) => sign(place, picture));
  const [stranger] = await paged(server, await pdfOf([inked(1)]));
  const files = {
    'sheets.pdf': await scanOf(pages),
    'stranger.pdf': await scanOf([stranger!]),
    'list.txt': Buffer.from('no picture at all'),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, name), bytes);
  const page = await open(school.teacher, 'en', 1280, menuOf.en);
  await page.getByText('No paper waits to be read or confirmed.').waitFor();
  await page.getByLabel('Scanned sheets').setInputFiles(Object.keys(files).map((name) => join(folder, name)));
  await page
    .locator('li')
    .getByText(`Pages: ${pages.length}. Sheet found: ${pages.length}; sheet not known: 0`)
    .waitFor();
  await page.locator('li').getByText('Pages: 1. Sheet found: 0; sheet not known: 1').waitFor();
  await page.getByRole('alert').getByText('A scan has to be a PDF, a JPEG or a PNG.').waitFor();
  await page.getByRole('heading', { name: 'To be read: 2' }).waitFor();
  await page.getByRole('heading', { name: 'Sheet not known: 1' }).waitFor();
  await lookAt(page, 'paper-list-1280-en');
  // Dropped, as from a folder: the same again is noticed.
  const dropped = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer();
    const bytes = Uint8Array.from(atob('${files['stranger.pdf'].toString('base64')}'), (one) => one.charCodeAt(0));
    transfer.items.add(new File([bytes], 'again.pdf'));
    return transfer;
  })()`);
  await page.getByLabel('Scanned sheets').dispatchEvent('drop', { dataTransfer: dropped });
  await page.locator('li').getByText('Pages: 1. Sheet found: 0; sheet not known: 0; taken before: 1.').waitFor();
  await page.context().close();
});

browserTest('a page without a code is given its sheet by the letters, on a telephone, in Turkish', async () => {
  const rows = await pagesOf(school.teacher, courseId);
  const page = await open(school.teacher, 'tr', 390, menuOf.tr);
  await page.getByRole('link', { name: 'Formu bilinmeyen sayfa' }).click();
  await seePictures(page, 1);
  await page.getByLabel('Kodun harfleri').fill('ABCD-EFGH-JKMN-PQRST');
  await page.getByRole('button', { name: 'Forma bağla' }).click();
  await page.getByText('Bu bir form kodu değil.').waitFor();
  await lookAt(page, 'paper-assign-390-tr');
  await page.getByLabel('Kodun harfleri').fill(rows[0].sheet.code.toLowerCase());
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: rows[0].sheet.subject }).waitFor();
  // It was the wrong one: it is put aside.
  await page.getByText('Sayfayı reddet').first().click();
  const own = (await pagesOf(school.teacher, courseId)).find(({ found }: { found: string }) => found === 'none');
  await page.getByLabel('Hangi sayfa').selectOption(own.id);
  await page.getByLabel('Neden').fill('Yanlış forma bağlandı');
  await page.getByRole('button', { name: 'Sayfayı reddet' }).click();
  await page.getByText('Reddedildi: Yanlış forma bağlandı').waitFor();
  await page.context().close();
});

browserTest('one reads two sheets with the keyboard and cannot confirm them; another person does', async () => {
  const reader = await open(school.teacher, 'en', 1280, menuOf.en);
  await reader.getByRole('link', { name: 'Ada Şıh' }).click();
  const { sheet } = (await pagesOf(school.teacher, courseId))[0];
  await seePictures(reader, sheet.pages);
  await lookAt(reader, 'paper-read-1280-en');
  await reader.setViewportSize({ width: 390, height: 900 });
  await lookAt(reader, 'paper-read-390-en');
  await reader.setViewportSize({ width: 1280, height: 900 });
  const save = reader.getByRole('button', { name: 'Save what I read' });
  await answer(reader, ['yes', 'yes', 'yes', 'no']);
  await reader.getByLabel('The box of the information is ticked').focus();
  await reader.keyboard.press('Space');
  await reader.getByLabel('The box of the consent is ticked').check();
  await reader.getByLabel('It is signed').check();
  await reader.getByLabel('Name as written').fill('I. SIH-DENEME');
  await save.click();
  // Every flaw at once; and only now it is asked whether it is the same person.
  await reader.getByText('A yes needs the date on which it was signed.').waitFor();
  await reader.getByLabel(/The name differs and is the same person/).check();
  await reader.getByLabel('Date as written').fill(today);
  // Handed in by the clock of the browser, whose day may not be the school's.
  await reader.getByLabel('Came in on').fill(today);
  await reader.getByLabel('Name as written').press('Enter');
  await reader.getByRole('heading', { level: 1, name: 'Can Öz' }).waitFor();
  await reader.getByRole('status').getByText('Saved. Another person confirms it.').waitFor();
  // A no needs nothing else.
  await seePictures(reader, sheet.pages);
  await answer(reader, ['no', 'no', 'no', 'no']);
  await reader.getByLabel('Came in on').fill(today);
  await save.click();
  await reader.getByText('You read this yourself.').waitFor();
  expect(await reader.getByRole('button', { name: /confirm/ }).count()).toBe(0);
  await lookAt(reader, 'paper-own-1280-en');

  const other = await open(school.admin, 'tr', 390, menuOf.tr);
  await other.getByRole('heading', { name: 'Onaylanacak: 2' }).waitFor();
  await lookAt(other, 'paper-list-390-tr');
  await other.getByRole('link', { name: 'Ada Şıh' }).click();
  await seePictures(other, sheet.pages);
  await other.getByText('I. SIH-DENEME').waitFor();
  await lookAt(other, 'paper-confirm-390-tr');
  await other.setViewportSize({ width: 1280, height: 900 });
  await lookAt(other, 'paper-confirm-1280-tr');
  await other.getByRole('button', { name: 'Doğru okunmuş, onayla' }).click();
  await other.locator('main').getByText('Bu form artık bir yanıt sayılıyor.').waitFor();
  await other.getByRole('link', { name: '← Kâğıt formlar' }).click();
  await other.getByRole('link', { name: 'Can Öz' }).click();
  await other.getByText('Sayfayı reddet').first().click();
  await other.getByLabel('Neden').fill('Okunmuyor');
  await other.getByRole('button', { name: 'Sayfayı reddet' }).click();
  await other.getByText('Reddedildi: Okunmuyor').waitFor();
  const { rows } = ok(await school.teacher.get(`/api/courses/${courseId}/people`));
  expect(rows.map(({ name, state }: { name: string; state: string }) => [name, state])).toEqual([
    ['Ada Şıh', 'given'],
    ['Can Öz', 'asked'],
  ]);
  await other.getByRole('link', { name: '← Kâğıt formlar' }).click();
  await other.getByText('Onaylanan ve reddedilenler').click();
  await other.getByRole('button', { name: 'Reddedilenler' }).click();
  await other.getByText('not: Okunmuyor').waitFor();
});

browserTest('a reviewer has no such page', async () => {
  const page = await open(school.reviewer, 'en', 1280, 'Courses');
  expect(await page.getByRole('link', { name: menuOf.en, exact: true }).count()).toBe(0);
  await page.goto('/paper');
  await page.getByText('There is no page at this address').waitFor();
});
