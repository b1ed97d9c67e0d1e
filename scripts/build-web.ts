/** Builds the pages for browsers into dist/web, if anything that they are made of is newer than the last build. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = join(import.meta.dirname, '..');
await import('./route-table.ts');
const sources = [
  'scripts/build-web.ts',
  'package-lock.json',
  'vite.web.config.ts',
  ...globSync(['src/{web,language,domain,audit,verifier,contract}/**/*', 'docs/guide/**/*'], {
    cwd: root,
    withFileTypes: true,
  })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name))),
].sort();
const hash = createHash('sha256');
for (const path of sources) hash.update(`${path}\n`).update(readFileSync(join(root, path)));
const digest = hash.digest('hex');
const stamp = join(root, 'dist/web/.sources-sha256');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  // In a process of its own: whoever asks for it may run as something else than production.
  const vite = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn', '--config'];
  const run = spawnSync(process.execPath, [...vite, join(root, 'vite.web.config.ts')], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  if (run.status !== 0) throw new Error('the pages could not be built; the message above says why');
  compress();
  writeFileSync(stamp, digest);
}

/** A copy of each text in fewer octets, once here instead of at each answer. */
function compress(): void {
  for (const path of globSync('dist/web/assets/*.{js,css,svg}', { cwd: root })) {
    const bytes = readFileSync(join(root, path));
    writeFileSync(join(root, `${path}.br`), brotliCompressSync(bytes));
    writeFileSync(join(root, `${path}.gz`), gzipSync(bytes, { level: 9 }));
  }
}
