import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserTest } from '../support/browser.ts';
import type { School } from '../support/school.ts';
import { openWebSchool } from '../support/web-school.ts';

const { school, openApp } = await openWebSchool({ WORKER: 'false' });

const openAs = (person: School['teacher'], language: 'en' | 'tr', width: number) =>
  openApp(person, { language, width, menu: language === 'en' ? 'People' : 'Kişiler' });

async function picture(page: Page, name: string): Promise<void> {
  const shots = process.env.EMANET_SCREENSHOTS;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  expect(await page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth')).toBe(
    true,
  );
}

const heading = 'Okul No,Adı,Soyadı,Sınıf,Veli 1 Adı Soyadı,Veli 1 Yakınlık,Veli 1 E-posta,T.C. Kimlik No';
const list = (...rows: string[]) => ({
  name: 'liste.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from([heading, ...rows, ''].join('\n')),
});
const ada = '0042,Ada,Örnek,7-A,Ayşe Örnek,anne,ayse.ornek@posta.example,00000000000';
const isil = '0043,Işıl,Söğüt,7-A,Ali Söğüt,baba,ali.sogut@posta.example,00000000000';

browserTest('a teacher takes a class in from a list, on a telephone, in Turkish', async () => {
  const page = await openAs(school.teacher, 'tr', 390);
  await page.getByText('Kimse bulunamadı').waitFor();
  await page.getByLabel('Dosya').setInputFiles(list(ada, isil));
  await page.getByRole('button', { name: 'Listeye bak' }).click();
  await page.getByText('Sütunların anlamı').waitFor();
  expect(await page.getByLabel('T.C. Kimlik No').inputValue()).toBe('');
  expect(await page.getByLabel('Soyadı', { exact: true }).inputValue()).toBe('family');
  await picture(page, 'roster-columns-390-tr');
  await page.getByRole('button', { name: 'Devam' }).click();
  await page.getByText('Dosyadaki kişi sayısı: 4').waitFor();
  await page.getByText('Ada Örnek · 7-A').waitFor();
  await picture(page, 'roster-review-390-tr');
  await page.getByRole('button', { name: 'İçe aktar', exact: true }).click();
  await page.getByText('Liste içe aktarıldı. Yeni kişi: 4').waitFor();
  await page.getByRole('link', { name: 'Işıl Söğüt' }).waitFor();
  await page.getByLabel('Ad', { exact: true }).fill('isil');
  await page.getByRole('button', { name: 'Ara' }).click();
  await page.getByRole('link', { name: 'Ada Örnek' }).waitFor({ state: 'detached' });
  await picture(page, 'people-390-tr');
});

browserTest('an administrator answers what a list asks, and decides for a guardian, with the keyboard', async () => {
  const page = await openAs(school.admin, 'en', 1280);
  await page.getByLabel('File').setInputFiles(list(isil.replace('Ali Söğüt,baba,ali', 'Ayten Söğüt,anne,ayten')));
  await page.getByRole('button', { name: 'Look at the roster' }).press('Enter');
  await page.getByRole('button', { name: 'Continue' }).press('Enter');
  const question = page.getByLabel(/The file no longer lists 1 of 2 pupils/);
  await question.waitFor();
  await picture(page, 'roster-question-1280-en');
  // Unanswered, the form is not sent.
  await page.getByRole('button', { name: 'Take it in' }).press('Enter');
  await question.press('Space');
  await page.getByRole('button', { name: 'Take it in' }).press('Enter');
  await page.getByText('The roster was taken in.').waitFor();
  await page.getByText('To decide: 2').waitFor();
  await picture(page, 'people-1280-en');
  await page.getByRole('link', { name: 'Ali Söğüt' }).first().press('Enter');
  await page.getByText('ali.sogut@posta.example').waitFor();
  await picture(page, 'person-1280-en');
  await page.getByText('End guardianship').first().click();
  await page.getByLabel('On what the end rests').fill('TEST document');
  await page.getByRole('button', { name: 'End guardianship' }).press('Enter');
  await page.getByRole('alertdialog').getByRole('button', { name: 'End guardianship' }).press('Enter');
  await page.getByText('Ali Söğüt – Işıl Söğüt: ended').waitFor();
});

browserTest('an administrator adds somebody by hand, gives them their file and erases them', async () => {
  const page = await openAs(school.admin, 'en', 390);
  const add = async (name: string, role: string) => {
    await page.getByText('Add a person').first().click();
    await page.getByLabel('Name and family name').fill(name);
    await page.getByLabel('Role').selectOption(role);
    await page.getByLabel('New e-mail or telephone').fill('elle@posta.example');
    await page.getByRole('button', { name: 'Add a person' }).click();
    await page.getByRole('status').getByRole('link', { name }).waitFor();
  };
  await add('Elle Eklenen', 'pupil');
  await page.getByRole('status').getByRole('link', { name: 'Elle Eklenen' }).click();
  await page.getByText('elle@posta.example').waitFor();
  await page.getByText('Add a guardian').click();
  await page.getByLabel('Name', { exact: true }).fill('ali');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByLabel('Guardian').selectOption({ label: 'Ali Söğüt' });
  await page.getByLabel('Relation').selectOption('father');
  await page.getByRole('button', { name: 'Save' }).last().click();
  await page.getByRole('heading', { name: 'Ali Söğüt – Elle Eklenen' }).waitFor();
  await picture(page, 'person-by-hand-390-en');

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Give everything about them' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^emanet-person-.*\.json$/);
  const file = await download.createReadStream().then((stream) => stream.toArray());
  expect(JSON.parse(Buffer.concat(file).toString('utf8'))).toMatchObject({
    format: 'emanet-person',
    contacts: [{ value: 'elle@posta.example' }],
  });
  await page.getByRole('button', { name: 'Erase this person' }).click();
  await page.getByText('addresses: 1').waitFor();
  await picture(page, 'person-erase-390-en');
  await page.getByLabel('Why').selectOption('mistake');
  await page.getByRole('button', { name: 'Erase this person' }).last().click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Erase this person' }).click();
  await page.getByRole('heading', { name: 'People' }).waitFor();
  await page.getByLabel('Name', { exact: true }).fill('elle');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByText('No one was found').waitFor();
});
