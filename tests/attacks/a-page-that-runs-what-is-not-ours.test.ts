import { afterAll, beforeAll, expect, test } from 'vitest';
import { browserTest, launchBrowser } from '../support/browser.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
});
afterAll(() => server?.stop());

const pages = ['/', '/watch', '/api/docs'];
const everything = [...pages, `/s/${'x'.repeat(22)}`, '/api/session', '/no-such-page'];

test.each(everything)('%s is framed by nobody, runs nothing of others and reaches no camera', async (path) => {
  const { headers } = await fetch(server.url + path);
  const policy = new Map(
    headers
      .get('content-security-policy')!
      .split(';')
      .map((directive) => {
        const [name, ...values] = directive.trim().split(' ');
        return [name, values.join(' ')] as const;
      }),
  );
  expect(Object.fromEntries(policy)).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' data:",
    'media-src': "'self' blob:",
    'connect-src': "'self'",
    'base-uri': "'none'",
    'object-src': "'none'",
    'frame-ancestors': "'none'",
    'form-action': "'self'",
    'require-trusted-types-for': "'script'",
    'trusted-types': "'none'",
  });
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.get('permissions-policy')).toContain('camera=(), ');
  expect(headers.get('permissions-policy')).toContain('microphone=(), ');
});

browserTest(
  'in a real browser text becomes no markup and no script, and the page says nothing is wrong (skipped without Chromium)',
  async () => {
    const browser = await launchBrowser();
    try {
      for (const path of pages) {
        const page = await browser.newPage();
        const wrong: string[] = [];
        page.on('console', (message) => {
          if (/Content.Security.Policy|TrustedHTML|Trusted/i.test(message.text())) wrong.push(message.text());
        });
        page.on('pageerror', (error) => wrong.push(String(error)));
        await page.goto(server.url + path);
        await page.waitForLoadState('networkidle');
        expect(wrong).toEqual([]);
        const tried = await page.evaluate(() => {
          const attempt = (work: () => void) => {
            try {
              work();
              return 'done';
            } catch (error) {
              return (error as Error).name;
            }
          };
          const { document, trustedTypes } = globalThis as unknown as {
            document: { body: { innerHTML: string }; createElement(name: string): { src: string } };
            trustedTypes: { createPolicy(name: string, rules: object): void };
          };
          return [
            attempt(() => {
              document.body.innerHTML = '<img src=x onerror="globalThis.pwned=1">';
            }),
            attempt(() => {
              document.createElement('script').src = '/assets/plain.js';
            }),
            attempt(() => trustedTypes.createPolicy('another', {})),
            attempt(() => trustedTypes.createPolicy('emanet', {})),
          ];
        });
        expect(tried).toEqual(['TypeError', 'TypeError', 'TypeError', 'TypeError']);
        await page.close();
      }
    } finally {
      await browser.close();
    }
  },
);
