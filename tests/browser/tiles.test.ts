import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { sendReport, zoomReport } from '../support/attendance-reports.ts';
import { browserTest } from '../support/browser.ts';
import { galleryFile } from '../support/gallery.ts';
import { createPermittedLesson, ok, until } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, openApp } = await openWebSchool({ READ_PAGES_PER_HOUR: '1' });
const ada = { name: 'Ada Yılmaz', kind: 'guest', isMinor: false, contact: 'ada@ziyaret.example' };

browserTest(
  'a reviewer confirms where somebody who goes is covered, layout by layout, by keyboard',
  async () => {
    const other = await createPermittedLesson(school);
    ok(await school.teacher.post(`/api/lessons/${other.id}/participants`, ada));
    const { id: personId } = await server.context.outside.database.read.person.findFirstOrThrow({
      where: { name: ada.name },
    });
    const { id: lessonId, lesson } = await createPermittedLesson(school);
    const recordingId = ok(await school.teacher.upload(lessonId, await readFile(galleryFile))).id as string;
    await until(school.reviewer, recordingId, ({ state, check }) => state === 'in_review' && check.state === 'done');
    const rows = [['Tuna Teacher', 0, 40] as const, [ada.name, 0, 0.4, ada.contact] as const];
    ok(await sendReport(school.teacher, lessonId, zoomReport(lesson.plannedStart, rows)));
    const body = { personIds: [personId], why: 'a visitor', how: 'mute_and_cover', recordedFrom: lesson.plannedStart };
    ok(await school.admin.post(`/api/recordings/${recordingId}/removals`, body));
    await until(school.admin, recordingId, ({ removals }) => removals[0].tiles === 'done', 240_000);

    const turkish = await openApp(school.reviewer, {
      language: 'tr',
      width: 390,
      at: `/recordings/${recordingId}/review`,
    });
    await turkish.getByRole('button', { name: /^0:00–0:06, Ada Yılmaz/ }).click();
    await turkish.getByText('Kutuda okunan: “Ada Yılmaz”.').waitFor();
    await lookAt(turkish, 'review-tile-390-tr');
    await turkish.context().close();

    const page = await openApp(school.reviewer, {
      language: 'en',
      width: 1280,
      at: `/recordings/${recordingId}/review`,
    });
    const segment = page.locator('article');
    await page.getByRole('button', { name: /^0:00–0:06, Ada Yılmaz/ }).click();
    await segment.getByText('Read on the tile: “Ada Yılmaz”.').waitFor();
    // The box is marked already, and the decision is made: confirming is one press.
    expect(await segment.getByLabel('Decision').inputValue()).toBe('black_out');
    expect(await segment.getByLabel('Width').inputValue()).toBe('49.6');
    await lookAt(page, 'review-tile-1280-en');
    await segment.getByRole('button', { name: 'Save the decision' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^0:00–0:06, Ada Yılmaz: black out/ }).waitFor();
    for (const time of ['0:05–0:12', '0:17–0:24']) {
      await page.getByRole('button', { name: new RegExp(`^${time}.*Ada Yılmaz`) }).click();
      // A key covers what is marked, and not the whole picture.
      await page.keyboard.press('3');
      await page.getByRole('button', { name: new RegExp(`^${time}.*Ada Yılmaz: black out`) }).waitFor();
    }
    // Nobody was found in the third layout: she is not seen there, and the reviewer says so.
    await page.getByRole('button', { name: /^0:12–0:17, Ada Yılmaz/ }).click();
    await segment.getByText('No tile with this person’s name was found here.').waitFor();
    await segment.getByLabel('Decision').selectOption('permitted');
    await segment.getByLabel('Ground').selectOption('checked');
    await segment.getByLabel('Note').fill('she has left');
    await segment.getByRole('button', { name: 'Save the decision' }).click();
    await page.getByRole('button', { name: /^0:12–0:17, Ada Yılmaz: permitted/ }).waitFor();
    await page.getByRole('button', { name: /^0:00–0:24, Ada Yılmaz/ }).click();
    await page.keyboard.press('2');
    await page.getByRole('button', { name: /^0:00–0:24, Ada Yılmaz: mute/ }).waitFor();
    const { segments } = ok(await school.admin.get(`/api/recordings/${recordingId}`));
    const regions = segments.filter(({ decision }: { decision: { region: object | null } | null }) => decision?.region);
    expect(regions).toHaveLength(3);
    await page.context().close();

    for (const [language, without] of [
      [
        'en',
        'Without the picture and voice of Ada Yılmaz, as far as confirmed by Rana Reviewer. This is not anonymous.',
      ],
      ['tr', 'Görüntüsü ve sesi çıkarılan: Ada Yılmaz. Onaylayan: Rana Reviewer.'],
    ] as const) {
      const approver = await openApp(school.admin, { language, width: 1280, at: `/recordings/${recordingId}` });
      await approver.getByText(without).waitFor();
      await lookAt(approver, `removals-1280-${language}`);
      await approver.context().close();
    }
  },
  600_000,
);
