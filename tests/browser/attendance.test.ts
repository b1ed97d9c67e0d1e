import { beforeAll, expect } from 'vitest';
import { type Attended, sendReport, zoomReport } from '../support/attendance-reports.ts';
import { browserTest } from '../support/browser.ts';
import { createPermittedLesson, ok } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { lookAt } from '../support/staff-pages.ts';
import { wav } from '../support/wav.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, openApp } = await openWebSchool({ WORKER: 'false' });
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

browserTest('an administrator keeps a recording without somebody who had no permission', async () => {
  const guest = { name: 'Kaan Yabancı', kind: 'guest', isMinor: false, contact: 'kaan@yabanci.example' };
  const other = await createPermittedLesson(school);
  ok(await school.teacher.post(`/api/lessons/${other.id}/participants`, guest));
  const { id, lesson } = await createPermittedLesson(school);
  const recording = await createSealedRecording(server.context.outside, id, school.teacher.id, { mediaBytes: 1_000 });
  const visit: Attended = ['Kaan', 5, 9, 'kaan@yabanci.example'];
  ok(await sendReport(school.teacher, id, zoomReport(lesson.plannedStart, [['Tuna Teacher', 0, 40], visit])));
  for (const [language, width] of [
    ['en', 1280],
    ['tr', 390],
  ] as const) {
    const t = language === 'en' ? en : tr;
    const at = `/recordings/${recording.id}`;
    const page = await openApp(school.admin, { language, width, at });
    if (language === 'en') {
      await page.getByText('Kaan Yabancı was there for 4 min').first().waitFor();
      await page.getByText(t.removal, { exact: true }).click();
      await page.getByText('First: their own sound file, if there is one').click();
      await page.getByLabel('Whose voice is it?').selectOption({ label: 'Kaan' });
      await page
        .getByLabel('Sound file', { exact: true })
        .setInputFiles({ name: 'silence.wav', mimeType: 'audio/wav', buffer: Buffer.concat([...wav(2_000_000)]) });
      await page.getByRole('button', { name: 'Take the sound file' }).click();
      await page.getByText('Nobody is heard in silence.wav').waitFor();
      await page.getByRole('checkbox', { name: 'Kaan Yabancı' }).check();
      await page.getByLabel('Why', { exact: true }).last().fill('a visitor');
      await lookAt(page, `removal-${width}-${language}`);
      await page.getByRole('button', { name: 'Send the parts to review' }).click();
      await page.getByText('Parts that wait for review: 1').waitFor();
    }
    await page.getByText(t.inReview, { exact: true }).first().waitFor();
    await lookAt(page, `removal-begun-${width}-${language}`);
    await page.context().close();
  }
});

const en = {
  removal: 'Remove somebody without permission',
  inReview: 'in review',
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
  removal: 'İzni olmayan birini çıkar',
  inReview: 'incelemede',
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
