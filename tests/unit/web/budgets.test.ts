import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, expect, test } from 'vitest';
import { languageTags } from '../../../src/domain/language.ts';

/** One file that Vite built, as its manifest tells of it. */
interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

const built = join(import.meta.dirname, '../../../dist/web');
let manifest: Readonly<Record<string, Chunk>>;
beforeAll(async () => {
  await import('../../../scripts/build-web.ts');
  manifest = JSON.parse(readFileSync(join(built, 'manifest.json'), 'utf8')) as typeof manifest;
}, 120_000);

/** Every file that a browser loads for an entry at once: its own, and what that imports. */
function filesOf(entry: string, seen = new Set<string>()): Set<string> {
  const chunk = manifest[entry];
  if (chunk === undefined) throw new Error(`the manifest has no ${entry}`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const style of chunk.css ?? []) seen.add(style);
  for (const imported of chunk.imports ?? []) filesOf(imported, seen);
  return seen;
}
const kB = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(built, file)), { level: 9 }).length, 0) / 1000;
/** The words of the language that is longest. */
const words = (folder: string) => Math.max(...languageTags.map((language) => kB(filesOf(`${folder}/${language}.ts`))));

test('the first page of the staff is at most 200 kB, with its words (gzip)', () => {
  const size = kB(filesOf('shell/app.tsx', filesOf('staff.html'))) + words('words');
  console.info(`staff: ${size.toFixed(1)} kB`);
  expect(size).toBeLessThanOrEqual(200);
});

test('the page for viewers is at most 90 kB without what feeds the player, with its words (gzip)', () => {
  const size = kB(filesOf('watch.html')) + words('../language/player');
  console.info(`watch: ${size.toFixed(1)} kB`);
  expect(size).toBeLessThanOrEqual(90);
});

test('what the pages of personal links load is at most 10 kB (gzip)', () => {
  const size = kB(filesOf('plain.html'));
  console.info(`plain: ${size.toFixed(1)} kB`);
  expect(size).toBeLessThanOrEqual(10);
});
