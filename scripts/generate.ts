/**
 * Generates the Prisma client if the schema is newer than the last run. `prisma` asks for an engine that it does not
 * need.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const folder = join(root, 'prisma/schema');
const hash = createHash('sha256');
for (const name of readdirSync(folder).sort()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)));
const digest = hash.digest('hex');
const generated = join(root, 'src/adapters/prisma/generated');
const stamp = join(generated, '.schema-sha256');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  const run = spawnSync(process.execPath, [join(root, 'node_modules/prisma/build/index.js'), 'generate'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  });
  if (run.status !== 0) {
    console.error('prisma generate failed; the message above says why.');
    process.exit(1);
  }
  writeFileSync(stamp, digest);
}
