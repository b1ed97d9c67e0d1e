import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { pageMs } from '../../src/detection/picture-match.ts';
import { browserTest } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson, wholeLessonFile } from '../support/media.ts';
import { createPermittedLesson, inDays, ok, type School, until } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';
import { forgetWorks } from '../support/works.ts';

const { server, school, browser, wrong, openApp } = await openWebSchool();

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

const open = (person: School['teacher'], at: string, language: 'en' | 'tr' = 'en', width = 1280) =>
  openApp(person, { language, width, at });
const confirm = (page: Page, name: string) => page.getByRole('alertdialog').getByRole('button', { name }).click();
const timeOf = (page: Page) =>
  page
    .locator('video')
    .first()
    .evaluate((video) => (video as unknown as Video).currentTime);
/** A player that feeds the element gives it an address of the page's own. */
const sourceOf = (page: Page) =>
  page
    .locator('video')
    .first()
    .evaluate((video) => (video as unknown as Video).currentSrc);
const play = (page: Page) =>
  page
    .locator('video')
    .first()
    .evaluate((video) => (video as unknown as Video).play());

/** A finding as the search for known sound writes it. */
async function addMatch(recordingId: string): Promise<void> {
  const { database } = server.context.outside;
  const work = { title: 'Okul marşı', rightsHolder: 'Besteci', registeredById: 'test', durationMs: 60_000 };
  const { id: workId } = await database.read.work.create({ data: { ...work, kind: 'sound', sha256: 'march' } });
  const range = { recordingId, startMs: 20_000, endMs: 25_000 };
  const { id: segmentId } = await database.read.segment.create({ data: range });
  const evidence = { workStartMs: 3_000, workEndMs: 6_000, strength: 20 };
  const found = { ...range, segmentId, workId, title: work.title, key: 'm', confidence: 0.9, evidence };
  await database.read.finding.create({ data: { ...found, source: 'audio_match' } });
}

browserTest(
  'a recording goes from a teacher to a viewer through the pages, and a withdrawal stops it',
  async () => {
    const { teacher, reviewer, admin } = school;
    const lesson = await createPermittedLesson(school);

    const desk = await open(teacher, '/lessons');
    await desk.getByText('All permissions are there').first().waitFor();
    await lookAt(desk, 'lessons-1280-en');
    await desk.getByRole('link', { name: '9-B Physics' }).first().click();
    await desk.getByText('Everything is there: a recording of this lesson is accepted.').waitFor();
    await desk.getByLabel('Audio or video file').setInputFiles(wholeLessonFile);
    await desk.getByRole('button', { name: 'Upload', exact: true }).click();
    await desk
      .getByRole('region', { name: 'Uploads' })
      .getByText('is encrypted and stored')
      .waitFor({ timeout: 180_000 });
    await desk.getByRole('link', { name: 'Open the recording' }).click();
    await desk.getByRole('status').getByText('in review', { exact: true }).waitFor({ timeout: 180_000 });
    const recordingId = new URL(desk.url()).pathname.split('/').at(-1)!;
    await desk.getByText('Declare third-party material').click();
    await desk.getByLabel('What is it?').fill('A song');
    await desk.getByLabel('From').fill('0:10');
    await desk.getByLabel('Until').fill('0:12');
    await desk.getByRole('button', { name: 'Declare' }).click();
    await desk.getByText('0:10–0:12').waitFor();
    await lookAt(desk, 'recording-1280-en');

    await addMatch(recordingId);

    const review = await open(reviewer, `/recordings/${recordingId}/review`);
    const told = review.waitForResponse((answer) => answer.url().endsWith('/coverage') && answer.ok());
    const segment = review.locator('article');
    await review.getByRole('button', { name: /^0:10–0:12, A song/ }).click();
    await segment.getByText('A song').first().waitFor();
    await eventually(async () => (await timeOf(review)) > 10.1, 'the original plays from the segment’s second');
    await segment.getByText('Show picture and sound').click();
    for (const alt of ['A picture of the segment (0:10–0:12)', 'The sound of the segment'])
      await eventually(
        async () =>
          (await segment.getByAltText(alt).evaluate((image) => (image as { naturalWidth?: number }).naturalWidth)) ===
          640,
        alt,
      );
    await review.getByRole('button', { name: 'Show waveform and thumbnails' }).click();
    await review.getByRole('img', { name: 'Waveform' }).waitFor();
    await review.getByRole('img', { name: 'Thumbnails' }).waitFor();
    await lookAt(review, 'review-1280-en');
    await segment.getByLabel('Decision').selectOption({ label: 'Blur a part of the picture' });
    await segment.getByRole('button', { name: 'Draw on the picture' }).click();
    const over = (await review.locator('video').boundingBox())!;
    await review.mouse.move(over.x + over.width * 0.25, over.y + over.height * 0.25);
    await review.mouse.down();
    await review.mouse.move(over.x + over.width * 0.75, over.y + over.height * 0.5, { steps: 4 });
    await review.mouse.up();
    expect(Number(await segment.getByLabel('Height, %').inputValue())).toBeGreaterThan(15);
    await segment.getByLabel('From the left, %').fill('25');
    await segment.getByLabel('Width, %').fill('40');
    await segment.getByLabel('Height, %').fill('25');
    await segment.getByRole('button', { name: 'Save the decision' }).click();
    // The next that waits plays itself; this one is gone back to.
    await segment.getByText('Okul marşı').first().waitFor();
    await review.getByRole('button', { name: /^0:10–0:12, A song/ }).click();
    await segment.getByText('For 10 % of the picture').waitFor();
    await review.getByRole('button', { name: 'Play only what stays' }).click();
    const cover = review.locator('[data-cover="blur"]');
    await cover.waitFor();
    const covered = (await cover.boundingBox())!;
    expect(covered.width / over.width).toBeCloseTo(0.4, 1);
    await lookAt(review, 'review-preview-1280-en');
    await review.getByRole('button', { name: 'Play only what stays' }).click();
    expect(await cover.count()).toBe(0);
    // The place of a registered work is played from a copy of the reviewer's own, which is sent nowhere.
    await review.getByRole('button', { name: /^0:20–0:25, Okul marşı/ }).click();
    await segment.getByText('Compare with the registered work').click();
    await segment.getByText('Place in the work: Okul marşı, 0:03–0:06.').waitFor();
    const sent: string[] = [];
    review.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
    await segment.getByLabel('Open my copy').setInputFiles(wholeLessonFile);
    await segment.getByRole('button', { name: 'Play this place of the work: 0:03–0:06' }).click();
    const copy = segment.locator('video');
    await eventually(
      async () => (await copy.evaluate((video) => (video as unknown as Video).currentTime)) > 3,
      'the place of the work plays',
    );
    await lookAt(review, 'review-compare-1280-en');
    expect(sent.filter((url) => !url.endsWith('/coverage'))).toEqual([]);
    await segment
      .getByLabel('Open another file')
      .setInputFiles({ name: 'a.mp3', mimeType: 'audio/mpeg', buffer: Buffer.from('no') });
    await segment.getByText('The browser cannot play this file.').waitFor();
    await review.getByRole('button', { name: /^0:10–0:12, A song/ }).click();
    // By keyboard: mute, take it back, and do it again.
    await review.getByRole('button', { name: 'Keyboard shortcuts' }).focus();
    await review.keyboard.press('2');
    await review.getByRole('button', { name: /^0:10–0:12, A song: mute/ }).waitFor();
    await review.keyboard.press('z');
    await review.getByRole('button', { name: /^0:10–0:12, A song: blur/ }).waitFor();
    // A first decision is taken back too: it waits again.
    await review.keyboard.press('z');
    await review.getByRole('button', { name: /^0:10–0:12, A song: Waits/ }).waitFor();
    await review.keyboard.press('y');
    await review.getByRole('button', { name: /^0:10–0:12, A song: blur/ }).waitFor();
    await told;
    await review.reload();
    await review.getByRole('button', { name: 'Redo' }).click();
    await review.getByRole('button', { name: /^0:10–0:12, A song: mute/ }).waitFor();
    const waiting = review.getByText(/^Before you can finish: \d+ more\.$/);
    while (await waiting.isVisible()) {
      const before = await waiting.innerText();
      await review.getByRole('button', { name: 'Next open segment' }).click();
      await segment.getByLabel('Decision').selectOption({ label: 'May stay' });
      await segment.getByLabel('Ground').selectOption('own_work');
      await segment.getByRole('button', { name: 'Save the decision' }).click();
      await eventually(
        async () => !(await waiting.isVisible()) || (await waiting.innerText()) !== before,
        'the decision is shown',
      );
    }
    await review.getByRole('button', { name: 'Finish the review' }).click();
    await confirm(review, 'Finish the review');
    await review.getByText('This recording is not in review now.').waitFor();

    const office = await open(admin, `/recordings/${recordingId}`);
    await office.locator('video').waitFor({ timeout: 180_000 });
    await play(office);
    await eventually(async () => (await timeOf(office)) > 0.3, 'the rendition plays');
    expect(await sourceOf(office)).toMatch(/^blob:/);
    await office.getByText(/^Rana Reviewer: 0:\d\d of 1:5\d/).waitFor();
    await lookAt(office, 'approval-1280-en');
    await office.getByRole('button', { name: 'Approve', exact: true }).click();
    await confirm(office, 'Approve');
    await office.getByLabel('Audience').selectOption('school');
    await office.getByText('Ada Example: the permission does not cover this audience.').waitFor();
    await office.getByRole('button', { name: 'Release', exact: true }).click();
    await office.getByRole('alert').getByText('Ada Example: the permission does not cover this audience.').waitFor();
    await office.getByLabel('Audience').selectOption('class');
    await office.getByText('The permissions cover this audience.').waitFor();
    await office.getByRole('button', { name: 'Release', exact: true }).click();
    await office.getByLabel('Name of the viewer').fill('Ada');
    await office.getByRole('button', { name: 'Create a link' }).click();
    const link = await office.getByLabel('Link address').inputValue();
    await lookAt(office, 'released-1280-en');

    const context = await browser.newContext({
      baseURL: server.url,
      locale: 'tr-TR',
      viewport: { width: 390, height: 844 },
    });
    const viewer = await context.newPage();
    viewer.on('pageerror', (error) => wrong.push(String(error)));
    await viewer.goto(new URL(link).pathname + new URL(link).hash);
    await viewer.getByText('Kişisel bağlantı: başkasına vermeyin.').waitFor();
    await eventually(async () => (await sourceOf(viewer)).startsWith('blob:'), 'the player has its media');
    await play(viewer);
    await eventually(async () => (await timeOf(viewer)) > 0.5, 'the released recording plays');
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
    expect(seek.ms).toBeLessThan(10_000);
    await lookAt(viewer, 'watch-390-tr');
    // The place stays on the device.
    await viewer.reload();
    await viewer.getByText(/Bu cihazda kaldığınız yerden/).waitFor();
    await viewer.getByRole('button', { name: 'English' }).click();
    await viewer.getByText('Personal link: do not pass it on.').waitFor();

    ok(await teacher.post(`/api/permissions/${lesson.permissions.minor}/withdraw`));
    await viewer.getByText('This link is not valid any more').waitFor({ timeout: 20_000 });
    expect(await viewer.locator('video').count()).toBe(0);
    await viewer.reload();
    await viewer.getByText('This link is not valid any more').waitFor();
    await lookAt(viewer, 'watch-over-390-en');
    await office.getByRole('status').getByText('quarantined', { exact: true }).waitFor({ timeout: 20_000 });
    await office.getByText('Ada Example: permission was withdrawn.').waitFor();
    await Promise.all([desk, review, office, viewer].map((page) => page.context().close()));
  },
  600_000,
);

browserTest(
  'who rejects with the word “request” or “MUSIC” is quoted, and no sentence of ours takes its place',
  async () => {
    const { outside } = server.context;
    const lesson = await createPermittedLesson(school);
    const page = await open(school.reviewer, '/recordings', 'en', 390);
    for (const why of ['request', 'MUSIC', 'SEGMENT_REFUSED']) {
      const { id } = await createSealedRecording(outside, lesson.id, school.teacher.id);
      ok(await school.reviewer.post(`/api/recordings/${id}/reject`, { why }));
      await page.goto(`/recordings/${id}`);
      await page.getByText(`Why: “${why}”`, { exact: true }).waitFor();
    }
    await page.context().close();
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
  const page = await open(school.reviewer, `/recordings/${id}`);
  await page.getByText('It shows page 12 of Okul kitabı.').waitFor();
  await page.getByRole('button', { name: 'Türkçe' }).click();
  await page.getByText('Şu eserin 12. sayfası duruyor: Okul kitabı.').waitFor();
  await page.context().close();
  await forgetWorks(outside);
});

browserTest('the links of a release can be revoked, and the release ended', async () => {
  const { teacher, reviewer, admin } = school;
  const lesson = await createPermittedLesson(school);
  const { id } = ok(await teacher.upload(lesson.id, shortLesson()));
  const inReview = await until(reviewer, id, (recording) => recording.state === 'in_review');
  for (const segment of inReview.segments)
    ok(await reviewer.post(`/api/segments/${segment.id}/decisions`, { kind: 'permitted', ground: 'checked' }));
  ok(await reviewer.post(`/api/recordings/${id}/clear`));
  ok(await admin.post(`/api/recordings/${id}/approve`));
  await until(admin, id, (recording) => recording.rendition?.state === 'ready', 90_000);
  const release = ok(await admin.post(`/api/recordings/${id}/releases`, { audience: 'class', endsAt: inDays(3) }));
  ok(await teacher.post(`/api/releases/${release.id}/links`, { viewerName: 'Ege' }));
  const office = await open(admin, `/recordings/${id}`, 'en', 390);
  await office.getByRole('button', { name: 'Revoke: Ege' }).click();
  await confirm(office, 'Revoke');
  await office.getByText('revoked', { exact: true }).waitFor();
  await office.getByRole('button', { name: 'End the release' }).click();
  await confirm(office, 'Cancel');
  await office.getByText(/^Released to: /).waitFor();
  await office.getByRole('button', { name: 'End the release' }).click();
  await confirm(office, 'End the release');
  await office.getByRole('status').getByText('approved', { exact: true }).waitFor();
  await office.context().close();
});
