import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { totpAt } from '../../src/demo/totp.ts';
import { pageMs } from '../../src/detection/picture-match.ts';
import { auditActions } from '../../src/domain/audit-event.ts';
import { textsIn } from '../../src/language/catalogue.ts';
import { testPassword } from '../support/api.ts';
import { browserTest, hasBrowser, launchBrowser } from '../support/browser.ts';
import { shortLesson, wholeLessonFile } from '../support/media.ts';
import { inked, pdfOf } from '../support/pdf.ts';
import {
  confirmWaiting,
  createPermittedLesson,
  createSchool,
  inDays,
  ok,
  type School,
  until,
} from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { watchToTheEnd } from '../support/watching.ts';
import { forgetWorks } from '../support/works.ts';
import { zipOf } from '../support/zip.ts';

let server: TestServer;
let school: School;
let browser: Browser;
let folder: string;
/** Ten seconds, but as large as the whole lesson: there has to be something to send. */
let short: string;
const contexts: BrowserContext[] = [];
/** What a browser said was wrong; refusals that a test provokes are taken out of it by name. */
let wrong: string[] = [];

beforeAll(async () => {
  if (!hasBrowser) return;
  folder = await mkdtemp(join(tmpdir(), 'emanet-pages-'));
  short = join(await mkdtemp(join(folder, 'kept-')), 'short-lesson.mp4');
  await writeFile(short, shortLesson(4_000_000));
  server = await startTestServer();
  school = await createSchool(server);
  browser = await launchBrowser();
});
afterEach(async () => {
  // What a test that failed left open would go on talking into the next one.
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  wrong = [];
});
afterAll(async () => {
  await browser?.close();
  await server?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A person's own browser window. */
async function openWindow(path = '/', options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const context = await browser.newContext({ baseURL: server.url, locale: 'en-GB', ...options });
  contexts.push(context);
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content.Security.Policy/i.test(message.text()))
      wrong.push(`${message.text()} ${message.location().url.replace(server.url, '')}`);
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  page.on('dialog', (dialog) => dialog.accept());
  await page.goto(path);
  return page;
}

async function signIn(page: Page, person: { email: string; totpUri: string | null }): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email);
  await page.getByLabel('Password').fill(testPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  if (person.totpUri) {
    // A code is good for half a minute: it is read off when the page asks for it.
    await page.getByLabel('Authenticator code').waitFor();
    await page.getByLabel('Authenticator code').fill(await server.nextCode(person.totpUri));
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

/** For people to look at: only where `EMANET_SCREENSHOTS` names a folder. */
async function picture(page: Page | Locator, name: string): Promise<void> {
  const shots = process.env.EMANET_SCREENSHOTS;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`) });
}
const confirmWith = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name }).click();
const textOf = (page: Page) => page.locator('main').innerText();
const timeOf = (page: Page, selector = 'video') =>
  page
    .locator(selector)
    .first()
    .evaluate((video) => (video as unknown as Video).currentTime);

/** A player that feeds the element gives it an address of the page's own. */
const sourceOf = (page: Page) =>
  page
    .locator('video')
    .first()
    .evaluate((video) => (video as unknown as Video).currentSrc);

/** What these tests use of a page's HTMLVideoElement. */
interface Video {
  currentTime: number;
  readonly currentSrc: string;
  readonly seeking: boolean;
  readonly duration: number;
  readonly seekable: { readonly length: number; end(index: number): number };
  play(): Promise<void>;
  addEventListener(event: 'timeupdate', heard: () => void): void;
}

async function eventually(holds: () => Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Chromium notes every refused request as an error: those that belong to the test are named, anything else fails it. */
async function expectNothingWrong(expected: readonly RegExp[] = []): Promise<void> {
  const unexpected = wrong.filter((line) => !expected.some((pattern) => pattern.test(line)));
  wrong = [];
  await Promise.all(contexts.splice(0).map((context) => context.close()));
  expect(unexpected).toEqual([]);
}
/** Nobody is signed in yet, or the code is still to come. */
const notSignedInYet = /status of (401|403) .*\/api\/session$/;
const codeAskedFor = /status of 403 .*\/api\/session$/;

test('the words of the log are the same in the page as in the log', async () => {
  const { logActions } = (await import(join(import.meta.dirname, '../../src/http/pages/log-actions.js'))) as {
    logActions: Record<string, [string, string]>;
  };
  expect(logActions).toEqual(
    Object.fromEntries(
      auditActions.map((action) => [
        action,
        [textsIn('tr').labels.auditAction[action], textsIn('en').labels.auditAction[action]],
      ]),
    ),
  );
});

browserTest('a recording goes from a teacher to a viewer through the pages, and a withdrawal stops it', async () => {
  const { teacher, reviewer, admin } = school;
  const lesson = await createPermittedLesson(school);

  const desk = await openWindow();
  await signIn(desk, teacher);
  await desk.getByText('All permissions are there').first().waitFor();
  await desk.getByRole('link', { name: '9-B Physics' }).first().click();
  await desk.getByText('Everything is there: a recording of this lesson is accepted.').waitFor();
  await desk.getByLabel('Audio or video file').setInputFiles(wholeLessonFile);
  await desk.getByRole('button', { name: 'Upload', exact: true }).click();
  await desk.locator('#uploads').getByText('is encrypted and stored').waitFor();
  await desk.getByRole('link', { name: 'Open the recording' }).click();
  await desk.locator('main .badge', { hasText: 'In review' }).waitFor({ timeout: 60_000 });
  const recordingId = desk.url().split('/').at(-1)!;
  await desk.getByText('Declare third-party material').click();
  await desk.getByLabel('What is it?').fill('A song');
  await desk.getByLabel('From').fill('0:10');
  await desk.getByLabel('Until').fill('0:12');
  await desk.getByRole('button', { name: 'Declare' }).click();
  await desk.getByText('0:10–0:12').waitFor();

  const review = await openWindow(`/#/recordings/${recordingId}`);
  await signIn(review, reviewer);
  const declared = review.locator('.segment', { hasText: 'A song' });
  await declared.getByRole('button', { name: 'Play this part' }).click();
  await eventually(async () => (await timeOf(review)) > 10.1, 'the original plays from the segment’s second');
  await declared.getByText('Show picture and sound').click();
  for (const alt of ['A picture of the segment (0:10–0:12)', 'The sound of the segment'])
    await eventually(
      async () =>
        (await declared.getByAltText(alt).evaluate((image) => (image as { naturalWidth?: number }).naturalWidth)) ===
        640,
      alt,
    );
  await picture(declared, 'evidence');
  await declared.getByLabel('Decision').selectOption({ label: 'Blur a part of the picture' });
  await declared.getByRole('button', { name: 'Draw on the picture' }).click();
  const over = (await review.locator('.region-layer').boundingBox())!;
  await review.mouse.move(over.x + over.width * 0.25, over.y + over.height * 0.25);
  await review.mouse.down();
  await review.mouse.move(over.x + over.width * 0.75, over.y + over.height * 0.5, { steps: 4 });
  await picture(review, 'region');
  await review.mouse.up();
  expect(Number(await declared.getByLabel('From the left, %').inputValue())).toBeCloseTo(25, 0);
  expect(Number(await declared.getByLabel('Height, %').inputValue())).toBeCloseTo(25, 0);
  await declared.getByLabel('Width, %').fill('40');
  await declared.getByRole('button', { name: 'Save the decision' }).click();
  await declared.getByText('For 10 % of the picture').waitFor();
  await declared.getByText('Change the decision').click();
  await declared.getByLabel('Decision').selectOption({ label: 'Mute the sound' });
  await declared.getByRole('button', { name: 'Save the decision' }).click();
  await declared.getByText('Decided: Mute the sound').waitFor();
  for (;;) {
    const open = review.locator('.segment.open').first();
    if ((await open.count()) === 0) break;
    const before = await review.locator('.segment.open').count();
    await open.getByLabel('Decision').selectOption({ label: 'May stay' });
    await open.getByLabel('Ground').selectOption({ label: 'The school’s own work' });
    await open.getByRole('button', { name: 'Save the decision' }).click();
    await eventually(async () => (await review.locator('.segment.open').count()) < before, 'the decision is shown');
  }
  await review.getByRole('button', { name: 'Finish the review' }).click();
  await confirmWith(review, 'Finish the review');
  await review.locator('main .badge', { hasText: 'Review finished' }).waitFor();

  const office = await openWindow(`/#/recordings/${recordingId}`);
  await signIn(office, admin);
  await office.locator('video').waitFor({ timeout: 90_000 });
  await office.locator('video').evaluate((video) => (video as unknown as Video).play());
  await eventually(async () => (await timeOf(office)) > 0.3, 'the rendition plays');
  expect(await sourceOf(office)).toMatch(/^blob:/);
  await office.getByRole('button', { name: 'Approve', exact: true }).click();
  await confirmWith(office, 'Approve');
  await office.getByLabel('Audience').selectOption({ label: 'The school' });
  await office.getByText('Ada Example: the permission does not cover this audience.').waitFor();
  expect(await office.getByRole('button', { name: 'Release', exact: true }).isDisabled()).toBe(true);
  await office.getByLabel('Audience').selectOption({ label: 'The class' });
  await office.getByText('The permissions cover this audience.').waitFor();
  await office.getByRole('button', { name: 'Release', exact: true }).click();
  await office.getByLabel('Name of the viewer').fill('Ada');
  await office.getByRole('button', { name: 'Create a link' }).click();
  const link = await office.getByLabel('Link address').inputValue();

  const viewer = await openWindow(new URL(link).pathname + new URL(link).hash);
  await viewer.getByText('Personal link: do not pass it on.').waitFor();
  await eventually(async () => (await sourceOf(viewer)).startsWith('blob:'), 'the player has its media');
  await viewer.locator('video').evaluate((video) => (video as unknown as Video).play());
  await eventually(async () => (await timeOf(viewer)) > 0.5, 'the released recording plays');
  expect(await sourceOf(viewer)).toMatch(/^blob:/);
  const seek = await viewer.locator('video').evaluate(async (element) => {
    const video = element as unknown as Video;
    const begun = performance.now();
    const played = new Promise((resolve) => {
      video.addEventListener('timeupdate', () => video.currentTime > 60.05 && !video.seeking && resolve(null));
    });
    video.currentTime = 60;
    await played;
    return { ms: Math.round(performance.now() - begun), until: video.seekable.end(0), duration: video.duration };
  });
  console.info(`seek to 60 s: playing after ${seek.ms} ms; seekable to ${seek.until} of ${seek.duration} s`);
  expect(seek.until).toBeGreaterThan(100);
  await picture(viewer, 'watch');
  expect(seek.ms).toBeLessThan(10_000);

  ok(await teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
  await viewer.getByText('This link is not valid any more').waitFor({ timeout: 20_000 });
  await viewer.getByText('Bu bağlantı artık geçerli değil').waitFor();
  expect(await viewer.locator('video').isVisible()).toBe(false);
  await viewer.reload();
  await viewer.getByText('This link is not valid any more').waitFor();
  await office.locator('main .badge', { hasText: 'Quarantined' }).waitFor({ timeout: 20_000 });
  await office.getByText('Ada Example: permission was withdrawn.').waitFor();
  await expectNothingWrong([
    notSignedInYet,
    codeAskedFor,
    /status of 404 .*\/media\//,
    /status of 404 .*\/api\/watch/,
    /status of 40\d .*\/media$/,
  ]);
});

browserTest('a reviewer registers works, several at once, and reads why one of them cannot be', async () => {
  const page = await openWindow('/#/works');
  await signIn(page, school.reviewer);
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
  await page.getByRole('heading', { name: basename(short, '.mp4') }).waitFor();
  await page.getByText('In Copyright · until Jan 31, 2030').waitFor();
  // What was refused stays chosen, with its reason; the rest of the form too.
  expect(await page.getByLabel('Rights holder').inputValue()).toBe('Somebody else');
  await expectNothingWrong([notSignedInYet, /status of (400|415|422) /]);
  await forgetWorks(server.context.outside);
});

browserTest('an administrator changes what is looked for, and puts it back', async () => {
  const page = await openWindow('/#/works');
  await signIn(page, school.admin);
  await page.getByText('What is looked for in recordings').click();
  const agencies = page.getByLabel('Agencies and picture libraries');
  await eventually(async () => (await agencies.inputValue()).includes('Reuters'), 'the names are shown');
  await agencies.fill('Örnek Ajansı\n\nReuters\n');
  await page.getByLabel('Music', { exact: true }).fill('70');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await eventually(async () => (await agencies.inputValue()) === 'Örnek Ajansı\nReuters', 'what is kept is shown');
  await picture(page, 'rules');
  await page.reload();
  await page.getByText('What is looked for in recordings').click();
  await eventually(async () => (await page.getByLabel('Music', { exact: true }).inputValue()) === '70', 'it is kept');
  await page.getByRole('button', { name: 'Back to how it was delivered' }).click();
  await confirmWith(page, 'Back to how it was delivered');
  await eventually(async () => (await agencies.inputValue()).includes('Getty Images'), 'it is as delivered');

  const other = await openWindow('/#/works');
  await signIn(other, school.reviewer);
  await other.getByText('What is looked for in recordings').click();
  await eventually(async () => (await other.getByLabel('Record labels').inputValue()) !== '', 'reviewers read it');
  expect(await other.getByRole('button', { name: 'Save', exact: true }).count()).toBe(0);
  await expectNothingWrong([notSignedInYet, codeAskedFor]);
});

browserTest('a reviewer drops an archive, sees what became of each file, and gives a folder with a list', async () => {
  const page = await openWindow('/#/works');
  await signIn(page, school.reviewer);
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
  await page.locator('details.card', { hasText: 'Register works' }).dispatchEvent('drop', { dataTransfer: dropped });
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('locked.pdf: The file is protected by a password in the archive.').waitFor({ timeout: 60_000 });
  await page.locator('li', { hasText: '1 registered, 0 known already, 1 failed.' }).first().waitFor();
  await page.locator('li.card', { hasText: 'Rights holder: Map office' }).getByText('2 pages').waitFor();

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
  expect(await page.getByLabel('Title').isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('Gone.pdf').waitFor({ timeout: 60_000 });
  await page.getByText('The rights holder is missing.').waitFor();
  await page.getByText('1 registered, 0 known already, 2 failed.').waitFor();
  await page.getByRole('heading', { name: 'Okul kitabı' }).waitFor();
  await page.getByLabel('Rights holder').fill('Map office');
  await page.getByRole('button', { name: 'Register', exact: true }).click();
  await page.getByText('0 registered, 2 known already, 1 failed.').waitFor({ timeout: 60_000 });
  await expectNothingWrong([notSignedInYet]);
  await forgetWorks(server.context.outside);
});

browserTest(
  'who rejects with the word “request” or “MUSIC” is quoted, and no sentence of ours takes its place',
  async () => {
    const { outside } = server.context;
    const lesson = await createPermittedLesson(school);
    const page = await openWindow('/#/recordings');
    await signIn(page, school.reviewer);
    for (const why of ['request', 'MUSIC', 'SEGMENT_REFUSED']) {
      const { id } = await createSealedRecording(outside, lesson.id, school.teacher.id);
      ok(await school.reviewer.post(`/api/recordings/${id}/reject`, { why }));
      await page.goto(`/#/recordings/${id}`);
      await page.getByText(`Why: “${why}”`, { exact: true }).waitFor();
    }
  },
);

browserTest('a reviewer reads which page of a registered document a recording shows', async () => {
  const { outside } = server.context;
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(outside, lesson.id, school.teacher.id);
  const work = { title: 'Okul kitabı', rightsHolder: 'Yayınevi', registeredById: 'test', durationMs: 48_000 };
  const { id: workId } = await outside.database.read.work.create({ data: { ...work, kind: 'pages', sha256: 'x' } });
  const place = { x: 0, y: 0, width: 1, height: 1 };
  const evidence = { workStartMs: 11 * pageMs, workEndMs: 11 * pageMs, moments: 9, moves: false, place };
  const range = { recordingId: id, startMs: 1, endMs: 9 };
  const found = {
    ...range,
    workId,
    title: work.title,
    source: 'picture_match' as const,
    key: 'p',
    confidence: 0.9,
    evidence,
  };
  const { id: segmentId } = await outside.database.read.segment.create({ data: range });
  await outside.database.read.finding.create({ data: { ...found, segmentId } });
  const page = await openWindow(`/#/recordings/${id}`);
  await signIn(page, school.reviewer);
  await page.getByText('It shows page 12 of Okul kitabı.').waitFor();
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('Şu eserin 12. sayfası duruyor: Okul kitabı.').waitFor();
  // What stands for the media is no film, which the player says whenever it comes to it.
  await expectNothingWrong([notSignedInYet, /cannot play this file|bu dosyayı oynatamıyor/]);
  await forgetWorks(outside);
});

browserTest('an administrator keeps, holds and erases a recording through the pages', async () => {
  const { admin, teacher } = school;
  const lesson = await createPermittedLesson(school);
  const { id } = await createSealedRecording(server.context.outside, lesson.id, teacher.id);
  const page = await openWindow('/#/retention');
  await signIn(page, admin);
  await page.getByText('There are no policies yet').waitFor();
  await page.getByText('No recording will be erased in these days.').waitFor();
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

  await page.goto(`/#/lessons/${lesson.id}`);
  await page.getByText('Set a legal hold on every recording of the lesson').click();
  await page.getByLabel('Why?', { exact: true }).fill('Inspection');
  await page.getByLabel('Ends on').fill('2099-01-01');
  await page.getByRole('button', { name: 'Set a legal hold' }).click();
  await page
    .getByText('Until Jan 1, 2099: Inspection')
    .or(page.getByText('Until 1 Jan 2099: Inspection'))
    .first()
    .waitFor();
  await page.locator('summary', { hasText: 'Lift the hold' }).click();
  await page.getByLabel('Why is it lifted?').fill('over');
  await page.getByRole('button', { name: 'Lift the hold' }).click();
  await page.getByText('No legal hold is in force.').waitFor();

  await page.goto(`/#/recordings/${id}`);
  await page.getByText(/It is erased on .* retention policy keeps it until/).waitFor();
  await page.locator('summary', { hasText: 'Set a legal hold' }).click();
  await page.getByLabel('Why?', { exact: true }).fill('Complaint 12');
  await page.getByRole('button', { name: 'Set a legal hold' }).click();
  await page.getByText('A legal hold is in force (review').waitFor();
  await page.locator('summary', { hasText: 'Erase the recording' }).click();
  const erase = page.getByRole('button', { name: 'Erase the recording' });
  expect(await erase.isDisabled()).toBe(true);
  await page.getByLabel('Why is it erased?').fill('A guardian asked');
  await page.getByLabel('Type “erase” to confirm').pressSequentially('erase');
  await page.keyboard.press('Enter');
  await page.getByText('A legal hold is in force: it cannot be erased.').waitFor();
  await page.locator('summary', { hasText: 'Lift the hold' }).click();
  await page.getByLabel('Why is it lifted?').fill('settled');
  await page.getByRole('button', { name: 'Lift the hold' }).click();
  await page.locator('.notice strong', { hasText: 'A legal hold is in force (review' }).waitFor({ state: 'detached' });
  await erase.click();
  await page.getByText('will be erased for good: A guardian asked').waitFor();
  await confirmWaiting(school);
  await page.reload();
  await page.locator('main .badge', { hasText: 'Erased' }).waitFor();
  await page.getByText('Nothing of it is left in the store.').waitFor({ timeout: 20_000 });
  expect(await erase.isVisible()).toBe(false);
  await page.getByRole('button', { name: 'Certificate of erasure' }).click();
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: `emanet-erasure-${id}.json`, exact: true }).click(),
  ]);
  expect(JSON.parse(readFileSync(await saved.path(), 'utf8'))).toMatchObject({ recordingId: id, why: 'request' });
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('Depoda hiçbir şeyi kalmadı.').waitFor();
  await page.getByRole('link', { name: 'Saklama ve silme' }).click();
  await page.getByText('dersten sonra 1 gün').waitFor();
  await page.getByRole('button', { name: /^Kuralı kaldır/ }).click();
  await confirmWith(page, 'Kuralı kaldır');
  await page.getByText('Henüz kural yok').waitFor();
  await page.getByRole('button', { name: 'English' }).click();
  await expectNothingWrong([notSignedInYet, codeAskedFor, /status of 409 .*\/erase$/]);
});

browserTest('a teacher reads every missing reason in their language and cannot upload', async () => {
  const { teacher } = school;
  const lesson = await createPermittedLesson(school);
  ok(await teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
  const page = await openWindow(`/#/lessons/${lesson.id}`);
  await signIn(page, teacher);
  await page.getByText('Ada Example: permission was withdrawn.').waitFor();
  expect(await page.getByRole('button', { name: 'Upload', exact: true }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('Ada Example: İzin geri çekildi.').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('tr');
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByText('Ada Example: permission was withdrawn.').waitFor();
  await expectNothingWrong([notSignedInYet]);
});

/** Begins the upload of a lesson over a slow line and waits until a part has been sent. Returns what makes the line fast. */
async function uploadSlowly(page: Page): Promise<() => Promise<void>> {
  const network = await page.context().newCDPSession(page);
  await network.send('Network.enable');
  const setUploadSpeed = async (uploadThroughput: number) => {
    const rest = { offline: false, latency: 5, downloadThroughput: 1e7 };
    await network.send('Network.emulateNetworkConditions', { ...rest, uploadThroughput });
  };
  await setUploadSpeed(40_000); // the whole file takes a minute and a half: longer than a busy machine needs for a click
  await page.getByLabel('Audio or video file').setInputFiles(short);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  const underWay = page.getByText(/\d+ % · .*\/s · .*left/);
  await underWay.first().waitFor();
  return () => setUploadSpeed(-1);
}

browserTest('an upload can be cancelled while it is under way, and nothing is kept', async () => {
  const { teacher } = school;
  const lesson = await createPermittedLesson(school);
  const page = await openWindow(`/#/lessons/${lesson.id}`);
  await signIn(page, teacher);
  await uploadSlowly(page);
  await page.getByRole('button', { name: 'Cancel the upload' }).click();
  await confirmWith(page, 'Cancel the upload');
  await page.getByText('The upload was cancelled; nothing was kept.').waitFor();
  expect(ok(await teacher.get(`/api/recordings?lessonId=${lesson.id}`)).items).toEqual([]);
  await expectNothingWrong([notSignedInYet]);
});

/** Sends a part of a file into the lesson, and is gone: the server has committed some of it. Returns the upload. */
async function breakOff(page: Page, lessonId: string): Promise<{ id: string; offset: number }> {
  const faster = await uploadSlowly(page);
  await page.goto('about:blank');
  let unfinished: { id: string; offset: number; bytes: number; state: string }[] = [];
  await eventually(async () => {
    unfinished = ok(await school.teacher.get('/api/uploads')).items;
    return unfinished.some(({ offset }) => offset > 0);
  }, 'a part of the upload to be committed');
  // Not before: a request that is being broken off would send all that is left at once.
  await faster();
  expect(unfinished).toMatchObject([{ state: 'receiving', lessonId }]);
  expect(unfinished[0]!.offset).toBeLessThan(unfinished[0]!.bytes);
  return unfinished[0]!;
}

browserTest('an upload that a reload broke off goes on when the same file is chosen again', async () => {
  const { teacher } = school;
  const lesson = await createPermittedLesson(school);
  const page = await openWindow(`/#/lessons/${lesson.id}`);
  await signIn(page, teacher);
  await breakOff(page, lesson.id);
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await page.goto(`/#/lessons/${lesson.id}`);
  await page.getByLabel('Audio or video file').setInputFiles(short);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.locator('#uploads').getByText('is encrypted and stored').waitFor();
  expect(sent.some((line) => line === `POST /api/lessons/${lesson.id}/uploads`)).toBe(false);
  expect(ok(await teacher.get(`/api/recordings?lessonId=${lesson.id}`)).items).toHaveLength(1);
  await expectNothingWrong([notSignedInYet]);
});

browserTest(
  'an unfinished upload is listed on another machine, refuses another file, and goes on with the same',
  async () => {
    const { teacher } = school;
    const lesson = await createPermittedLesson(school);
    const first = await openWindow(`/#/lessons/${lesson.id}`);
    await signIn(first, teacher);
    const { id } = await breakOff(first, lesson.id);
    const page = await openWindow('/'); // knows nothing of what the first one kept
    await signIn(page, teacher);
    const listed = page.locator('main li.upload');
    await listed.getByText(/\d+ % · .* · kept until/).waitFor();
    await listed.getByRole('link', { name: lesson.lesson.title }).waitFor();
    const choose = listed.getByLabel('Choose the same file to go on');
    await choose.setInputFiles({ name: 'zoom.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1_000) });
    await listed.getByText(/“zoom.mp4” is not the file that was begun: it has 1,000 bytes/).waitFor();
    const size = (await stat(short)).size;
    const other = join(folder, basename(short));
    await writeFile(other, Buffer.alloc(size)); // the same size and name, written later
    await choose.setInputFiles(other);
    await listed.getByText(/may have changed: the file that was begun was last modified on/).waitFor();
    const sent: string[] = [];
    page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await choose.setInputFiles(short);
    await page.locator('#uploads').getByText('is encrypted and stored').waitFor();
    expect(sent).toContain(`PATCH /api/uploads/${id}`);
    expect(sent.filter((line) => line.startsWith('POST '))).toEqual([]);
    await listed.waitFor({ state: 'detached' });
    const [recording] = ok(await teacher.get(`/api/recordings?lessonId=${lesson.id}`)).items;
    expect(ok(await teacher.get(`/api/recordings/${recording.id}`)).mediaSha256).toBe(
      createHash('sha256')
        .update(await readFile(short))
        .digest('hex'),
    );
    await expectNothingWrong([notSignedInYet]);
  },
);

browserTest('an unfinished upload can be given up', async () => {
  const { teacher } = school;
  const lesson = await createPermittedLesson(school);
  const page = await openWindow(`/#/lessons/${lesson.id}`);
  await signIn(page, teacher);
  await breakOff(page, lesson.id);
  await page.goto(`/#/lessons/${lesson.id}`);
  const listed = page.locator('main li.upload');
  await listed.getByRole('button', { name: 'Give up' }).click();
  await confirmWith(page, 'Keep it');
  expect(ok(await teacher.get('/api/uploads')).items).toHaveLength(1);
  await listed.getByRole('button', { name: 'Give up' }).click();
  await confirmWith(page, 'Give up');
  await listed.waitFor({ state: 'detached' });
  expect(ok(await teacher.get('/api/uploads')).items).toEqual([]);
  await expectNothingWrong([notSignedInYet]);
});

browserTest('an upload can be paused, and goes on', async () => {
  const { teacher } = school;
  const lesson = await createPermittedLesson(school);
  const page = await openWindow(`/#/lessons/${lesson.id}`);
  await signIn(page, teacher);
  const faster = await uploadSlowly(page);
  const panel = page.locator('#uploads');
  await panel.getByRole('button', { name: 'Pause' }).click();
  await panel.getByText(/^Paused: .* have arrived and are kept/).waitFor();
  const offset = async () => ok(await teacher.get('/api/uploads')).items[0].offset;
  await eventually(async () => (await offset()) > 0, 'what was on its way to be committed');
  const paused = await offset();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await offset()).toBe(paused);
  expect(await page.locator('main li.upload').count()).toBe(0); // it stands above
  await faster();
  await panel.getByRole('button', { name: 'Go on' }).click();
  await panel.getByText('is encrypted and stored').waitFor();
  expect(ok(await teacher.get(`/api/recordings?lessonId=${lesson.id}`)).items).toHaveLength(1);
  await expectNothingWrong([notSignedInYet]);
});

browserTest('a file that is not a recording is refused with the exact reason', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openWindow(`/#/lessons/${lesson.id}`);
  await signIn(page, school.teacher);
  await page.getByLabel('Audio or video file').setInputFiles({
    name: 'lesson.mp4',
    mimeType: 'video/mp4',
    buffer: Buffer.from('Dear all, the lesson is at nine.\n'),
  });
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.getByText('The upload was not accepted; nothing was kept.').waitFor();
  await page.locator('#uploads .reasons li').first().waitFor();
  await expectNothingWrong([notSignedInYet]);
});

browserTest('an invited auditor chooses a password, sets up the second factor and reads the log', async () => {
  const invitation = ok(
    await school.admin.post('/api/invitations', {
      email: 'yeni@school.example',
      name: 'Yeni Denetçi',
      roles: ['auditor'],
    }),
  );
  const page = await openWindow(`/#invitation=${invitation.token}`);
  await page.getByLabel('New password').fill(testPassword);
  await page.getByLabel('Password, once more').fill(testPassword);
  await page.getByRole('button', { name: 'Accept' }).click();
  await page.getByText('Welcome, Yeni Denetçi').waitFor();
  expect(page.url()).not.toContain('invitation');
  await page.getByLabel('E-mail').fill('yeni@school.example');
  await page.getByLabel('Password').fill(testPassword);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: 'Begin' }).click();
  const totpUri = await page.locator('#totp-uri').innerText();
  await page.getByLabel('I have kept the backup codes').check();
  await page.getByLabel('Authenticator code').fill(totpAt(totpUri, server.context.outside.clock()));
  await page.getByRole('button', { name: 'Finish' }).click();
  await page.locator('main').getByText('A second factor was set up').locator('visible=true').first().waitFor();
  await page.getByRole('button', { name: 'Check the log' }).click();
  await page.getByText('The log is intact').waitFor();
  await page.locator('summary', { hasText: 'Filter' }).click();
  await page
    .getByLabel('What happened', { exact: true })
    .selectOption({ label: 'A member of staff accepted the invitation' });
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await eventually(
    async () => !(await page.locator('.log').innerText()).includes('second factor'),
    'the log is filtered',
  );
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: /CSV/ }).click();
  expect((await download).suggestedFilename()).toBe('audit.csv');
  await expectNothingWrong([notSignedInYet]);
});

browserTest('an auditor asks who saw a recording, what happened to a child, and what stands out', async () => {
  const lesson = await createPermittedLesson(school);
  const { readFile } = await import('node:fs/promises');
  const { id } = ok(await school.teacher.upload(lesson.id, await readFile(short)));
  await until(school.reviewer, id, (recording) => recording.state === 'in_review');
  await watchToTheEnd(server, `/api/recordings/${id}/media`, school.reviewer.headers);
  const page = await openWindow('/#/log');
  await signIn(page, school.auditor);
  await page.goto(`${server.url}/#/log`);
  await page.locator('summary', { hasText: 'Filter' }).click();
  await page.getByLabel('Recording (identifier)', { exact: true }).fill(id);
  const filtered = page.waitForResponse((response) => response.url().includes(`recording=${id}`));
  await page.getByRole('button', { name: 'Filter', exact: true }).click();
  await filtered;
  await page.locator('.log li', { hasText: 'A part of the media was served' }).first().locator('summary').click();
  await page.getByRole('button', { name: 'Who saw this recording?' }).locator('visible=true').first().click();
  await page.getByRole('cell', { name: 'Rana Reviewer' }).waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Evidence pack' }).locator('visible=true').first().click();
  expect((await download).suggestedFilename()).toBe(`emanet-recording-${id}.zip`);
  await page.locator('summary', { hasText: 'Questions' }).click();
  await page.getByLabel('What happened to this child’s data?').fill('ada example');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByRole('cell', { name: 'Permission was granted' }).first().waitFor();
  await page.getByRole('link', { name: 'What stands out' }).first().click();
  await page.getByText('A recording was approved less than').waitFor();
  await expectNothingWrong([notSignedInYet, codeAskedFor]);
});

browserTest('the links of a release can be revoked, and the release ended', async () => {
  const { teacher, reviewer, admin } = school;
  const lesson = await createPermittedLesson(school);
  const { readFile } = await import('node:fs/promises');
  const { id } = ok(await teacher.upload(lesson.id, await readFile(short)));
  const inReview = await until(reviewer, id, (recording) => recording.state === 'in_review');
  for (const segment of inReview.segments)
    ok(await reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'checked' }));
  ok(await reviewer.post(`/api/recordings/${id}/clear`));
  ok(await admin.post(`/api/recordings/${id}/approve`));
  await until(admin, id, (recording) => recording.rendition?.state === 'ready', 90_000);
  const release = ok(await admin.post(`/api/recordings/${id}/releases`, { audience: 'class', endsAt: inDays(3) }));
  ok(await teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ege' }));

  const office = await openWindow(`/#/recordings/${id}`);
  await signIn(office, admin);
  await office.getByRole('button', { name: 'Revoke: Ege' }).click();
  await confirmWith(office, 'Revoke');
  await office.locator('.links', { hasText: 'revoked' }).waitFor();
  await office.getByRole('button', { name: 'End the release' }).click();
  await confirmWith(office, 'Cancel');
  expect(await textOf(office)).toContain('Released to: The class');
  await office.getByRole('button', { name: 'End the release' }).click();
  await confirmWith(office, 'End the release');
  await office.locator('main .badge', { hasText: 'Approved' }).waitFor();
  await expectNothingWrong([notSignedInYet, codeAskedFor]);
});

browserTest('the description of the API is readable', async () => {
  const page = await openWindow('/api/docs');
  await page.getByText('Upload a recording. The gate is asked before a byte of it is read').click();
  await page.locator('#uploadRecording').getByText('Roles: teacher (own lessons), administrator.').waitFor();
  await page.goto('/api/docs#schema-Gate');
  await page.locator('#schema-Gate[open]').waitFor();
  await expectNothingWrong();
});
