/** Builds the pages for browsers into dist/web, if anything that they are made of is newer than the last build. */
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
await import('./route-table.ts');
const sources = [
  'package-lock.json',
  'vite.web.config.ts',
  ...globSync(['src/{web,language,domain,audit}/**/*'], { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
].sort();
const hash = createHash('sha256');
for (const path of sources) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
const digest = hash.digest('hex');
const stamp = join(root, 'dist/web/.sources-sha256');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  const { build } = await import('vite');
  await build({ configFile: join(root, 'vite.web.config.ts'), logLevel: 'warn' });
  writeFileSync(stamp, digest);
}
