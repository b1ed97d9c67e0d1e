import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { browserTest } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { inked, pdfOf } from '../support/pdf.ts';
import type { School } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';
import { forgetWorks } from '../support/works.ts';
import { zipOf } from '../support/zip.ts';

const folder = await mkdtemp(join(tmpdir(), 'emanet-works-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
const short = join(folder, 'short-lesson.mp4');
await writeFile(short, shortLesson());
const { server, school, openApp } = await openWebSchool({}, { refused: [415] });

const openWorks = (person: School['teacher'], width = 1280) => openApp(person, { language: 'en', width, at: '/works' });
const confirm = (page: Page, name: string) => page.getByRole('alertdialog').getByRole('button', { name }).click();

browserTest('a reviewer registers works, several at once, and reads why one of them cannot be', async () => {
  const page = await openWorks(school.reviewer);
  await page.getByText('No works yet.').waitFor();
  await page.getByText('Register works').click();
  const text = join(folder, 'lyrics.mp3');
  await writeFile(text, 'Only the words of a song.');
  await page.getByLabel('Files').setInputFiles([short, text]);
  await page.getByLabel('Rights holder').fill('Somebody else');
  await page.getByLabel('Terms').selectOption({ label: 'In Copyright' });
  await page.getByText('Identifiers and validity').click();
  await page.getByLabel('Licence valid until').fill('2030-01-31');
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('This file is a text file, not a recording.').waitFor({ timeout: 60_000 });
  await page.getByRole('listitem').getByText(basename(short, '.mp4'), { exact: true }).last().waitFor();
  await lookAt(page, 'works-1280-en');
  await page.getByText('In Copyright · until Jan 31, 2030').waitFor();
  // What was refused stays chosen, with its reason; the rest of the form too.
  expect(await page.getByLabel('Rights holder').inputValue()).toBe('Somebody else');
  await forgetWorks(server.context.outside);
});

browserTest('an administrator changes what is looked for, and puts it back', async () => {
  const page = await openWorks(school.admin);
  await page.getByText('What is looked for in recordings').click();
  const agencies = page.getByLabel('Agencies and picture libraries');
  await eventually(async () => (await agencies.inputValue()).includes('Reuters'), 'the names are shown');
  await agencies.fill('Örnek Ajansı\n\nReuters\n');
  await page.getByLabel('Music', { exact: true }).fill('70');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await eventually(async () => (await agencies.inputValue()) === 'Örnek Ajansı\nReuters', 'what is kept is shown');
  await lookAt(page, 'rules-1280-en');
  await page.reload();
  await page.getByText('What is looked for in recordings').click();
  await eventually(async () => (await page.getByLabel('Music', { exact: true }).inputValue()) === '70', 'it is kept');
  await page.getByRole('button', { name: 'Back to how it was delivered' }).click();
  await confirm(page, 'Back to how it was delivered');
  await eventually(async () => (await agencies.inputValue()).includes('Getty Images'), 'it is as delivered');

  const other = await openWorks(school.reviewer);
  await other.getByText('What is looked for in recordings').click();
  await eventually(async () => (await other.getByLabel('Record labels').inputValue()) !== '', 'reviewers read it');
  expect(await other.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
});

browserTest('a reviewer drops an archive, sees what became of each file, and gives a folder with a list', async () => {
  const page = await openWorks(school.reviewer);
  await page.getByText('Register works').click();
  const [one, two] = await Promise.all([1, 2].map((seed) => pdfOf([inked(seed), inked(seed + 10)])));
  const zip = zipOf([
    { name: 'Map.pdf', octets: one! },
    { name: 'locked.pdf', octets: 'x', lies: { flags: 1 } },
  ]);
  await page.getByLabel('Rights holder').fill('Map office');
  const octets = JSON.stringify([...zip]);
  const dropped = await page.evaluateHandle(
    `(() => { const data = new DataTransfer(); data.items.add(new File([Uint8Array.from(${octets})], 'maps.zip')); return data; })()`,
  );
  await page.getByLabel('Files').dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('locked.pdf: The file is protected by a password in the archive.').waitFor({ timeout: 60_000 });
  await page.locator('li', { hasText: '1 registered, 0 known already, 1 failed.' }).first().waitFor();
  await page.locator('li', { hasText: 'Rights holder: Map office' }).getByText('2 pages').waitFor();

  const works = join(folder, 'works');
  await mkdir(works);
  await writeFile(join(works, 'Map.pdf'), one!);
  await writeFile(join(works, 'Book.pdf'), two!);
  await writeFile(
    join(works, 'works.csv'),
    '\uFEFFfile;title;rightsHolder\nBook.pdf;Okul kitabı;Yayınevi\nGone.pdf;Gone;\n',
  );
  await page.reload();
  await page.getByText('Register works').click();
  await page.getByLabel('or a folder').setInputFiles(works);
  expect(await page.getByLabel('Title', { exact: true }).isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('Gone.pdf').waitFor({ timeout: 60_000 });
  await page.getByText('The rights holder is missing.').waitFor();
  await page.getByText('1 registered, 0 known already, 2 failed.').waitFor();
  await page.getByText('Okul kitabı', { exact: true }).last().waitFor();
  await page.getByLabel('Rights holder').fill('Map office');
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('0 registered, 2 known already, 1 failed.').waitFor({ timeout: 60_000 });
  await forgetWorks(server.context.outside);
});
