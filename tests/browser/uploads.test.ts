import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { zoomReport } from '../support/attendance-reports.ts';
import { browserTest } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { shortLesson } from '../support/media.ts';
import { createPermittedLesson, inDays, ok } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const folder = await mkdtemp(join(tmpdir(), 'emanet-uploads-'));
afterAll(() => rm(folder, { recursive: true, force: true }));
/** Ten seconds, but as large as a whole lesson: there has to be something to send. */
const short = join(await mkdtemp(join(folder, 'kept-')), 'short-lesson.mp4');
await writeFile(short, shortLesson(4_000_000));
const { school, openApp } = await openWebSchool();

const openLesson = (lessonId: string, language: 'en' | 'tr' = 'en', width = 1280) =>
  openApp(school.teacher, { language, width, at: `/lessons/${lessonId}` });
const panelOf = (page: Page) => page.getByRole('region', { name: 'Uploads' });
const recordingsOf = async (lessonId: string) =>
  ok(await school.teacher.get(`/api/recordings?lessonId=${lessonId}`)).items;
const confirm = (page: Page, name: string) => page.getByRole('alertdialog').getByRole('button', { name }).click();

/** Begins an upload over a slow line and waits until a part has been sent. Returns what makes the line fast. */
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
  await page
    .getByText(/\d+ % · .*\/s · .*left/)
    .first()
    .waitFor();
  return () => setUploadSpeed(-1);
}

/** Sends a part of a file into the lesson, and is gone: the server has committed some of it. */
async function breakOff(page: Page, lessonId: string): Promise<{ id: string; offset: number }> {
  const faster = await uploadSlowly(page);
  // Whoever leaves is asked whether they mean it.
  page.on('dialog', (dialog) => dialog.accept());
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

browserTest('a teacher reads every missing reason, chooses the file, and it goes up when the gate opens', async () => {
  const lesson = await createPermittedLesson(school);
  const guest = { name: 'Gezgin Konuk', kind: 'guest', isMinor: false, contact: 'gezgin@konuk.example' };
  ok(await school.teacher.post(`/api/lessons/${lesson.id}/participants`, guest));
  const page = await openLesson(lesson.id, 'tr', 390);
  await page
    .getByText(/^Gezgin Konuk: /)
    .first()
    .waitFor();
  await page.getByRole('link', { name: 'İzinleri tamamla' }).waitFor();
  await lookAt(page, 'lesson-closed-390-tr');
  await page.getByLabel('Ses ya da görüntü dosyası').setInputFiles(short);
  await page.getByRole('button', { name: 'Yükle', exact: true }).click();
  await page.getByText('İzinler tamamlanınca başlayacak.').waitFor();
  await lookAt(page, 'upload-waits-390-tr');
  expect(await recordingsOf(lesson.id)).toEqual([]);
  // The guest had said yes, on paper.
  await page.getByText('Yanıtlar ve belgeler').click();
  await page.getByRole('button', { name: 'Yanıtı kaydet' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Kim için').selectOption({ label: 'Gezgin Konuk' });
  await dialog.getByLabel('evet').check();
  await dialog.getByLabel('Yanıtlayanın adı soyadı').fill('Gezgin Konuk');
  await dialog.getByLabel('İmza tarihi ve saati').fill(inDays(-3).slice(0, 16));
  await lookAt(page, 'note-answer-390-tr');
  await dialog.getByRole('button', { name: 'Yanıtı kaydet' }).click();
  await page.getByText('İzinler tamam: bu dersin kaydı kabul edilir.').waitFor();
  await page.getByText('şifrelendi ve saklandı').waitFor({ timeout: 60_000 });
  expect(await recordingsOf(lesson.id)).toHaveLength(1);
  await page.context().close();
});

browserTest('captions go along with a recording, and what is wrong with one is told without harm to it', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openLesson(lesson.id);
  const vtt = (name: string, text: string) => ({ name, mimeType: 'text/vtt', buffer: Buffer.from(text) });
  const good = vtt('short.tr.vtt', 'WEBVTT\n\n00:01.000 --> 00:02.000\nMerhaba çocuklar\n');
  const choose = page.getByLabel('Audio or video file');
  await choose.setInputFiles(good);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await page.getByText('Nobody can say which recording these captions belong to: short.tr.vtt.').waitFor();
  const media = { name: 'short.mp4', mimeType: 'video/mp4', buffer: await readFile(short) };
  const report = zoomReport(lesson.lesson.plannedStart, [['Ada Example', 0, 40]]);
  const attended = { name: 'participants.csv', mimeType: 'text/csv', buffer: Buffer.from(report) };
  await choose.setInputFiles([media, attended, good, vtt('broken.vtt', 'WEBVTT\n\n00:02.000 --> 00:01.000\nHello\n')]);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  const panel = panelOf(page);
  await panel.getByText('These captions were not added: broken.vtt.').waitFor({ timeout: 60_000 });
  await panel.getByText('is encrypted and stored').waitFor({ timeout: 60_000 });
  await panel.getByText('1 row was taken.').waitFor();
  await lookAt(page, 'upload-captions-1280-en');
  const [recording] = await recordingsOf(lesson.id);
  const { items } = ok(await school.teacher.get(`/api/recordings/${recording.id}/captions`));
  expect(items).toMatchObject([{ language: 'tr', version: 1 }]);
  const { reports } = ok(await school.teacher.get(`/api/lessons/${lesson.id}/attendance`));
  expect(reports).toMatchObject([{ tool: 'zoom', rows: 1 }]);
  await page.context().close();
});

browserTest('an upload can be cancelled while it is under way, and nothing is kept', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openLesson(lesson.id);
  await uploadSlowly(page);
  await page.getByRole('button', { name: 'Cancel the upload' }).click();
  await confirm(page, 'Cancel the upload');
  await panelOf(page).waitFor({ state: 'detached' });
  expect(await recordingsOf(lesson.id)).toEqual([]);
  expect(ok(await school.teacher.get('/api/uploads')).items).toEqual([]);
  await page.context().close();
});

browserTest('an upload that a reload broke off goes on when the same file is chosen again', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openLesson(lesson.id);
  await breakOff(page, lesson.id);
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await page.goto(`/lessons/${lesson.id}`);
  await page.getByLabel('Audio or video file').setInputFiles(short);
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  await panelOf(page).getByText('is encrypted and stored').waitFor();
  expect(sent.some((line) => line === `POST /api/lessons/${lesson.id}/uploads`)).toBe(false);
  expect(await recordingsOf(lesson.id)).toHaveLength(1);
  await page.context().close();
});

browserTest('an unfinished upload is listed elsewhere, refuses another file, and goes on with the same', async () => {
  const lesson = await createPermittedLesson(school);
  const first = await openLesson(lesson.id);
  const { id } = await breakOff(first, lesson.id);
  const page = await openApp(school.teacher, {
    language: 'en',
    width: 390,
    at: '/lessons',
  });
  const listed = page.locator('section', { has: page.getByRole('heading', { name: 'Unfinished uploads' }) });
  await listed.getByText(/\d+ % · .* · kept until/).waitFor();
  await listed.getByRole('link', { name: lesson.lesson.title }).waitFor();
  await lookAt(page, 'unfinished-390-en');
  const choose = listed.getByLabel('Choose the same file to go on');
  await choose.setInputFiles({ name: 'zoom.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1_000) });
  await listed.getByText(/“zoom.mp4” is not the file that was begun: it has 1,000 bytes/).waitFor();
  const other = join(folder, basename(short));
  await writeFile(other, Buffer.alloc((await stat(short)).size)); // the same size and name, written later
  await choose.setInputFiles(other);
  await listed.getByText(/may have changed: the file that was begun was last modified on/).waitFor();
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await choose.setInputFiles(short);
  await panelOf(page).getByText('is encrypted and stored').waitFor();
  expect(sent).toContain(`PATCH /api/uploads/${id}`);
  expect(sent.filter((line) => line.startsWith('POST '))).toEqual([]);
  const [recording] = await recordingsOf(lesson.id);
  expect(ok(await school.teacher.get(`/api/recordings/${recording.id}`)).mediaSha256).toBe(
    createHash('sha256')
      .update(await readFile(short))
      .digest('hex'),
  );
  await first.context().close();
  await page.context().close();
});

browserTest('an unfinished upload can be given up', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openLesson(lesson.id);
  await breakOff(page, lesson.id);
  await page.goto(`/lessons/${lesson.id}`);
  const giveUp = page.getByRole('button', { name: 'Give up' });
  await giveUp.click();
  await confirm(page, 'Cancel');
  expect(ok(await school.teacher.get('/api/uploads')).items).toHaveLength(1);
  await giveUp.click();
  await confirm(page, 'Give up');
  await giveUp.waitFor({ state: 'detached' });
  expect(ok(await school.teacher.get('/api/uploads')).items).toEqual([]);
  await page.context().close();
});

browserTest('an upload can be paused, goes on, and takes declarations while it is under way', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openLesson(lesson.id);
  const faster = await uploadSlowly(page);
  const panel = panelOf(page);
  await panel.getByRole('button', { name: 'Pause' }).click();
  await panel.getByText(/^Paused: .* have arrived and are kept/).waitFor();
  const offset = async () => ok(await school.teacher.get('/api/uploads')).items[0].offset;
  await eventually(async () => (await offset()) > 0, 'what was on its way to be committed');
  const paused = await offset();
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(await offset()).toBe(paused);
  await panel.getByText('Is there third-party material in it?').click();
  await panel.getByLabel('What is it?').fill('A song at the start');
  await panel.getByLabel('From').fill('0:01');
  await panel.getByLabel('Until').fill('0:03');
  await panel.getByRole('button', { name: 'Declare' }).click();
  await panel.getByText('To be added: A song at the start').waitFor();
  await lookAt(page, 'upload-paused-1280-en');
  await faster();
  await panel.getByRole('button', { name: 'Go on' }).click();
  await panel.getByText('is encrypted and stored').waitFor();
  const [recording] = await recordingsOf(lesson.id);
  await eventually(async () => {
    const { segments } = ok(await school.teacher.get(`/api/recordings/${recording.id}`));
    return segments.some(({ title }: { title: string }) => title === 'A song at the start');
  }, 'what was declared to be there');
  await page.context().close();
});

browserTest('a file that is not a recording is refused with the exact reason', async () => {
  const lesson = await createPermittedLesson(school);
  const page = await openLesson(lesson.id);
  await page.getByLabel('Audio or video file').setInputFiles({
    name: 'lesson.mp4',
    mimeType: 'video/mp4',
    buffer: Buffer.from('Dear all, the lesson is at nine.\n'),
  });
  await page.getByRole('button', { name: 'Upload', exact: true }).click();
  const panel = panelOf(page);
  await panel.getByText('The upload was not accepted; nothing was kept.').waitFor();
  await panel.getByRole('alert').getByRole('listitem').first().waitFor();
  await page.context().close();
});
