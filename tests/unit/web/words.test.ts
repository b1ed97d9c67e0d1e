import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { pages } from '../../../src/language/pages/en.ts';

const root = join(import.meta.dirname, '../../../src/web');

/** Every string of the pages, and the beginnings of those that are put together, such as `say_${state}`. */
function stringsOf(): { whole: Set<string>; beginnings: string[] } {
  const whole = new Set<string>();
  const beginnings: string[] = [];
  for (const file of globSync('**/*.{ts,tsx}', { cwd: root })) {
    const visit = (node: ts.Node): void => {
      if (ts.isStringLiteralLike(node)) whole.add(node.text);
      if (ts.isTemplateExpression(node) && node.head.text !== '') beginnings.push(node.head.text);
      ts.forEachChild(node, visit);
    };
    visit(
      ts.createSourceFile(
        file,
        readFileSync(join(root, file), 'utf8'),
        ts.ScriptTarget.Latest,
        true,
        ts.ScriptKind.TSX,
      ),
    );
  }
  return { whole, beginnings };
}

test('every word of the pages is said by some page', () => {
  const { whole, beginnings } = stringsOf();
  const isSaid = (key: string) =>
    whole.has(key) ||
    (key.endsWith('1') && whole.has(key.slice(0, -1))) ||
    beginnings.some((beginning) => beginning.endsWith('_') && key.startsWith(beginning));
  expect(Object.keys(pages).filter((key) => !isSaid(key))).toEqual([]);
});
