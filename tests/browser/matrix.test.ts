import { join } from 'node:path';
import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';
import { textsIn } from '../../src/language/catalogue.ts';
import { findBarriers } from '../support/axe.ts';
import { browserTest } from '../support/browser.ts';
import { focusFaults } from '../support/focus.ts';
import { fillSchool } from '../support/full-school.ts';
import {
  allViews,
  fewViews,
  type Place,
  places,
  placesOutside,
  routedPaths,
  type View,
  values,
} from '../support/matrix.ts';
import { settled } from '../support/staff-pages.ts';
import { openWebSchool } from '../support/web-school.ts';

const full = await openWebSchool();
const filled = await fillSchool(full.server, full.school);
const begun = await openWebSchool({ WORKER: 'false' });

/** `npm run shots` looks at everything. */
const shots = process.env.EMANET_SCREENSHOTS;
const viewsOf = (n: number) => (shots === undefined ? fewViews(n) : allViews);
/** Somebody reads one language at a time; of that, as many views at once as a page has states. Pictures taken at once run into one another. */
const atOnce = shots === undefined ? values.state.length : 1;
const words = {
  en: { tryAgain: 'Try again', requestId: 'Request id' },
  tr: { tryAgain: 'Yeniden dene', requestId: 'İstek numarası' },
};

const contextOf = ({ as }: Place, { language, state }: View) =>
  (state === 'empty' ? begun : full).contextOf(as, language);

const requestId = 'TEST-5f2c';
const answerBusy =
  ({ as }: Place, { language }: View) =>
  (route: Route) => {
    const isSession = new URL(route.request().url()).pathname === '/api/session';
    // Who is signed in is known: the page is there, and what it shows is not.
    if (isSession && as !== null) return route.fallback();
    const title = textsIn(language).problems.STORE_UNAVAILABLE;
    return route.fulfill({
      status: 503,
      contentType: 'application/problem+json',
      headers: { 'retry-after': '0' },
      body: JSON.stringify({ title, status: 503, code: 'STORE_UNAVAILABLE', reasons: [], requestId }),
    });
  };

/** The address of a page in a view. */
const addressOf = ({ route, at = () => route, bareAt }: Place, { state }: View): string =>
  (state === 'empty' && bareAt !== undefined ? bareAt : at)(filled);

/** Looks at one page once. Returns all that is wrong with it. */
async function lookedAt(place: Place, view: View): Promise<string[]> {
  const { language, colorScheme, width, state } = view;
  // What has nothing in it stands in the school that has all else.
  const context = await contextOf(
    place,
    place.bareAt !== undefined && state === 'empty' ? { ...view, state: 'full' } : view,
  );
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    // The browser itself reports refusals, which are what some views are about. Chromium knows no Bluetooth on Linux.
    if (!/status of (401|404|503)|Unrecognized feature: 'bluetooth'/.test(message.text()))
      faults.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => faults.push(String(error)));
  const isTooWide = async (atWidth: number) => {
    await page.setViewportSize({ width: atWidth, height: 900 });
    if (await page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth'))
      faults.push(`scrolls sideways at ${atWidth}`);
  };
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme });
  if (state === 'failed') await page.route('**/api/**', answerBusy(place, view));
  await page.goto(addressOf(place, view));
  await settled(page);
  const alerts = page.getByRole('alert').filter({ hasText: /\S/ });
  if (state === 'failed' && !place.asksNothing) await alerts.first().waitFor();
  faults.push(...(await findBarriers(page)));
  const name = `matrix-${place.route.replaceAll(/[/$]+/g, '-')}-${language}-${colorScheme}-${width}-${state}`;
  if (shots !== undefined) await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
  await isTooWide(width);
  // The least width, and 200 % zoom.
  await isTooWide(width === 390 ? 320 : width / 2);
  if (state === 'failed' && !place.asksNothing) {
    const again = page.getByRole('button', { name: words[language].tryAgain });
    if (!place.triesByItself) {
      const said = await alerts.first().innerText();
      for (const part of [textsIn(language).problems.STORE_UNAVAILABLE, `${words[language].requestId}: ${requestId}`])
        if (!said.includes(part)) faults.push(`does not say “${part}”`);
      if ((await again.count()) === 0) faults.push('does not offer to try again');
    }
    await page.unroute('**/api/**');
    await expect
      .poll(
        async () => {
          if (await again.first().isVisible()) await again.first().click();
          return alerts.count();
        },
        { timeout: 20_000, message: `${place.route} recovers` },
      )
      .toBe(0);
  }
  await page.close();
  return faults.map((fault) => `${name}: ${fault}`);
}

const plain: View = { language: 'tr', colorScheme: 'light', width: 1280, state: 'full' };
const fewRoutes = ['/', '/courses/$courseId', '/recordings/$recordingId/review', '/log', '/system', 'sign-in', 'watch'];
const fewPlaces = [...places, ...placesOutside].filter(({ route }) => fewRoutes.includes(route));

test('the table has every route of the router', () => {
  expect(places.map(({ route }) => route).toSorted()).toEqual(routedPaths().toSorted());
});

test('the selection of every run has each value for each page', () => {
  for (const n of places.keys())
    for (const [name, all] of Object.entries(values))
      expect(new Set<unknown>(fewViews(n).map((view) => view[name as keyof View]))).toEqual(new Set<unknown>(all));
});

for (const [n, place] of [...places, ...placesOutside].entries())
  browserTest(`${place.route} holds in every language, colour, width and state`, { timeout: 300_000 }, async () => {
    const faults: string[] = [];
    for (const language of values.language) {
      const views = viewsOf(n).filter((view) => view.language === language);
      while (views.length > 0)
        faults.push(...(await Promise.all(views.splice(0, atOnce).map((view) => lookedAt(place, view)))).flat());
    }
    expect(faults).toEqual([]);
  });

browserTest('with forced colours every control has an edge or an underline, and the focus is seen', async () => {
  const faults: string[] = [];
  for (const place of fewPlaces) {
    const context = await contextOf(place, plain);
    const page = await context.newPage();
    await page.emulateMedia({ forcedColors: 'active' });
    await page.goto(addressOf(place, plain));
    await settled(page);
    faults.push(...(await findBarriers(page)).map((fault) => `${place.route}: ${fault}`));
    const flat: string[] = await page.evaluate(`[...document.querySelectorAll('button, input, select, textarea')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().width > 1)
      .filter((one) => {
        const { borderBottomWidth, appearance, textDecorationLine } = getComputedStyle(one);
        return borderBottomWidth === '0px' && appearance === 'none' && textDecorationLine === 'none';
      })
      .map((one) => one.outerHTML.slice(0, 200))`);
    faults.push(...flat.map((one) => `${place.route} has no edge: ${one}`));
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press('Tab');
      faults.push(...(await focusFaults(page)).map((fault) => `${place.route}: ${fault}`));
    }
    await page.close();
  }
  expect(faults).toEqual([]);
});

browserTest('with reduced motion nothing moves', async () => {
  const moving: string[] = [];
  for (const place of fewPlaces) {
    const context = await contextOf(place, plain);
    const page = await context.newPage();
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(addressOf(place, plain));
    await settled(page);
    const found: string[] = await page.evaluate(`[...document.querySelectorAll('*')].filter((one) => {
      const { animationName, animationDuration, transitionDuration, scrollBehavior } = getComputedStyle(one);
      const lasts = (durations) => durations.split(',').some((duration) => parseFloat(duration) > 0.01);
      return (animationName !== 'none' && lasts(animationDuration)) || lasts(transitionDuration) || scrollBehavior === 'smooth';
    }).map((one) => one.outerHTML.slice(0, 200))`);
    moving.push(...found.map((one) => `${place.route}: ${one}`));
    await page.close();
  }
  expect(moving).toEqual([]);
});
