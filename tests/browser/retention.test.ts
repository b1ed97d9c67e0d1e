import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { browserTest } from '../support/browser.ts';
import { confirmWaiting, createPermittedLesson } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, openApp } = await openWebSchool();

const confirm = (page: Page, name: string) => page.getByRole('alertdialog').getByRole('button', { name }).click();

browserTest('an administrator keeps, holds and erases a recording through the pages', async () => {
  const { admin, teacher } = school;
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, teacher.id);
  const page = await openApp(admin, { language: 'en', width: 1280, at: '/retention' });
  await page.getByText('There are no policies yet').waitFor();
  await page.getByText('No recording will be erased in these days.').waitFor();
  await lookAt(page, 'retention-1280-en');
  await page.getByText('No legal hold is in force.').waitFor();
  await page.getByText('Add a policy').first().click();
  await page.getByLabel('Days after the lesson').fill('1');
  await page.getByRole('button', { name: 'Add a policy' }).click();
  await page.getByText('A retention policy will be added: any kind, any school year, 1 days.').waitFor();
  await confirmWaiting(school);
  await page.reload();
  await page.getByText('1 days after the lesson').waitFor();
  await page.getByLabel('How far ahead').selectOption({ label: '30 days' });
  await page.getByRole('link', { name: '9-B Physics' }).first().waitFor();

  await page.goto(`/lessons/${lesson.id}`);
  await page.getByText('Set a legal hold on every recording of the lesson').click();
  await page.getByLabel('Why?', { exact: true }).fill('Inspection');
  await page.getByLabel('Ends on').fill('2099-01-01');
  await page.getByRole('button', { name: 'Set a legal hold' }).click();
  await page.getByText('The hold is set.').waitFor();
  await page.goto('/retention');
  await page
    .getByText('Until Jan 1, 2099: Inspection')
    .or(page.getByText('Until 1 Jan 2099: Inspection'))
    .first()
    .waitFor();
  await page.locator('summary', { hasText: 'Lift the hold' }).click();
  await page.getByLabel('Why is it lifted?').fill('over');
  await page.getByRole('button', { name: 'Lift the hold' }).click();
  await page.getByText('No legal hold is in force.').waitFor();

  await page.goto(`/recordings/${id}`);
  await page.getByText(/It is erased on .* retention policy keeps it until/).waitFor();
  await page.locator('summary', { hasText: 'Set a legal hold' }).click();
  await page.getByLabel('Why?', { exact: true }).fill('Complaint 12');
  await page.getByRole('button', { name: 'Set a legal hold' }).click();
  await page.getByText('A legal hold is in force (review').waitFor();
  await page.locator('summary', { hasText: 'Erase the recording' }).click();
  const erase = page.getByRole('button', { name: 'Erase the recording' });
  await page.getByLabel('Why is it erased?').fill('A guardian asked');
  await page.getByLabel('Type “erase” to confirm').pressSequentially('erase');
  await page.keyboard.press('Enter');
  await page.getByText('A legal hold is in force: it cannot be erased.').waitFor();
  await page.locator('summary', { hasText: 'Lift the hold' }).click();
  await page.getByLabel('Why is it lifted?').fill('settled');
  await page.getByRole('button', { name: 'Lift the hold' }).click();
  await page.locator('strong', { hasText: 'A legal hold is in force (review' }).waitFor({ state: 'detached' });
  await erase.click();
  await page.getByText('will be erased for good: A guardian asked').waitFor();
  await confirmWaiting(school);
  await page.reload();
  await page.getByRole('status').getByText('erased', { exact: true }).waitFor();
  await page.getByText('Nothing of it is left in the store.').waitFor({ timeout: 20_000 });
  expect(await erase.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Certificate of erasure' }).click();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: `emanet-erasure-${id}.json`, exact: true }).click(),
  ]);
  expect(JSON.parse(readFileSync(await saved.path(), 'utf8'))).toMatchObject({ recordingId: id, why: 'request' });
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('Depoda hiçbir şeyi kalmadı.').waitFor();
  await page.getByRole('link', { name: 'Saklama ve silme' }).click();
  await page.getByText('dersten sonra 1 gün').waitFor();
  await page.getByRole('button', { name: /^Kuralı kaldır/ }).click();
  await confirm(page, 'Kuralı kaldır');
  await page.getByText('Henüz kural yok').waitFor();
  await page.getByRole('button', { name: 'English' }).click();
});
