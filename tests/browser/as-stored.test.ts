import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Language } from '../../src/domain/language.ts';
import { browserTest } from '../support/browser.ts';
import { fillSchool } from '../support/full-school.ts';
import { masked } from '../support/masked.ts';
import { settled } from '../support/staff-pages.ts';
import { expectPicture, expectStored } from '../support/stored.ts';
import { openWebSchool, type StaffName } from '../support/web-school.ts';

// Who changes a page on purpose renews what is stored here: EMANET_RENEW=1, and looks at the difference in Git.
const { server, school, contextOf } = await openWebSchool();
const filled = await fillSchool(server, school);
const now = new Date();

interface Stored {
  readonly name: string;
  readonly as: StaffName | null;
  readonly at: string;
  /** Shown when the page is whole, beside its title. */
  readonly shows: string;
}
/** The player knows how long its recording is. */
const length = ':text("/ 0:10")';
const pages: readonly Stored[] = [
  { name: 'home-teacher', as: 'teacher', at: '/', shows: 'main li' },
  { name: 'home-reviewer', as: 'reviewer', at: '/', shows: 'main li' },
  { name: 'home-administrator', as: 'admin', at: '/', shows: 'main li' },
  { name: 'home-auditor', as: 'auditor', at: '/', shows: 'main section' },
  { name: 'course', as: 'teacher', at: `/courses/${filled.courseId}`, shows: 'main li' },
  { name: 'lesson', as: 'teacher', at: `/lessons/${filled.bareLessonId}`, shows: 'main section' },
  { name: 'upload', as: 'teacher', at: `/lessons/${filled.lessonId}`, shows: 'main input[type=file]' },
  { name: 'review', as: 'reviewer', at: `/recordings/${filled.inReviewId}/review`, shows: length },
  { name: 'release', as: 'admin', at: `/recordings/${filled.releasedId}`, shows: length },
  { name: 'log', as: 'auditor', at: '/log?action=recording.released', shows: 'main ol li' },
  { name: 'watch', as: null, at: `/watch#${filled.token}`, shows: length },
  { name: 'sign-in', as: null, at: '/', shows: 'form' },
];

/** Every video has its first picture, and so its shape. */
const hasPictures = '[...document.querySelectorAll("video")].every(({ readyState }) => readyState >= 2)';

async function opened({ as, at, shows }: Stored, language: Language, width: number): Promise<Page> {
  const page = await (await contextOf(as, language)).newPage();
  await page.clock.setFixedTime(now);
  await page.setViewportSize({ width, height: 900 });
  await page.goto(at);
  await settled(page);
  await page.locator(shows).first().waitFor();
  await expect.poll(() => page.evaluate(hasPictures)).toBe(true);
  return page;
}
const stored = (...names: string[]) => join(import.meta.dirname, ...names);

for (const one of pages)
  for (const language of ['tr', 'en'] as const)
    browserTest(`a screen reader is told of ${one.name} what is stored, ${language}`, async () => {
      const page = await opened(one, language, 1280);
      await expectStored(
        stored('aria', `${one.name}-${language}.yml`),
        masked(await page.locator('body').ariaSnapshot()),
      );
      await page.close();
    });

for (const [at, one] of pages.entries())
  for (const width of [390, 1280]) {
    const language = (at + (width === 390 ? 0 : 1)) % 2 === 0 ? 'tr' : 'en';
    const colorScheme = at % 3 === 0 ? 'dark' : 'light';
    browserTest(`${one.name} looks as stored, ${width} ${language} ${colorScheme}`, async () => {
      const page = await opened(one, language, width);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expectPicture(page, stored('pictures', `${one.name}-${width}-${language}-${colorScheme}.png`));
      await page.close();
    });
  }
