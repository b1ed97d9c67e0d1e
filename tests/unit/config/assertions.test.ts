import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const { overrides } = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8')) as {
  overrides: { includes: string[]; linter: { rules: { style?: { noNonNullAssertion?: string } } } }[];
};
const arithmetic = overrides
  .filter(({ linter }) => linter.rules.style?.noNonNullAssertion === 'off')
  .flatMap(({ includes }) => includes)
  .filter((glob) => glob.startsWith('src/'));

/** Every `x!` of a file where `x` is not `a[i]`. */
function otherAssertions(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNonNullExpression(node) && !ts.isElementAccessExpression(node.expression))
      found.push(`${file}: ${node.getText(source)}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('where arithmetic runs over arrays, only what stands at an index is asserted to be there', () => {
  const files = globSync(arithmetic, { cwd: root }).filter((file) => file.endsWith('.ts'));
  expect(files.length).toBeGreaterThan(0);
  expect(files.flatMap(otherAssertions)).toEqual([]);
});
