import { afterAll, expect } from 'vitest';
import { browserTest } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { KeyboardHands } from '../support/focus.ts';
import { startMailServer } from '../support/mail-server.ts';
import { shortLessonFile } from '../support/media.ts';
import { createPermittedLesson, inDays, ok, until } from '../support/school.ts';
import { askedLink, openCourse, takeInClass } from '../support/signing.ts';
import { openWebSchool, type StaffName } from '../support/web-school.ts';

const mail = await startMailServer();
afterAll(() => mail.stop());
const { server, school, browser, contextOf } = await openWebSchool({
  SMTP_URL: mail.url,
  MAIL_FROM: 'okul@okul.example',
});
const classId = await takeInClass(school, '7-A', [
  { pupil: 'Ada Şıh', guardians: [['Işıl Şıh', 'isil@aile.example', '0532 000 12 34']] },
]);
await createPermittedLesson(school);

/** Somebody who is signed in, at home, without a mouse. */
async function handsOf(as: StaffName): Promise<KeyboardHands> {
  const page = await (await contextOf(as, 'en')).newPage();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.goto('/');
  await page.getByRole('heading', { level: 1 }).waitFor();
  return new KeyboardHands(page);
}

let recordingId: string;
browserTest('a teacher opens a course, asks and uploads a recording with keys alone', async () => {
  const hands = await handsOf('teacher');
  const { page } = hands;
  await hands.enter(hands.link('Courses'));
  await hands.enter(hands.link('Open a course'));
  await hands.type(page.getByLabel('Title'), '7-A Chemistry');
  await hands.type(page.getByLabel('Reason for recording'), 'For pupils who were ill');
  // Day and month are the same: it does not matter in which order this browser asks for them.
  const year = new Date().getFullYear() + 1;
  await hands.type(page.getByLabel('First day'), `0101${year}`);
  await hands.type(page.getByLabel('Last day'), `0202${year}`);
  await hands.tick(page.getByLabel(/7-A \(/));
  await hands.type(page.getByLabel('Who answers for the site'), 'okul@school.example');
  await hands.enter(hands.button('Open a course'));
  await page.getByRole('heading', { level: 1, name: '7-A Chemistry' }).waitFor();
  await hands.enter(hands.button('Ask for permission'));
  await page.getByText(/^New requests: \d/).waitFor();

  await hands.enter(hands.link('Lessons'));
  await hands.enter(hands.link('9-B Physics'));
  const file = page.getByLabel('Audio or video file');
  const choosing = page.waitForEvent('filechooser');
  await hands.tick(file);
  await (await choosing).setFiles(shortLessonFile);
  await hands.enter(hands.button('Upload'));
  await page.getByRole('region', { name: 'Uploads' }).getByText('is encrypted and stored').waitFor();
  await hands.enter(hands.link('Open the recording'));
  await page.getByText('Declare third-party material').waitFor();
  recordingId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
  await hands.enter(page.locator('summary', { hasText: 'Declare third-party material' }));
  await hands.type(page.getByLabel('What is it?'), 'A song');
  await hands.type(page.getByLabel('From'), '0:02');
  await hands.type(page.getByLabel('Until'), '0:04');
  await hands.press('Enter');
  await page.getByText('0:02–0:04').first().waitFor();
  await page.close();
});

browserTest('a reviewer reviews a recording with keys alone', async () => {
  await until(school.reviewer, recordingId, ({ state }) => state === 'in_review');
  const hands = await handsOf('reviewer');
  const { page } = hands;
  await hands.enter(hands.link('Recordings'));
  await hands.enter(page.locator('main').getByRole('link', { name: '9-B Physics' }));
  await hands.enter(page.locator('main a[href$="/review"]'));
  const segment = page.getByRole('button', { name: /^0:02–0:04, A song/ });
  await hands.enter(segment);
  await hands.press('2');
  await page.getByRole('button', { name: /^0:02–0:04, A song: mute/ }).waitFor();
  await hands.press('z');
  await page.getByRole('button', { name: /^0:02–0:04, A song: Waits/ }).waitFor();
  await hands.press('y');
  await page.getByRole('button', { name: /^0:02–0:04, A song: mute/ }).waitFor();
  await hands.enter(hands.button('Finish the review'));
  await hands.enter(page.getByRole('alertdialog').getByRole('button', { name: 'Finish the review' }));
  await page.getByText('This recording is not in review now.').waitFor();
  await page.close();
});

let link: string;
browserTest('an administrator approves and releases with keys alone', async () => {
  await until(school.admin, recordingId, ({ rendition }) => rendition?.state === 'ready', 90_000);
  const hands = await handsOf('admin');
  const { page } = hands;
  await hands.enter(hands.link('Recordings'));
  await hands.enter(page.locator('main').getByRole('link', { name: '9-B Physics' }));
  await hands.enter(hands.button('Approve'));
  await hands.enter(page.getByRole('alertdialog').getByRole('button', { name: 'Approve', exact: true }));
  const audience = page.getByLabel('Audience');
  await hands.to(audience);
  while ((await audience.inputValue()) !== 'class') await hands.press('ArrowDown');
  await page.getByText('The permissions cover this audience.').waitFor();
  await hands.enter(hands.button('Release'));
  await hands.type(page.getByLabel('Name of the viewer'), 'Ada');
  await hands.press('Enter');
  link = await page.getByLabel('Link address').inputValue();
  expect(link).toContain('/watch#');
  await page.close();
});

browserTest('an auditor finds an entry and sees it verified with keys alone', async () => {
  const hands = await handsOf('auditor');
  const { page } = hands;
  await hands.enter(hands.link('Log'));
  await page.getByText(/^Verified in this browser:/).waitFor();
  await hands.enter(page.locator('summary', { hasText: /^Filter$/ }));
  const action = page.getByLabel('What happened', { exact: true });
  await hands.to(action);
  await page.keyboard.type('A recording was released');
  await hands.press('Tab');
  await hands.enter(hands.button('Filter'));
  const entries = page.getByRole('list', { name: 'Entries of the log' });
  await expect.poll(() => entries.getByRole('listitem').count()).toBe(1);
  await hands.enter(entries.locator('summary').first());
  await entries.getByText('✓ verified').first().waitFor();
  await page.close();
});

/** What is used of a page's HTMLVideoElement. */
interface Video {
  readonly currentTime: number;
  readonly paused: boolean;
}
browserTest('a viewer watches with keys alone', async () => {
  const page = await (await contextOf(null, 'en')).newPage();
  await page.goto(new URL(link).pathname + new URL(link).hash);
  const hands = new KeyboardHands(page);
  const video = page.locator('video');
  const read = (name: keyof Video) => video.evaluate((one, key) => (one as unknown as Video)[key], name);
  await hands.enter(hands.button('Play'));
  await eventually(async () => Number(await read('currentTime')) > 0.3, 'it plays');
  await hands.press('k');
  await eventually(() => read('paused'), 'it stands');
  await hands.press('l');
  await eventually(async () => Number(await read('currentTime')) > 4, 'it went on by five seconds');
  await page.close();
});

browserTest('a guardian signs with keys alone', async () => {
  ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));
  const course = await openCourse(school, classId);
  ok(
    await school.teacher.post(`/api/courses/${course.id}/lessons`, {
      plannedStart: inDays(1),
      plannedEnd: inDays(1.05),
    }),
  );
  const path = await askedLink(school, mail, course.id, 'isil@aile.example');
  const context = await browser.newContext({ locale: 'tr-TR', viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  const hands = new KeyboardHands(page);
  await page.goto(server.url + path);
  await hands.enter(page.locator('.cards a').filter({ hasText: 'Fizik 10/A' }));
  await hands.tick(page.getByLabel('Bilgilendirmeyi okudum.'));
  await page.keyboard.press('Enter');
  for (const name of ['q0', 'q1']) await hands.tick(page.locator(`input[name=${name}][value=yes]`));
  await hands.enter(hands.button('Devam'));
  await hands.tick(page.locator('input[name=q2][value=yes]'));
  await hands.tick(page.locator('input[name=q3][value=yes]'));
  await hands.press('ArrowDown');
  expect(await page.locator('input[name=q3][value=no]').isChecked()).toBe(true);
  await hands.enter(hands.button('Devam'));
  await hands.tick(page.locator('#responsible'));
  await hands.type(page.locator('#digits'), '1234');
  await hands.type(page.locator('#typedName'), 'Işıl Şıh');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Teşekkürler' }).waitFor();
  await context.close();
});
