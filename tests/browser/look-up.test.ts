import { afterAll, expect } from 'vitest';
import type { Caller } from '../../src/pipeline/ports/caller.ts';
import { addFindings } from '../../src/pipeline/review/add-findings.ts';
import { startAcoustIdServer } from '../support/acoustid-server.ts';
import { browserTest } from '../support/browser.ts';
import { finding } from '../support/findings.ts';
import { shortLesson } from '../support/media.ts';
import { createPermittedLesson, ok } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const list = await startAcoustIdServer();
afterAll(() => list.stop());
const { server, school, openApp } = await openWebSchool(
  { WORKER: 'false', ACOUSTID_CLIENT: 'TEST-ONLY', ACOUSTID_URL: list.url },
  { refused: [503] },
);
const machine: Caller = { actor: { kind: 'system', id: 'test' } };

browserTest('a reviewer asks whose music it is, and is told what goes out', async () => {
  const { id: lessonId } = await createPermittedLesson(school);
  const { id } = ok(await school.teacher.upload(lessonId, shortLesson()));
  const { database } = server.context.outside;
  await database.read.recording.update({ where: { id }, data: { state: 'in_review', checkState: 'done' } });
  await database.transact(machine, (tx) =>
    addFindings(tx, id, [finding('music', 1, 9)], { gapMs: 3_000, wholeMs: 10_000 }),
  );
  const at = `/recordings/${id}/review`;

  const turkish = await openApp(school.reviewer, { language: 'tr', width: 390, at });
  await turkish.getByText('Bu müzik kime ait?').click();
  await turkish.getByRole('button', { name: `${list.host} adresine sor` }).click();
  await turkish.getByText(`${list.host} buna benzer bir şey bilmiyor.`).waitFor();
  await lookAt(turkish, 'review-look-up-390-tr');
  await turkish.context().close();

  const page = await openApp(school.reviewer, { language: 'en', width: 1280, at });
  await page.getByText('Whose music is it?').focus();
  expect(list.asked).toHaveLength(1);
  await page.keyboard.press('Enter');
  list.answer('', 500);
  await page.getByRole('button', { name: `Ask ${list.host}` }).click();
  await page.getByText('The list of music does not answer.').waitFor();
  list.answer({
    status: 'ok',
    results: [
      {
        score: 0.97,
        recordings: [
          { id: 'b81f83ee-4da4-11e0-9ed8-0025225356f3', title: '<b>Şarkı</b>', artists: [{ name: 'Bir sanatçı' }] },
        ],
      },
    ],
  });
  await page.getByRole('button', { name: `Ask ${list.host}` }).click();
  const found = page.getByRole('listitem').filter({ hasText: '<b>Şarkı</b> – Bir sanatçı (97 %)' });
  expect(await found.getByRole('link').getAttribute('href')).toBe(
    'https://musicbrainz.org/recording/b81f83ee-4da4-11e0-9ed8-0025225356f3',
  );
  expect(await page.getByText('The list of music does not answer.').count()).toBe(0);
  await lookAt(page, 'review-look-up-1280-en');
  await page.context().close();
});
