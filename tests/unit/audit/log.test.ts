import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson, isCanonicalJson } from '../../../src/audit/canonical-json.ts';
import { toCell, toCsvLine } from '../../../src/audit/csv.ts';
import { addressDigest, toEntry } from '../../../src/audit/entry.ts';
import { toEntryLine } from '../../../src/audit/export-format.ts';
import { leafHash } from '../../../src/audit/merkle.ts';

const vectors = join(import.meta.dirname, '../../fixtures/vectors/jcs');

describe('canonical JSON (RFC 8785)', () => {
  test.each(readdirSync(join(vectors, 'input')))('official vector %s', (name) => {
    const value = JSON.parse(readFileSync(join(vectors, 'input', name), 'utf8'));
    expect(canonicalJson(value)).toBe(readFileSync(join(vectors, 'output', name), 'utf8'));
  });
  test('does not depend on the order of members, and reads back as the same value', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noUnicodeString: false } as object)),
        (value) => {
          fc.pre(JSON.stringify(value).isWellFormed());
          const shuffled = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalJson(shuffled)).toBe(canonicalJson(value));
          expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
        },
      ),
    );
  });
  test.each([[Number.NaN], [Number.POSITIVE_INFINITY], ['\ud800'], [1n], [() => 1], [new Date()]])(
    'refuses %s',
    (value) => {
      expect(() => canonicalJson({ value })).toThrow(TypeError);
    },
  );
});

test.each([
  ['{"a":1,"b":[true,null,"x"]}', true],
  ['{"10":1,"9":2}', true],
  ['{"b":1,"a":2}', false],
  ['{"x":{"b":1,"a":2}}', false],
  ['[{"b":1,"a":2}]', false],
  ['{"a": 1}', false],
  ['{"a":1.0}', false],
  ['{"a":1,"a":1}', false],
  ['{"a":"\\u0041"}', false],
  ['{"a":"\\u001f"}', true],
  ['{"a":"\\ud800"}', false],
  ['{"a":"ö"}', true],
  ['{', false],
  ['', false],
])('%s is canonical: %s', (text, is) => expect(isCanonicalJson(text)).toBe(is));

test('an entry names its actor by pseudonym and keeps the address outside', () => {
  const at = new Date('2026-03-03T12:00:00.123Z');
  const sealed = toEntry(
    { action: 'gate.held', outcome: 'done' },
    { actor: { kind: 'viewer', id: 'v' }, address: '192.0.2.7' },
    { at, id: 'entry', nameOf: ({ person, id }) => `name of ${person} ${id}` },
  );
  const entry = JSON.parse(sealed.canonical);
  expect(sealed.canonical).not.toContain('192.0.2.7');
  expect(entry).toMatchObject({
    v: 1,
    id: 'entry',
    at: '2026-03-03T12:00:00.123Z',
    actor: { kind: 'viewer', id: 'name of viewer v' },
  });
  expect(entry.actor.addressDigest).toBe(addressDigest(sealed.address!.salt, '192.0.2.7'));
});

describe('CSV', () => {
  test.each([
    ['=1+1', "'=1+1"],
    ['+49', "'+49"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['-cmd', "'-cmd"],
    ['\t=1', "'\t=1"],
    ['-12.5', '-12.5'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['=1,2', `"'=1,2"`],
    [null, ''],
  ])('%j becomes %s', (value, cell) => expect(toCell(value)).toBe(cell));
  test('has one line for an entry', () => {
    const canonical = canonicalJson({
      v: 1,
      id: 'x',
      at: 't',
      actor: { kind: 'nobody' },
      action: 'a.b',
      outcome: 'done',
      details: { note: '=1' },
    });
    const entry = toEntryLine(1, canonical, leafHash(canonical));
    expect(toCsvLine(entry)).toBe(`1,t,nobody,,a.b,done,,,,,"{""note"":""=1""}",${entry.leaf}\r\n`);
  });
});
