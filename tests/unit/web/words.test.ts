import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { pages as first } from '../../../src/language/first/en.ts';
import { pages } from '../../../src/language/pages/en.ts';
import { player } from '../../../src/language/player/en.ts';

const root = join(import.meta.dirname, '../../../src/web');

/** A file of the pages, parsed. */
const parsed = (path: string) =>
  ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);

/** Whether a sentence is said by some of these files: by its key, or by the beginning of a key that is put together. */
function saidBy(paths: Iterable<string>): (key: string) => boolean {
  const whole = new Set<string>();
  const beginnings: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) whole.add(node.text);
    if (ts.isTemplateExpression(node) && node.head.text !== '') beginnings.push(node.head.text);
    ts.forEachChild(node, visit);
  };
  for (const path of paths) visit(parsed(path));
  return (key) =>
    whole.has(key) ||
    (key.endsWith('1') && whole.has(key.slice(0, -1))) ||
    beginnings.some((beginning) => beginning.endsWith('_') && key.startsWith(beginning));
}

/** What a browser loads with a file: the file and, of the pages, all that it imports for more than types. */
function loadedWith(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const statement of parsed(path).statements) {
    if (!ts.isImportDeclaration(statement) || statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
      continue;
    const imported = join(path, '..', (statement.moduleSpecifier as ts.StringLiteral).text);
    if (imported.startsWith(root) && /\.tsx?$/.test(imported)) loadedWith(imported, seen);
  }
  return seen;
}

test('every word of the pages is said by some page', () => {
  const isSaid = saidBy(globSync('**/*.{ts,tsx}', { cwd: root }).map((file) => join(root, file)));
  expect(Object.keys(pages).filter((key) => !isSaid(key))).toEqual([]);
});

test('what the first page says comes with it, and of the words of later pages nothing', () => {
  const isSaid = saidBy(loadedWith(join(root, 'shell/app.tsx'), loadedWith(join(root, 'staff.tsx'))));
  expect(Object.keys(pages).filter((key) => isSaid(key) && !(key in first))).toEqual([]);
  expect(Object.keys(first).filter((key) => !isSaid(key) && !(key in player))).toEqual([]);
});
