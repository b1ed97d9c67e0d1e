import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { afterAll, expect } from 'vitest';
import { findBarriers } from '../support/axe.ts';
import { browserTest } from '../support/browser.ts';
import { startMailServer } from '../support/mail-server.ts';
import { inDays, ok } from '../support/school.ts';
import { askedLink, linkIn, openCourse, takeInClass } from '../support/signing.ts';
import { openWebSchool } from '../support/web-school.ts';

const mailServer = await startMailServer();
afterAll(() => mailServer.stop());
const { server, school, browser } = await openWebSchool({
  SMTP_URL: mailServer.url,
  MAIL_FROM: 'okul@okul.example',
});
ok(await school.admin.put('/api/school/permission-rules', { preset: 'tr' }));

/** Folder for pictures that a person looks at; none are taken without it. */
const shots = process.env.SHOTS;

interface Look {
  readonly name: string;
  readonly language: 'tr' | 'en';
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  readonly hasScript: boolean;
}
const looks: readonly Look[] = [
  { name: 'phone-tr', language: 'tr', width: 360, colorScheme: 'light', hasScript: true },
  { name: 'phone-en-dark', language: 'en', width: 390, colorScheme: 'dark', hasScript: true },
  { name: 'wide-tr-dark', language: 'tr', width: 1280, colorScheme: 'dark', hasScript: true },
  { name: 'wide-en', language: 'en', width: 1280, colorScheme: 'light', hasScript: true },
  { name: 'plain-tr', language: 'tr', width: 390, colorScheme: 'light', hasScript: false },
];

const words = {
  tr: {
    noted: 'Bilgilendirmeyi okudum.',
    next: 'Devam',
    sign: 'İmzala ve gönder',
    done: 'Teşekkürler',
    no: 'Hayır yanıtınız kaydedildi',
    withdraw: 'İznimi geri çek',
    yes: 'Evet, geri çekiyorum',
    over: 'Geri çekildi',
  },
  en: {
    noted: 'I have read the information.',
    next: 'Continue',
    sign: 'Sign and send',
    done: 'Thank you',
    no: 'Your no is recorded',
    withdraw: 'Take my permission back',
    yes: 'Yes, take it back',
    over: 'It is taken back',
  },
} as const;

browserTest.each(looks)('a guardian answers and takes it back: $name', async (look) => {
  const email = `veli.${look.name}@aile.example`;
  const classId = await takeInClass(school, `8/${look.name}`, [
    { pupil: `İlayda ${look.name}`, guardians: [['Gülşah Çağlayan', email, '0532 000 12 34']] },
  ]);
  const course = await openCourse(school, classId);
  ok(
    await school.teacher.post(`/api/courses/${course.id}/lessons`, {
      plannedStart: inDays(1),
      plannedEnd: inDays(1.05),
    }),
  );
  const link = await askedLink(school, mailServer, course.id, email);
  const context = await browser.newContext({
    viewport: { width: look.width, height: 800 },
    locale: look.language === 'tr' ? 'tr-TR' : 'en-GB',
    colorScheme: look.colorScheme,
    javaScriptEnabled: look.hasScript,
  });
  const page = await context.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => {
    // A form with something open is answered with 422: the browser says so.
    if (message.type() === 'error' && !message.text().includes('422')) wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  const t = words[look.language];
  const seen = (name: string) => check(page, look, name);
  try {
    await page.goto(server.url + link);
    await seen('1-home');
    await page.locator('.cards a').first().click();
    await seen('2-read');
    await page.getByRole('button', { name: t.next }).click();
    await seen('3-problem');
    if (look.hasScript) expect(await page.evaluate('document.activeElement?.id')).toBe('problems');
    await page.getByLabel(t.noted).check();
    await page.keyboard.press('Enter');
    await page.locator('fieldset').first().waitFor();
    for (const at of [0, 1]) await page.locator(`input[name=q${at}][value=yes]`).check();
    await seen('4-record');
    await page.getByRole('button', { name: t.next }).click();
    await page.locator('input[name=q2][value=yes]').check();
    await page.locator('input[name=q3][value=no]').check();
    await seen('5-audiences');
    await page.getByRole('button', { name: t.next }).click();
    await page.locator('#responsible').check();
    await page.locator('#digits').fill('1234');
    if (look.hasScript) await draw(page);
    await page.locator('#typedName').fill('Gülşah Çağlayan');
    await seen('6-check');
    // Enter signs, and changes nothing else.
    await page.locator('#typedName').press('Enter');
    await page.getByRole('heading', { level: 1, name: t.done }).waitFor();
    await seen('7-done');
    const pdf = await page.request.get(
      new URL((await page.locator('a[href$=".pdf"]').getAttribute('href')) ?? '', page.url()).href,
    );
    expect(pdf.headers()['content-type']).toContain('application/pdf');
    await page.goto(server.url + link);
    await seen('8-answered');
    await page.locator('a[href*="/answers/"]').first().click();
    await seen('9-answer');
    await page.getByRole('link', { name: t.withdraw }).click();
    await seen('10-withdraw');
    await page.getByRole('button', { name: t.yes }).click();
    await page.getByRole('heading', { level: 1, name: t.over }).waitFor();
    await seen('11-withdrawn');
    const act = await server.context.outside.database.read.evidence.findFirstOrThrow({
      where: { event: 'answered', permission: { courseId: course.id } },
      include: { permission: true },
    });
    expect(act.permission.assurance).toBe(3);
    expect(wrong).toEqual([]);
  } finally {
    await context.close();
  }
});

browserTest.each(looks.filter(({ name }) => ['phone-tr', 'wide-en', 'plain-tr'].includes(name)))(
  'a pupil, a place and two who disagree answer: $name',
  async (look) => {
    const own = (who: string) => `${who}.${look.name}@aile.example`;
    const pupil = `Kuzey ${look.name}`;
    const classId = await takeInClass(school, `9/${look.name}`, [
      {
        pupil,
        guardians: [
          ['Yağmur Işık', own('yagmur'), '0532 000 12 34'],
          ['Şükrü Işık', own('sukru'), '0532 000 12 35'],
        ],
      },
    ]);
    ok(await school.admin.patch('/api/school', { requirePupilSignature: true }));
    const { items } = ok(await school.admin.get(`/api/persons?search=${encodeURIComponent(pupil)}`));
    ok(await school.admin.patch(`/api/persons/${items[0].id}`, { addContact: own('kuzey') }));
    ok(await school.admin.patch(`/api/persons/${items[0].id}`, { addContact: '0532 000 12 36' }));
    const site = { name: 'Bilim Müzesi', kind: 'other', contact: `Oya Çınar <${own('muze')}>, 0312 000 12 37` };
    const course = await openCourse(school, classId, {
      sites: [site],
      title: 'Gökbilim',
      purposes: ['take_part', 'record', 'keep'],
    });
    ok(await school.teacher.post(`/api/courses/${course.id}/requests`));
    const context = await browser.newContext({
      viewport: { width: look.width, height: 800 },
      locale: look.language === 'tr' ? 'tr-TR' : 'en-GB',
      colorScheme: look.colorScheme,
      javaScriptEnabled: look.hasScript,
    });
    const page = await context.newPage();
    const t = words[look.language];
    const next = () => page.getByRole('button', { name: t.next }).click();
    /** Answers the first request of a mail with the same to every question. */
    const answer = async (who: string, name: string, isYes: boolean, digits = '') => {
      await page.goto(server.url + linkIn((await mailServer.next(own(who))).text));
      await check(page, look, `${who}-1-home`);
      await page.locator('.cards a').first().click();
      await check(page, look, `${who}-2-read`);
      if (!isYes) await page.locator('button[name=to][value=no]').click();
      else {
        await page.getByLabel(t.noted).check();
        await next();
        for (const each of await page.locator('input[type=radio][value=yes]').all()) await each.check();
        await check(page, look, `${who}-3-questions`);
        await next();
      }
      await check(page, look, `${who}-4-check`);
      if (isYes) {
        if (await page.locator('#responsible').count()) await page.locator('#responsible').check();
        await page.locator('#digits').fill(digits);
        await page.locator('#typedName').fill(name);
      }
      await page.locator('button[name=to][value=sign]:not(.default)').click();
      await page.getByRole('heading', { level: 1, name: isYes ? t.done : t.no }).waitFor();
      await check(page, look, `${who}-5-done`);
    };
    try {
      await answer('muze', 'Oya Çınar', true, '1237');
      await answer('kuzey', pupil, true, '1236');
      await answer('yagmur', 'Yağmur Işık', true, '1234');
      // The other is told, and says no on the same page.
      await answer('sukru', 'Şükrü Işık', false);
      const { rows } = ok(await school.teacher.get(`/api/courses/${course.id}/people`));
      expect(rows.map(({ state }: { state: string }) => state).sort()).toEqual(['conflict', 'given']);
      await page.goto(
        server.url + linkIn((await mailServer.next(own('yagmur'), /Başka|another|Somebody else|başkası/)).text),
      );
      await check(page, look, 'yagmur-6-told');
    } finally {
      await context.close();
    }
  },
);

browserTest('what a page weighs: 90 kB at most, compressed', async () => {
  const address = `/s/${'x'.repeat(22)}`;
  const text = await (await fetch(server.url + address)).text();
  const parts = [address, ...[...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!)];
  expect(parts.length).toBeGreaterThan(2);
  const octets = await Promise.all(
    parts.map(async (path) => Buffer.from(await (await fetch(server.url + path)).arrayBuffer())),
  );
  expect(octets.reduce((sum, one) => sum + gzipSync(one, { level: 9 }).length, 0)).toBeLessThan(30_000);
});

async function check(page: Page, look: Look, name: string): Promise<void> {
  if (shots) {
    mkdirSync(shots, { recursive: true });
    await page.screenshot({ path: join(shots, `${look.name}-${name}.png`), fullPage: true });
  }
  expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), name).toBe(true);
  // The checker is a script too.
  if (look.hasScript) expect([name, await findBarriers(page)]).toEqual([name, []]);
  expect(await page.getAttribute('html', 'lang')).toBe(look.language);
}

async function draw(page: Page): Promise<void> {
  const box = await page.locator('[data-drawing] svg').boundingBox();
  if (!box) throw new Error('there is nothing to draw on');
  await page.mouse.move(box.x + 20, box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 1; i < 12; i++) await page.mouse.move(box.x + 20 + i * 15, box.y + box.height / 2 + (i % 2 ? 15 : -15));
  await page.mouse.up();
  expect(await page.locator('input[name=strokes]').inputValue()).toMatch(/^\[\[[\d.,]+\]\]$/);
}
