import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { test } from 'vitest';

const executablePath = '/usr/bin/chromium';

export const hasBrowser = existsSync(executablePath);
if (!hasBrowser) console.warn(`browser tests are skipped: there is no ${executablePath} (apt-get install chromium)`);

/** A test that is skipped if there is no Chromium. */
export const browserTest = test.skipIf(!hasBrowser);

/** Chromium without a window, and without requests of its own. A video may play before the first key press. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    // Fonts of its own, so that pages are as wide everywhere.
    env: { ...process.env, FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf') },
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}
