/** Prints the table of settings; `--write` writes it into docs/operations.md, between its markers. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsTable } from '../src/config/env.ts';

const page = join(import.meta.dirname, '../docs/operations.md');
const between = /(<!-- settings:begin -->\n)[\s\S]*?(<!-- settings:end -->)/;

if (process.argv.includes('--write')) {
  const text = readFileSync(page, 'utf8');
  if (!between.test(text)) throw new Error(`${page} has lost its markers`);
  writeFileSync(
    page,
    text.replace(between, (_, begin, end) => `${begin}${settingsTable()}\n${end}`),
  );
} else console.log(settingsTable());
