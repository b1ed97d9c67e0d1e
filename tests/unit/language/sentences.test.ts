import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { en } from '../../../src/language/en.ts';

const root = join(import.meta.dirname, '../../..');
/** Rooms that speak by themselves: the catalogues, the verifier with its own, and the demo's own story. */
const speaking = /^src\/(language|verifier|demo|adapters\/prisma\/generated)\//;
/** Words that are looked for or compared, not said; and what is drawn into a picture in every language at once. */
const data = new Set([
  'src/adapters/ffmpeg/slate.ts',
  'src/adapters/zxcvbn/password-strength.ts',
  'src/adapters/zxcvbn/turkish-words.ts',
  'src/detection/text-notices.ts',
  'src/domain/watched-names.ts',
  'src/contract/openapi.ts', // the description of the API is English, as its names are
  'src/processes/setup.ts', // for operators, as logs and settings are
]);

const files = globSync('src/**/*.{ts,tsx}', { cwd: root }).filter((file) => !speaking.test(file) && !data.has(file));
const parse = (file: string) =>
  ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}
const placeOf = (node: ts.Node) => {
  const source = node.getSourceFile();
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
};

/** For programmers: the message of an error, what OpenAPI says of a field, a setting. */
function isForProgrammers(node: ts.Node): boolean {
  for (let up = node.parent; up; up = up.parent) {
    if (ts.isNewExpression(up) && up.expression.getText().endsWith('Error')) return true;
    if (ts.isPropertyAssignment(up) && /^(summary|description)$/.test(up.name.getText())) return true;
  }
  return false;
}

test('no sentence for a person stands outside the room for language', () => {
  const found: string[] = [];
  for (const file of files)
    walk(parse(file), (node) => {
      if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return;
      const text = ts.isStringLiteralLike(node)
        ? node.text
        : node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
      const isSentence = /^[A-Z“…].*[.!?]\s*$/s.test(text) && (text.match(/\b[a-z]{2,}\b/gi) ?? []).length >= 3;
      if ((isSentence || /[çğıİöşÇĞŞ]/.test(text)) && !isForProgrammers(node))
        found.push(`${placeOf(node)} ${text.slice(0, 80)}`);
    });
  expect(found).toEqual([]);
});

test('no pair of Turkish and English stands outside the room for language', () => {
  const found: string[] = [];
  for (const file of files)
    walk(parse(file), (node) => {
      if (!ts.isObjectLiteralExpression(node)) return;
      // What loads the words of a language is none.
      const said = node.properties.filter(
        (one) => !(ts.isPropertyAssignment(one) && ts.isArrowFunction(one.initializer)),
      );
      const names = said.map((property) => property.name?.getText());
      if (names.includes('tr') && names.includes('en')) found.push(placeOf(node));
    });
  expect(found).toEqual([]);
});

test('a reason is given what its sentence names', () => {
  const wrong: string[] = [];
  const seen = new Set<string>();
  for (const file of files)
    walk(parse(file), (node) => {
      if (!ts.isObjectLiteralExpression(node)) return;
      const member = (name: string) =>
        node.properties.find((property) => property.name?.getText() === name) as ts.PropertyAssignment | undefined;
      const code = member('code')?.initializer;
      if (!code || !ts.isStringLiteral(code) || !(code.text in en.reasons)) return;
      seen.add(code.text);
      const text = en.reasons[code.text as keyof typeof en.reasons];
      const named = [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
      const params = member('params')?.initializer;
      const given = params ? params.getText() : '';
      const missing = named.filter((name) => !new RegExp(`\\b${name}\\b`).test(given));
      if (missing.length > 0) wrong.push(`${placeOf(node)} ${code.text}: ${missing.join(', ')}`);
    });
  expect(wrong).toEqual([]);
  expect(seen.size).toBeGreaterThan(80);
});
