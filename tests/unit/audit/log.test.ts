import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/audit/canonical-json.ts';
import { type ChainedEntry, chainHash, chainStart, findChainFaults, leafHash } from '../../../src/audit/chain.ts';
import { toCell, toCsvLine } from '../../../src/audit/csv.ts';
import { addressDigest, toEntry } from '../../../src/audit/entry.ts';

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

function chainOf(texts: readonly string[]): ChainedEntry[] {
  let previous = chainStart;
  return texts.map((canonical, index) => {
    const leaf = leafHash(canonical);
    previous = chainHash(previous, leaf);
    return { seq: index + 1, canonical, leafHash: leaf.toString('hex'), chainHash: previous.toString('hex') };
  });
}
const faultsOf = async (entries: ChainedEntry[]) => {
  const faults: string[] = [];
  for await (const fault of findChainFaults(entries)) faults.push(`${fault.seq} ${fault.fault}`);
  return faults;
};
const intact = chainOf(['{"a":1}', '{"a":2}', '{"a":3}', '{"a":4}']);

describe('the chain', () => {
  test('an intact log has no faults', async () => expect(await faultsOf(intact)).toEqual([]));
  test('the leaf of RFC 6962 for an empty entry', () => {
    // SHA-256 of the single octet 0x00: the empty leaf of the reference vectors.
    expect(leafHash('').toString('hex')).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d');
  });
  test.each([
    ['a changed entry', intact.map((e, i) => (i === 1 ? { ...e, canonical: '{"a":9}' } : e)), '2 LEAF_HASH'],
    [
      'a changed entry with its leaf hash',
      intact.map((e, i) =>
        i === 1 ? { ...e, canonical: '{"a":9}', leafHash: leafHash('{"a":9}').toString('hex') } : e,
      ),
      '2 CHAIN_HASH',
    ],
    ['a removed entry', intact.filter((_, i) => i !== 1), '3 SEQUENCE'],
    ['a removed first entry', intact.slice(1), '2 SEQUENCE'],
    ['two entries swapped', [intact[0]!, intact[2]!, intact[1]!, intact[3]!], '3 SEQUENCE'],
    [
      'an entry that is not canonical',
      intact.map((e, i) => (i === 0 ? { ...e, canonical: '{ "a":1}' } : e)),
      '1 NOT_CANONICAL',
    ],
  ])('%s is seen', async (_, entries, first) => expect((await faultsOf(entries))[0]).toBe(first));
});

test('an entry names its actor by id and keeps the address outside', () => {
  const at = new Date('2026-03-03T12:00:00.123Z');
  const sealed = toEntry(
    { action: 'recording.sealed', outcome: 'done' },
    { kind: 'viewer', id: 'v' },
    at,
    'entry',
    '192.0.2.7',
  );
  const entry = JSON.parse(sealed.canonical);
  expect(sealed.canonical).not.toContain('192.0.2.7');
  expect(entry).toMatchObject({
    v: 1,
    id: 'entry',
    at: '2026-03-03T12:00:00.123Z',
    actor: { kind: 'viewer', id: 'v' },
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
    const [entry] = chainOf([canonical]);
    expect(toCsvLine(entry!)).toBe(
      `1,t,nobody,,a.b,done,,,,,"{""note"":""=1""}",${entry!.leafHash},${entry!.chainHash}\r\n`,
    );
  });
});
