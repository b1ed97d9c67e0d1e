import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { canonicalJson } from '../../src/audit/canonical-json.ts';
import { signCheckpoint } from '../../src/audit/checkpoint.ts';
import { toBase64 } from '../../src/audit/export-format.ts';
import { leafHash } from '../../src/audit/merkle.ts';
import { ownKey } from '../../src/pipeline/oversight/note-reading.ts';
import { browserTest } from '../support/browser.ts';
import { createPermittedLesson, type School } from '../support/school.ts';
import { createSealedRecording } from '../support/sealed-recording.ts';
import { lookAt } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, openApp } = await openWebSchool({ WORKER: 'false', ANOMALY_DENIALS: '3' });
const { outside } = server.context;
const lesson = await createPermittedLesson(school);
const recordingId = (await createSealedRecording(outside, lesson.id, school.teacher.id, { mediaBytes: 4_000 })).id;
for (let n = 0; n < 4; n++) await school.teacher.get('/api/audit');
await outside.database.transact({ actor: { kind: 'system', id: 'test' } }, async (tx) => {
  for (let attempts = 1; attempts <= 600; attempts++)
    await tx.log({ action: 'job.failed', outcome: 'failed', details: { task: 'test', attempts } });
});
await outside.database.transact(
  { actor: { kind: 'staff', id: school.reviewer.id, roles: ['reviewer'], scopes: null } },
  (tx) =>
    tx.log({
      action: 'media.served',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, lessonId: lesson.id, recordingId },
      details: { served: { bytes: [0, 3_999], aboutSeconds: [0, 75] } },
    }),
);

const open = (person: School['teacher'], language: 'en' | 'tr', width: number, menu: string) =>
  openApp(person, { language, width, menu });
const openLog = (language: 'en' | 'tr', width: number) =>
  open(school.auditor, language, width, language === 'en' ? 'Log' : 'Günlük');
/** The part of a page that opens under these words. */
const unfold = (page: Page, words: string) => page.locator('summary', { hasText: words }).first().click();
/** What the page says loudly when something does not stand up. */
const alarm = (page: Page) => page.getByRole('alert').filter({ hasText: 'does not stand up' });
const entriesOf = (page: Page) => page.getByRole('list', { name: 'Entries of the log' });

browserTest('an auditor reads the log on a telephone, in Turkish: every entry shown is verified', async () => {
  const page = await openLog('tr', 390);
  await page.getByText('Bu tarayıcıda doğrulandı').waitFor();
  await page.getByText('Bu tarayıcı bu günlüğü ilk kez görüyor').waitFor();
  await page.getByText('Denetçiler kayıtları izlemez').waitFor();
  const entries = page.getByRole('list', { name: 'Günlüğün kayıtları' });
  await entries.getByText('✓ doğrulandı').first().waitFor();
  expect(await page.getByText('DOĞRULANAMADI').count()).toBe(0);
  await lookAt(page, 'log-390-tr');
  // The pseudonym of the reviewer is told by name.
  await entries.locator('summary', { hasText: 'Rana Reviewer' }).first().click();
  await page.getByRole('button', { name: 'Yalnız bunu göster: Kayıt (kimlik numarası)' }).waitFor();
  await lookAt(page, 'log-entry-390-tr');
  await page.getByRole('button', { name: 'Yalnız bunu göster: Kimin (kimlik numarası) Rana Reviewer' }).click();
  const chip = page.getByRole('button', { name: 'Süzgeci kaldır: Kimin (kimlik numarası): Rana Reviewer' });
  await chip.waitFor();
  expect(new URL(page.url()).searchParams.get('actor')).toMatch(/^person-/);
  await unfold(page, 'Süz');
  await page.getByLabel('Bu süzgeci şu adla sakla').fill('Rana ne yaptı');
  await page.getByRole('button', { name: 'Kaydet', exact: true }).click();
  await page.getByRole('button', { name: 'Rana ne yaptı', exact: true }).waitFor();
  await lookAt(page, 'log-filter-390-tr');
  await chip.click();
  await chip.waitFor({ state: 'detached' });
  // What was saved is there again after the page was left.
  await page.reload();
  await page.getByText('Bu tarayıcının en son gördüğü günlüğün devamı').waitFor();
  await unfold(page, 'Süz');
  await page.getByRole('button', { name: 'Rana ne yaptı', exact: true }).click();
  await chip.waitFor();
});

browserTest('older entries come as one scrolls, and the filter form narrows them by keyboard', async () => {
  const page = await openLog('en', 1280);
  await page.getByText('Entries loaded: 100').waitFor();
  for (const loaded of [200, 300]) {
    await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)');
    await page.getByText(`Entries loaded: ${loaded}`).waitFor();
  }
  // However many are loaded, only those in sight are drawn.
  expect(await entriesOf(page).getByRole('listitem').count()).toBeLessThan(60);
  await page.getByText('Verified in this browser: 300 entries').waitFor();
  await page.evaluate('window.scrollTo(0, 0)');
  const summary = page.locator('summary', { hasText: 'Filter' }).first();
  await summary.focus();
  await page.keyboard.press('Enter');
  await page.getByLabel('What happened', { exact: true }).selectOption({ label: 'A job keeps failing' });
  await page.getByLabel('Outcome').selectOption('failed');
  await page.getByLabel('Words in the details').focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Remove the filter “Outcome: failed”/ }).waitFor();
  const { searchParams } = new URL(page.url());
  expect([searchParams.get('action'), searchParams.get('outcome')]).toEqual(['job.failed', 'failed']);
  await page.getByText('Verified in this browser: 100 entries').waitFor();
  await lookAt(page, 'log-filtered-1280-en');
});

browserTest('the two questions are answered, with evidence', async () => {
  const page = await openLog('en', 1280);
  await unfold(page, 'Questions');
  await page.getByLabel('Who saw this recording?').fill(recordingId);
  await page.getByRole('button', { name: 'Ask', exact: true }).click();
  const seen = page.getByRole('region', { name: 'Who saw this recording?' });
  await seen.getByRole('cell', { name: 'Rana Reviewer' }).waitFor();
  await seen.getByRole('cell', { name: '0:00–1:15' }).waitFor();
  await seen.getByText(/^Verified in this browser:/).waitFor();
  await page.getByLabel('What happened to this child’s data?').fill('Ada Example');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  const trail = page.getByRole('region', { name: 'What happened to this child’s data? Ada Example' });
  await trail
    .getByRole('cell', { name: /9-B Physics/ })
    .first()
    .waitFor();
  await trail.getByText(/^Verified in this browser:/).waitFor();
  await lookAt(page, 'log-questions-1280-en');
  const [pack] = await Promise.all([
    page.waitForEvent('download'),
    seen.getByRole('button', { name: `Evidence pack: ${recordingId}` }).click(),
  ]);
  expect(pack.suggestedFilename()).toBe(`emanet-recording-${recordingId}.zip`);
  await seen.getByText(/SHA-256: [0-9a-f]{64}/).waitFor();
  // The pack is verified without being sent anywhere.
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`));
  await unfold(page, 'Verify a file');
  const chosen = page.getByLabel('Choose a file');
  const octets = await readFile(await pack.path());
  await chosen.setInputFiles({ name: 'pack.zip', mimeType: 'application/zip', buffer: octets });
  await page.getByText('pack.zip: intact').waitFor();
  await page.getByText('Compared with the published key').waitFor();
  await lookAt(page, 'log-pack-1280-en');
  const at = octets.indexOf('%PDF');
  const damaged = Buffer.from(octets);
  damaged[octets.indexOf('stream', at) + 20] = damaged[octets.indexOf('stream', at) + 20]! ^ 1;
  await chosen.setInputFiles({ name: 'damaged.zip', mimeType: 'application/zip', buffer: damaged });
  await page.getByText('damaged.zip: tampered with').waitFor();
  expect(sent.filter((one) => !/^GET \/(assets|log\/tile|\.well-known)\//.test(one))).toEqual([]);
});

browserTest(
  'an export comes with its digest; dropped onto the page it is verified, and a changed one is not',
  async () => {
    const page = await openLog('en', 1280);
    await unfold(page, 'Export and check');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export (JSON lines, verifiable)' }).click(),
    ]);
    await page.getByText(/SHA-256: [0-9a-f]{64}/).waitFor();
    await page.getByRole('button', { name: 'Check the log' }).click();
    await page.getByText('The log is intact').waitFor();
    await unfold(page, 'Verify a file');
    const drop = (name: string, text: string) =>
      page.evaluate(`{
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([${JSON.stringify(text)}], ${JSON.stringify(name)}));
      const host = [...document.querySelectorAll('p')].find((one) => one.textContent.startsWith('Drop the file here'));
      host.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
    }`);
    const exported = await readFile(await download.path(), 'utf8');
    await drop('log.jsonl', exported);
    await page.getByText('log.jsonl: intact').waitFor();
    await lookAt(page, 'log-export-1280-en');
    await drop('changed.jsonl', exported.replace('\\"attempts\\":77', '\\"attempts\\":78'));
    await page.getByText('changed.jsonl: tampered with').waitFor();
    await page.getByText(/entry \d+: what it says was changed/).waitFor();
    await drop('photo.jsonl', 'no log at all');
    await page.getByText('photo.jsonl could not be verified').waitFor();
    await unfold(page, 'How the log is anchored');
    await page.getByText('None: nobody outside signs the log along.').waitFor();
    await page.getByText(ownKey(server.context.outside)).waitFor();
  },
);

interface Answer {
  entries: { seq: number; entry: { outcome: string }; leafHash: string }[];
  checkpoint: { note: string };
}

/** Shows the log with an answer that was changed on its way, and what the page says of it. */
async function withAnswer(change: (answer: Answer) => void, before = ''): Promise<Page> {
  const page = await open(school.auditor, 'en', 1280, 'What stands out');
  await page.getByText(/^Verified in this browser:/).waitFor();
  if (before !== '') await page.evaluate(before);
  await page.route(/\/api\/audit\?/, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as Answer;
    change(answer);
    await route.fulfill({ response, json: answer });
  });
  await page.getByRole('link', { name: 'Log', exact: true }).click();
  await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
  return page;
}
const rehash = (one: Answer['entries'][number]) => {
  one.leafHash = toBase64(leafHash(canonicalJson(one.entry)));
};
const seenAs = (size: number) => {
  const { outside } = server.context;
  const { logSigner } = outside;
  const note = signCheckpoint({ origin: logSigner.name, size, root: Buffer.alloc(32, 7) }, logSigner);
  return `localStorage.setItem('emanet-log-seen', ${JSON.stringify(JSON.stringify({ key: ownKey(outside), note }))})`;
};

browserTest('an entry that was changed on the way is named, loudly', async () => {
  let seq = 0;
  const page = await withAnswer(({ entries }) => {
    const one = entries[7]!;
    one.entry.outcome = 'refused';
    seq = one.seq;
  });
  await alarm(page).waitFor();
  await alarm(page).getByText(`Entry ${seq}: what it says was changed.`).waitFor();
  await page.getByText('NOT VERIFIED').first().waitFor();
  expect(await page.getByText('NOT VERIFIED').count()).toBe(1);
  expect(await page.getByText(/^Verified in this browser:/).count()).toBe(0);
  await lookAt(page, 'log-tampered-1280-en');
});

browserTest('an entry whose hash was adapted is not in the signed tree', async () => {
  let seq = 0;
  const page = await withAnswer(({ entries }) => {
    const one = entries[3]!;
    one.entry.outcome = 'refused';
    rehash(one);
    seq = one.seq;
  });
  await alarm(page).waitFor();
  await alarm(page).getByText(`Entry ${seq}: the log that was signed has no such entry there.`).waitFor();
});

browserTest('an entry that was left out is missed', async () => {
  let seq = 0;
  const page = await withAnswer(({ entries }) => {
    const [gone] = entries.splice(4, 1);
    seq = gone!.seq;
  });
  await alarm(page).waitFor();
  await alarm(page)
    .getByText(`Entry ${seq - 1} stands where ${seq} was expected`)
    .waitFor();
});

browserTest('a state that is not signed by the published key is refused', async () => {
  const page = await withAnswer((answer) => {
    answer.checkpoint.note = answer.checkpoint.note.replace(/^\d+$/m, (size) => String(Number(size) - 1));
  });
  await page.getByText('The state of the log is not signed by the published key.').waitFor();
  expect(await entriesOf(page).getByText('✓ verified').count()).toBe(0);
});

browserTest('a log that is not the one that this browser saw is noticed, until somebody starts afresh', async () => {
  const page = await withAnswer(() => {}, seenAs(5));
  await page.getByText('The first 5 entries are not those that this browser saw.').waitFor();
  await page.getByRole('button', { name: 'Start afresh from this state' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Start afresh from this state' }).click();
  await page.getByText('This browser sees this log for the first time').waitFor();
});

browserTest('a log that was set back is noticed', async () => {
  const page = await withAnswer(() => {}, seenAs(1_000_000));
  await page.getByText('This browser saw a log of 1000000 entries, and now there are fewer.').waitFor();
});

browserTest(
  'what stands out is shown to administrators and auditors, and leads an auditor to its entries',
  async () => {
    const asAdmin = await open(school.admin, 'tr', 390, 'Göze çarpanlar');
    await asAdmin.getByText('Bu tarayıcıda doğrulandı').waitFor();
    await asAdmin.getByRole('cell', { name: 'Tuna Teacher' }).first().waitFor();
    expect(await asAdmin.getByRole('link', { name: 'Kayıtlara bak' }).count()).toBe(0);
    await lookAt(asAdmin, 'anomalies-390-tr');
    const page = await open(school.auditor, 'en', 1280, 'What stands out');
    await page.getByRole('cell', { name: 'Tuna Teacher' }).first().waitFor();
    await lookAt(page, 'anomalies-1280-en');
    await page
      .getByRole('row', { name: /Tuna Teacher/ })
      .first()
      .getByRole('link')
      .click();
    await page.getByRole('heading', { level: 1, name: 'Log' }).waitFor();
    await page.getByRole('button', { name: /^Remove the filter “Who \(identifier\): Tuna Teacher”/ }).waitFor();
    await page.getByText(/^Verified in this browser:/).waitFor();
  },
);
