import { expect } from 'vitest';
import { browserTest } from '../support/browser.ts';
import {
  addLessonIn,
  classNamed,
  missingIn,
  noteForAll,
  openCourse,
  statesIn,
  takeInList,
} from '../support/courses.ts';
import { ok, type School } from '../support/school.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { school, openApp } = await openWebSchool({ WORKER: 'false' });
await takeInList(school.teacher, [
  ['1', 'Ada', 'Örnek', '7-A', 'Ayse Ornek'],
  ['2', 'Işıl', 'Söğüt', '7-A', 'Sevgi Sogut'],
  ['3', 'Can', 'Öz', '7-B', 'Nur Oz'],
  ['4', 'Ela', 'Taş', '7-C', 'Mine Tas'],
]);
const courseId = (await openCourse(school, { classIds: [await classNamed(school.teacher, '7-A')] })).id;
const lessonId = (await addLessonIn(school.teacher, courseId, 1)).id;
await noteForAll(school.teacher, lessonId);

const open = (person: School['teacher'], language: 'en' | 'tr', width: number, menu: string) =>
  openApp(person, { language, width, menu });
const courseNow = async () => ok(await school.teacher.get(`/api/courses/${courseId}`));

browserTest(
  'a course is changed: what no signer reads at once, the rest after whose answers are void was shown',
  async () => {
    const page = await open(school.teacher, 'tr', 390, 'Ders dizileri');
    await page.getByRole('link', { name: '7-A Physics' }).click();
    await page.getByText('verildi: 3').waitFor();
    await page.getByText('Ders dizisini değiştir').click();
    await page.getByLabel('Gözetmen').fill('Tuna Öğretmen');
    await page.getByRole('button', { name: 'Değişikliği kaydet' }).click();
    await page.getByText('Tuna Öğretmen', { exact: true }).waitFor();
    await page.getByText('verildi: 3').waitFor();

    await page.getByLabel('Kaydın nedeni').fill('Hasta öğrenciler izleyebilsin diye');
    await page.getByRole('button', { name: 'Değişikliği kaydet' }).click();
    await page.getByText('Bu değişiklikle geçmez olacak izin: 3').waitFor();
    await page.getByText('İmzalayanların okuduğu değişir: neden').waitFor();
    await page.getByText('Işıl Söğüt – Sevgi Sogut').waitFor();
    await lookAt(page, 'course-change-390-tr');
    expect((await courseNow()).reason).toBe('For pupils who were ill');
    // Typed on: what was shown is no longer what would be saved.
    await page.getByLabel('Kaydın nedeni').fill('Hasta öğrenciler sonra izleyebilsin diye');
    expect(await page.getByRole('button', { name: 'Yine de kaydet' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Değişikliği kaydet' }).click();
    await page.getByRole('button', { name: 'Yine de kaydet' }).click();
    await page.getByRole('definition').getByText('Hasta öğrenciler sonra izleyebilsin diye').waitFor();
    expect((await courseNow()).reason).toBe('Hasta öğrenciler sonra izleyebilsin diye');
    await page.getByText('verildi: 3').waitFor({ state: 'detached' });
    expect(Object.values(await statesIn(school.teacher, courseId))).toEqual(['incomplete', 'incomplete', 'incomplete']);
    await page.context().close();
  },
);

browserTest('a class, a known pupil and a guest come into a course, and somebody leaves it', async () => {
  const page = await open(school.teacher, 'en', 1280, 'Courses');
  await page.getByRole('link', { name: '7-A Physics' }).click();
  await page.getByText('Add people or classes').click();
  await page.getByLabel(/7-B \(/).check();
  await page.getByRole('button', { name: 'Add the classes' }).click();
  await page.getByText('Can Öz', { exact: true }).waitFor();
  await page.getByLabel('Somebody the school knows').fill('Ela');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add Ela Taş' }).click();
  await page.getByRole('button', { name: 'Ela Taş has left the course' }).waitFor();
  await page.getByLabel('A guest or a teacher').fill('Gezgin Konuk');
  await page.getByLabel('E-mail address (optional)').fill('gezgin@konuk.example');
  await lookAt(page, 'course-people-1280-en');
  await page.keyboard.press('Enter');
  await page.getByText('Gezgin Konuk', { exact: true }).first().waitFor();
  expect(Object.keys(await statesIn(school.teacher, courseId)).sort()).toEqual([
    'Ada Örnek',
    'Can Öz',
    'Ela Taş',
    'Gezgin Konuk',
    'Işıl Söğüt',
    'Test School',
  ]);
  await page.getByRole('button', { name: 'Ela Taş has left the course' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Has left' }).click();
  await page.getByText('Ela Taş', { exact: true }).waitFor({ state: 'detached' });
  expect(Object.keys(await statesIn(school.teacher, courseId))).not.toContain('Ela Taş');
  await page.context().close();
});

browserTest('a seat is marked as not recorded and asks for less; the announcement is stated', async () => {
  await noteForAll(school.teacher, lessonId, { purposes: ['take_part'], releaseTo: [] });
  const missing = await missingIn(school.teacher, lessonId);
  expect(missing.filter((one) => one.startsWith('Ada Örnek'))).not.toEqual([]);
  const page = await open(school.teacher, 'tr', 390, 'Dersler');
  await page.getByRole('link', { name: '7-A Physics' }).click();
  await page.getByText('Kaydedilmeyen yerler: 0').click();
  await page.getByRole('button', { name: 'Kaydetme: Ada Örnek' }).click();
  await page.getByText('Kaydedilmeyen yerler: 1').waitFor();
  await page.getByText('kaydedilmez', { exact: true }).waitFor();
  await lookAt(page, 'lesson-seats-390-tr');
  const now = await missingIn(school.teacher, lessonId);
  expect(now.filter((one) => one.startsWith('Ada Örnek'))).toEqual([]);
  expect(now).not.toEqual([]);
  await page.getByRole('button', { name: 'Kaydedilebilir: Ada Örnek' }).click();
  await page.getByText('Kaydedilmeyen yerler: 0').waitFor();
  expect(await missingIn(school.teacher, lessonId)).toEqual(missing);
  await page.getByText('Duyuruyu değiştir').click();
  await page.getByLabel('Nasıl duyuruluyor').fill('ilk slaytta');
  await page.getByRole('button', { name: 'Duyuruyu kaydet' }).click();
  await page.getByText(/: ilk slaytta$/).waitFor();
  await page.context().close();
});

browserTest('an administrator sets the rules and the texts of the school', async () => {
  const page = await open(school.admin, 'en', 1280, 'School');
  await page.getByText('Current rules: your own').waitFor();
  await page.getByLabel('Ready-made rules').selectOption('tr');
  await page.getByRole('button', { name: 'Use these' }).click();
  await page.getByText('Current rules: Turkey').waitFor();
  await page.getByLabel('Days to answer').fill('14');
  await page.getByLabel('record', { exact: true }).selectOption('4');
  await page.getByRole('button', { name: 'Save the rules' }).click();
  await page.getByText('Current rules: your own').waitFor();
  expect(ok(await school.admin.get('/api/school/permission-rules'))).toMatchObject({
    preset: 'own',
    answerDays: 14,
    leastAssurance: { record: 4, keep: 3, release: { families: 4 } },
  });
  await page.getByText('Consent, Turkish').first().click();
  await page.getByLabel('Consent, Turkish').fill('Yalnızca “evet” dediklerime izin veriyorum.');
  await page.getByRole('button', { name: 'Save as a new version' }).locator('visible=true').click();
  await page.getByText('The school’s own, version 2').waitFor();
  await lookAt(page, 'school-1280-en');
  await page.setViewportSize({ width: 390, height: 900 });
  await lookAt(page, 'school-390-en');
  const { items } = ok(await school.admin.get('/api/school/texts'));
  expect(
    items.find((one: { kind: string; language: string }) => one.kind === 'consent' && one.language === 'tr'),
  ).toMatchObject({
    version: 2,
    isOwn: true,
    text: 'Yalnızca “evet” dediklerime izin veriyorum.',
  });
});
