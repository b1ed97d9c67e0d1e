import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { openBeside } from '../support/another-school.ts';
import { signedInAuthority } from '../support/authority.ts';
import { browserTest } from '../support/browser.ts';
import { lookAt, settled } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const { server, school, openApp } = await openWebSchool({ WORKER: 'false' });
const authority = await signedInAuthority(server);

const words = {
  en: {
    schools: 'Schools',
    none: 'There is no other school yet.',
    make: 'Make a recovery key',
    save: 'Save the key file',
    taken: 'The file is saved, and the passphrase is on paper.',
    name: 'Name of the school',
    email: 'E-mail',
    fullName: 'Full name',
    open: 'Open a school',
    opened: 'The school is open:',
    close: 'Close',
    closed: /^closed on/,
    reopen: 'Open again',
    own: 'Use a public key of our own…',
    same: 'There is a school of this name already.',
    cannot: 'This server cannot write keys.',
  },
  tr: {
    schools: 'Okullar',
    none: 'Henüz başka okul yok.',
    make: 'Kurtarma anahtarı yap',
    save: 'Anahtar dosyasını kaydet',
    taken: 'Dosya kaydedildi, parola kâğıtta.',
    name: 'Okulun adı',
    email: 'E-posta',
    fullName: 'Ad ve soyad',
    open: 'Okul aç',
    opened: 'Okul açıldı:',
    close: 'Kapat',
    closed: /^kapalı/,
    reopen: 'Yeniden aç',
    own: 'Kendi açık anahtarımızı kullan…',
    same: 'Bu adda bir okul zaten var.',
    cannot: 'Bu sunucu anahtar yazamıyor.',
  },
} as const;

/** Goes on with the tabulator until this has the focus, as somebody without a mouse does, and presses a key. */
async function press(page: Page, role: 'button' | 'checkbox' | 'link', name: string, key = 'Enter') {
  // Of two links to one place, that of the page itself.
  const within = role === 'link' ? page.getByRole('main') : page;
  const wanted = within.getByRole(role, { name, exact: true });
  await wanted.waitFor();
  for (let tabs = 0; tabs < 60; tabs++) {
    if (await wanted.evaluate((element) => element === element.ownerDocument.activeElement)) {
      await page.keyboard.press(key);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${name} is not reached by the keyboard`);
}
async function type(page: Page, label: string, text: string) {
  const field = page.getByLabel(label, { exact: true });
  for (let tabs = 0; tabs < 60; tabs++) {
    if (await field.evaluate((element) => element === element.ownerDocument.activeElement)) {
      await page.keyboard.type(text);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${label} is not reached by the keyboard`);
}

browserTest.for([
  ['tr', 390, 'Yenişehir Fen ve Sosyal Bilimler Anadolu Lisesi'],
  ['en', 1280, 'Riverside Comprehensive School'],
] as const)(
  'an authority opens, closes and opens a school again by the keyboard: %s, %i',
  async ([language, width, name]) => {
    const said = words[language];
    const page = await openApp(authority, { language, width });
    await settled(page);
    await lookAt(page, `schools-home-${width}-${language}`);
    await press(page, 'link', said.schools);
    await page.getByRole('heading', { level: 1, name: said.schools }).waitFor();
    await settled(page);
    if (language === 'tr') await page.getByText(said.none).waitFor();
    await lookAt(page, `schools-begin-${width}-${language}`);

    await press(page, 'button', said.make);
    await page.getByRole('button', { name: said.save }).waitFor();
    await lookAt(page, `schools-key-${width}-${language}`);
    const passphrase = (await page.locator('code').first().textContent()) ?? '';
    expect(passphrase).toMatch(/^([a-z2-9]{5}-){5}[a-z2-9]{5}$/);
    const saving = page.waitForEvent('download');
    await press(page, 'button', said.save);
    const file = await readFile(await (await saving).path(), 'utf8');
    expect(file).toMatch(/^-----BEGIN PGP PRIVATE KEY BLOCK/);
    await press(page, 'checkbox', said.taken, 'Space');
    await type(page, said.name, name);
    await type(page, said.email, `head@${language}.example`);
    await type(page, said.fullName, 'Hâle Müdür');
    await press(page, 'button', said.open);
    await page.getByText(said.opened).waitFor();
    await page.getByRole('rowheader', { name }).waitFor();
    await lookAt(page, `schools-opened-${width}-${language}`);
    expect(await page.locator('code', { hasText: '#invitation=' }).count()).toBe(1);
    expect(await page.getByText(passphrase).count()).toBe(0);

    await press(page, 'button', `${said.close}: ${name}`);
    await page.getByRole('alertdialog').waitFor();
    await lookAt(page, `schools-ask-${width}-${language}`);
    await press(page, 'button', said.close);
    await page.getByText(said.closed).waitFor();
    await lookAt(page, `schools-closed-${width}-${language}`);
    await press(page, 'button', `${said.reopen}: ${name}`);
    await page.getByRole('button', { name: `${said.close}: ${name}` }).waitFor();

    // A key of the school's own, and a name that is taken.
    await page.getByLabel(said.own).setInputFiles({
      name: 'own.asc',
      mimeType: 'text/plain',
      buffer: Buffer.from(await readFile(join(server.home, 'keys/recovery.public.asc'))),
    });
    await page.getByLabel(said.name, { exact: true }).fill(name);
    await page.getByLabel(said.email, { exact: true }).fill('other@school.example');
    await page.getByLabel(said.fullName, { exact: true }).fill('Ada Other');
    await page.getByRole('button', { name: said.open, exact: true }).click();
    await page.getByText(said.same).waitFor();
    await lookAt(page, `schools-taken-${width}-${language}`);
    await page.context().close();
  },
);

browserTest('nobody else has the page, and a server that cannot write keys says whose work it is', async () => {
  const beside = await openBeside(server, 'Gezgin Okulu');
  const { database } = beside.context.outside;
  await database.read.school.updateMany({ data: { takenOutAt: new Date(), closedAt: new Date() } });
  const folder = join(server.home, 'schools');
  await rename(folder, `${folder}.away`);
  await writeFile(folder, '');
  try {
    for (const [language, width] of [
      ['tr', 390],
      ['en', 1280],
    ] as const) {
      const page = await openApp(authority, { language, width, at: '/schools' });
      await page.getByText(words[language].cannot).waitFor();
      await lookAt(page, `schools-operator-${width}-${language}`);
      await page.context().close();
    }
  } finally {
    await rm(folder);
    await rename(`${folder}.away`, folder);
  }
  const other = await openApp(school.admin, { language: 'en', width: 1280, at: '/schools' });
  await other.getByRole('heading', { level: 1 }).waitFor();
  expect(await other.getByRole('link', { name: 'Schools', exact: true }).count()).toBe(0);
  expect(await other.getByRole('table').count()).toBe(0);
  await other.context().close();
});
