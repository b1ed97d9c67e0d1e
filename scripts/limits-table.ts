/** Prints the table of limits for docs/sign-in.md; `--write` writes it there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routes } from '../src/contract/routes.ts';
import { limitsTable } from '../src/domain/limits.ts';

const page = join(import.meta.dirname, '../docs/sign-in.md');
const table = limitsTable(routes);
if (process.argv.includes('--write')) {
  const marked = /(<!-- limits:begin -->\n)[\s\S]*?(<!-- limits:end -->)/;
  writeFileSync(page, readFileSync(page, 'utf8').replace(marked, `$1${table}\n$2`));
} else console.log(table);
