import { beforeAll, expect } from 'vitest';
import { type Attended, zoomReport } from '../support/attendance-reports.ts';
import { browserTest } from '../support/browser.ts';
import { createPermittedLesson, ok } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { school, openApp } = await openWebSchool({ WORKER: 'false' });
beforeAll(async () => {
  ok(await school.admin.patch('/api/school', { attendance: 'release' }));
});

const rows: Attended[] = [
  ['Tuna Teacher', -2, 41],
  ['ada example', 1, 18],
  ['ada example', 20, 39],
  ['iPad (3)', 5, 9],
  ['Velisi', 5, 9],
];

browserTest('a teacher settles attendance: the sure ones at once, the others one by one, with undo', async () => {
  for (const [language, width] of [
    ['en', 1280],
    ['tr', 390],
  ] as const) {
    const { id, lesson } = await createPermittedLesson(school);
    const t = language === 'en' ? en : tr;
    const page = await openApp(school.teacher, { language, width, at: `/lessons/${id}` });
    await page.getByRole('link', { name: t.settle }).click();
    await page.getByText(t.none).waitFor();
    const text = zoomReport(lesson.plannedStart, rows);
    await page
      .getByLabel(t.add)
      .setInputFiles({ name: 'participants.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.getByText(t.taken).waitFor();
    await lookAt(page, `attendance-open-${width}-${language}`);
    await page.getByRole('button', { name: t.confirm }).click();
    await page.getByRole('heading', { name: t.presence }).waitFor();
    const device = page.locator('article', { hasText: 'iPad (3)' });
    await device.getByRole('button', { name: t.other }).focus();
    await page.keyboard.press('Enter');
    await device.getByLabel(t.kind).selectOption('not_a_person');
    await device.getByLabel(t.why, { exact: true }).fill('the board');
    await device.getByRole('button', { name: t.save }).click();
    await device.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: t.undo, exact: true }).click();
    await device.waitFor();
    await device.getByRole('button', { name: t.other }).click();
    await device.getByLabel(t.kind).selectOption('not_a_person');
    await device.getByLabel(t.why, { exact: true }).fill('the board');
    await device.getByRole('button', { name: t.save }).click();
    const family = page.locator('article', { hasText: 'Velisi' });
    await family.getByRole('button', { name: t.other }).click();
    await family.getByLabel(t.kind).selectOption('staff');
    await family.getByLabel(t.why, { exact: true }).fill('the caretaker');
    await family.getByRole('button', { name: t.save }).click();
    await page.getByText(t.complete).waitFor();
    await lookAt(page, `attendance-settled-${width}-${language}`);
    expect(ok(await school.teacher.get(`/api/lessons/${id}/attendance`)).missing).toEqual([]);
    await page.context().close();
  }
});

browserTest('a table that no tool is known for is asked about, and pasted text is taken', async () => {
  const { id } = await createPermittedLesson(school);
  const at = `/lessons/${id}/attendance`;
  const page = await openApp(school.teacher, { language: 'en', width: 1280, at });
  await page.getByText('Paste text').click();
  await page.getByLabel('Lines copied from the report').fill('Wer\tSeit\nAda Example\t10:00\nTuna Teacher\t10:01\n');
  await page.getByRole('button', { name: 'Take the report' }).click();
  await page.getByText('pasted.txt was not taken yet. Say this first:').waitFor();
  await page.getByLabel('Column: Wer').selectOption('name');
  await page.getByLabel('Column: Seit').selectOption({ label: 'not read' });
  await lookAt(page, 'attendance-mapping-1280-en');
  await page.getByRole('button', { name: 'Take the report' }).first().click();
  await page.getByText('2 rows were taken.').waitFor();
  await page.context().close();
});

const en = {
  settle: 'Settle attendance',
  none: 'There is no attendance report of this lesson.',
  add: 'Add a report',
  taken: '5 rows were taken.',
  confirm: /^Confirm \d rows$/,
  presence: 'Who was there when',
  other: 'Say who this is',
  kind: 'What is this row?',
  why: 'Why',
  save: 'Save',
  undo: 'Take back',
  complete: 'Every row of the reports is settled, and everybody who was named is covered.',
};
const tr: typeof en = {
  settle: 'Katılımı belirle',
  none: 'Bu dersin katılım raporu yok.',
  add: 'Rapor ekle',
  taken: '5 satır alındı.',
  confirm: /^\d satırı onayla$/,
  presence: 'Kim ne zaman oradaydı',
  other: 'Kim olduğunu söyle',
  kind: 'Bu satır nedir?',
  why: 'Neden',
  save: 'Kaydet',
  undo: 'Geri al',
  complete: 'Raporların her satırı belirlendi; adı geçen herkes izin kapsamında.',
};
