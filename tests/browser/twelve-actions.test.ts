import type { Locator, Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { sayYes } from '../../src/demo/signers.ts';
import { browserTest } from '../support/browser.ts';
import { dayFromNow } from '../support/courses.ts';
import { startMailServer } from '../support/mail-server.ts';
import { ok } from '../support/school.ts';
import { linkIn } from '../support/signing.ts';
import { openWebSchool } from '../support/web-school.ts';

const mailServer = await startMailServer();
afterAll(() => mailServer.stop());
const { server, school, openApp } = await openWebSchool({ SMTP_URL: mailServer.url, MAIL_FROM: 'okul@okul.example' });
ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));

const most = 12;
const pupils = Array.from({ length: 30 }, (_, at) => {
  const number = String(at + 1).padStart(2, '0');
  return {
    pupil: ['Öğrenci', `Deneme${number}`],
    guardian: `Veli Deneme${number}`,
    email: `veli${number}@aile.example`,
    digits: `90${number}`,
  };
});
const list = [
  'Okul No,Adı,Soyadı,Sınıf,Veli 1 Adı Soyadı,Veli 1 Yakınlık,Veli 1 E-posta,Veli 1 Telefon',
  ...pupils.map(
    ({ pupil: [given, family], guardian, email, digits }, at) =>
      `${1_000 + at},${given},${family},7-A,${guardian},anne,${email},0500 000 ${digits.slice(0, 2)} ${digits.slice(2)}`,
  ),
  '',
].join('\n');

/** What one person does, one after the other. */
class Hands {
  readonly done: string[] = [];

  /**
   * The rule of counting: an action is each press of a button, each link that is followed, each part of a page that is
   * unfolded, and each form that is sent. Typing, choosing and ticking in a form, and choosing a file for it, belong to its
   * sending. Signing in is not counted, nor are the answers of others.
   */
  async press(what: string, on: Locator): Promise<void> {
    this.done.push(what);
    await on.click();
  }
}

browserTest('from the list of a class of 30 to an open gate it takes one teacher twelve actions at most', async () => {
  const page: Page = await openApp(school.teacher, {
    language: 'en',
    width: 1280,
    menu: 'Lessons',
  });
  const hands = new Hands();
  const link = (name: string) => page.getByRole('link', { name, exact: true });
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  await hands.press('to the people', link('People'));
  await page.getByLabel('File').setInputFiles({ name: 'liste.csv', mimeType: 'text/csv', buffer: Buffer.from(list) });
  await hands.press('look at the list', button('Look at the roster'));
  await hands.press('the columns are right', button('Continue'));
  await page.getByText('People in the file: 60').waitFor();
  for (const question of await page.locator('fieldset input[type=checkbox]').all()) await question.check();
  await hands.press('take it in', button('Take it in'));
  await page.getByText('The roster was taken in. New people: 60').waitFor();

  await hands.press('to the courses', link('Courses'));
  await hands.press('to the form of a course', link('Open a course'));
  await page.getByLabel('Title').fill('7-A Physics');
  await page.getByLabel('Reason for recording').fill('So that pupils who were ill can watch');
  await page.getByLabel('E-mail and telephone of the supervisor').fill('tuna@school.example, 0500 000 11 22');
  await page.getByLabel('First day').fill(dayFromNow(-1));
  await page.getByLabel('Last day').fill(dayFromNow(60));
  await page.getByLabel(/7-A \(/).check();
  await page.getByLabel('Who answers for the site').fill('okul@school.example, 0500 000 44 55');
  await hands.press('open the course', button('Open a course'));
  await page.getByText('not asked: 32').waitFor();
  await hands.press('ask everybody', button('Ask for permission'));
  await page.getByText('New requests: 32.').waitFor();

  for (const { guardian, email, digits } of pupils)
    await sayYes(server.url, linkIn((await mailServer.next(email)).text), { name: guardian, digits }, 'en');
  for (const [email, name, digits] of [
    ['tuna@school.example', 'Tuna Teacher', '1122'],
    ['okul@school.example', 'Okul Müdürü', '4455'],
  ] as const)
    await sayYes(server.url, linkIn((await mailServer.next(email)).text), { name, digits }, 'en');

  await hands.press('unfold the form of a lesson', page.locator('summary', { hasText: 'Add a lesson' }));
  await page.getByLabel('Start', { exact: true }).fill(`${dayFromNow(1)}T10:00`);
  await hands.press('add the lesson', button('Add a lesson'));
  await hands.press('to the lesson', link('7-A Physics'));
  await page.getByLabel('How it is announced').fill('spoken and on the first slide');
  await hands.press('state the announcement', button('Save the announcement'));
  await page.getByText('Everything is there: a recording of this lesson is accepted.').waitFor();

  const [course] = ok(await school.teacher.get('/api/courses')).items;
  const [lesson] = ok(await school.teacher.get(`/api/courses/${course.id}/lessons`)).items;
  expect(ok(await school.teacher.get(`/api/lessons/${lesson.id}/gate`))).toMatchObject({ holds: true, reasons: [] });
  console.log(`${hands.done.length} actions: ${hands.done.join(', ')}`);
  expect(hands.done.length).toBeLessThanOrEqual(most);
});
