import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { toEntry } from '../../../src/audit/entry.ts';
import { mapPersons, reasonsOnLog, subjectOf } from '../../../src/audit/persons.ts';
import { isPseudonym, pseudonymOf, pseudonymsIn } from '../../../src/audit/pseudonym.ts';

test('a pseudonym is the keyed digest of kind and id, and tells two people and two keys apart', () => {
  const key = randomBytes(32);
  const digest = createHmac('sha256', key).update('staff:1').digest().subarray(0, 16).toString('base64url');
  expect(pseudonymOf(key, 'staff', '1')).toBe(`person-${digest}`);
  const others = [
    pseudonymOf(key, 'staff', '2'),
    pseudonymOf(key, 'viewer', '1'),
    pseudonymOf(randomBytes(32), 'staff', '1'),
  ];
  expect(new Set([pseudonymOf(key, 'staff', '1'), ...others]).size).toBe(4);
  for (const one of others) expect(isPseudonym(one)).toBe(true);
  for (const none of ['person-x', `${others[0]} `, '1']) expect(isPseudonym(none)).toBe(false);
});

test('whoever is named in an entry is found in its text, once, wherever it stands', () => {
  const [a, b] = [pseudonymOf(randomBytes(32), 'staff', 'a'), pseudonymOf(randomBytes(32), 'viewer', 'b')];
  expect(
    pseudonymsIn(JSON.stringify({ actor: { id: a }, details: { list: [a, { deep: b }] }, text: `x ${a}` })),
  ).toEqual([a, b]);
});

describe('in an entry', () => {
  const given = {
    at: new Date(0),
    id: 'e',
    nameOf: ({ person, id }: { person: string; id: string }) => `<${person} ${id}>`,
  };

  test('people stand under their names: who acted, what was acted on, and in the details', () => {
    const { canonical } = toEntry(
      {
        action: 'permission.granted',
        outcome: 'done',
        object: { kind: 'permission', id: 'p', lessonId: 'l' },
        details: { site: null, participant: { person: 'participant', id: 'ada' } },
      },
      { actor: { kind: 'staff', id: 'tuna', roles: [], scopes: null } },
      given,
    );
    expect(JSON.parse(canonical)).toMatchObject({
      actor: { kind: 'staff', id: '<staff tuna>' },
      object: { kind: 'permission', id: 'p' },
      details: { participant: '<participant ada>' },
    });
  });

  test.each([
    ['staff', '<staff x>'],
    ['participant', '<participant x>'],
    ['link', '<viewer x>'],
    ['invitation', '<invitation x>'],
    ['recording', 'x'],
    ['site', 'x'],
  ])('an object of kind %s stands as %s', (kind, shown) => {
    const { canonical } = toEntry(
      { action: 'staff.signed_out', outcome: 'done', object: { kind, id: 'x' } },
      { actor: { kind: 'system', id: 'test' } },
      given,
    );
    expect(JSON.parse(canonical)).toMatchObject({ actor: { id: 'test' }, object: { kind, id: shown } });
  });

  test('reasons name people as people, other subjects by id', () => {
    const reasons = [
      { code: 'A', subject: { kind: 'participant', id: 'ada' } },
      { code: 'B', subject: { kind: 'site', id: 's' } },
      { code: 'C' },
    ];
    expect(reasonsOnLog(reasons)).toEqual([
      { code: 'A', subject: { person: 'participant', id: 'ada' } },
      { code: 'B', subject: 's' },
      { code: 'C', subject: null },
    ]);
    expect(subjectOf({ kind: 'field', id: 'f' })).toBe('f');
  });

  test('what is no plain value is left for the canonical form to refuse', () => {
    const date = new Date(0);
    expect(mapPersons({ at: date }, () => 'x')).toEqual({ at: date });
    const event = { action: 'staff.sign_in_failed', outcome: 'refused', details: { locked: date } } as never;
    expect(() => toEntry(event, { actor: { kind: 'nobody' } }, given)).toThrow(TypeError);
  });
});
