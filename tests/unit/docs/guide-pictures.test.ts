import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { guidePictures } from '../../../scripts/guide-pictures.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const pictures = Object.values(guidePictures).toSorted();

test('every picture of the guides and the README is a shot of the browser tests', () => {
  const pages = ['README.md', ...globSync('docs/guide/*/*.md', { cwd: root })];
  const shown = pages.flatMap((page) =>
    [...read(page).matchAll(/pictures\/([\w.-]+\.png)/g)].map((match) => match[1]!),
  );
  expect([...new Set(shown)].toSorted()).toEqual(pictures);
  expect(readdirSync(join(root, 'docs/guide/pictures')).toSorted()).toEqual(pictures);
});

test('some browser test takes each of these shots', () => {
  const tests = globSync('tests/browser/*.test.ts', { cwd: root }).map(read).join('\n');
  for (const shot of Object.keys(guidePictures)) expect(tests).toContain(`, '${shot.replace('.png', '')}');`);
});
