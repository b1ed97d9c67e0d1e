import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'emanet-hook-'));
afterAll(() => rmSync(folder, { recursive: true }));
const hook = join(import.meta.dirname, '../../../scripts/hooks/commit-msg');

test.each([
  ['Refuse an upload without a reason\n\nBecause …', 0],
  ['Need a reason for every lesson', 0],
  ['Merge the schema by subject', 0],
  ['# a comment first\nSay what is missing', 0],
  ['Added a reason', 1],
  ['add a reason', 1],
  ['Add a reason.', 1],
  [`Add ${'a'.repeat(70)}`, 1],
  ['', 1],
])('the hook looks at the subject: %j', (message, status) => {
  const file = join(folder, 'message');
  writeFileSync(file, message);
  expect(spawnSync(hook, [file]).status).toBe(status);
});
