import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import {
  parseScimFilter,
  readGroupPatch,
  readPersonPatch,
  readScimGroup,
  readScimPerson,
} from '../../../src/domain/scim.ts';

test('a filter is one attribute that equals a text', () => {
  expect(parseScimFilter('userName eq "a b@c"')).toEqual({ attribute: 'userName', value: 'a b@c' });
  expect(parseScimFilter(' USERNAME EQ "q\\"x" ')).toEqual({ attribute: 'userName', value: 'q"x' });
  for (const text of ['', 'userName', 'userName eq a', 'userName eq "a" and x', 'name eq "a"', 'userName eq "a\n"'])
    expect(() => parseScimFilter(text), text).toThrow(Refusal);
});

test('a person is read as providers write it', () => {
  expect(
    readScimPerson({
      userName: 'Ada@School.example',
      name: { givenName: 'Ada', familyName: 'B' },
      emails: [{ value: 'old@x.example' }, { value: 'New@X.example', primary: true }],
      active: 'False',
      title: 'left out',
    }),
  ).toEqual({ userName: 'ada@school.example', name: 'Ada B', email: 'new@x.example', active: false });
  expect(readPersonPatch([{ op: 'replace', value: { active: false, 'name.familyName': 'C' } }])).toEqual({
    active: false,
    name: 'C',
  });
  expect(readPersonPatch([{ op: 'replace', path: 'emails[type eq "work"].value', value: 'a@b.example' }])).toEqual({
    email: 'a@b.example',
  });
  expect(readPersonPatch([{ op: 'add', path: 'nickName', value: 'x' }])).toEqual({});
  expect(() => readPersonPatch([{ op: 'remove', path: 'active' }])).toThrow(Refusal);
});

test('members of a group are added, removed and replaced, the later operation on top', () => {
  expect(
    readGroupPatch([
      { op: 'add', path: 'members', value: [{ value: 'a' }, { value: 'b' }] },
      { op: 'remove', path: 'members[value eq "a"]' },
    ]),
  ).toEqual({ added: ['b'], removed: ['a'] });
  expect(readGroupPatch([{ op: 'replace', path: 'members', value: [{ value: 'c' }] }])).toEqual({
    members: ['c'],
    added: [],
    removed: [],
  });
  expect(readGroupPatch([{ op: 'remove', path: 'members' }])).toEqual({ members: [], added: [], removed: [] });
  expect(readGroupPatch([{ op: 'replace', value: { id: 'x', displayName: 'g' } }])).toMatchObject({ displayName: 'g' });
});

test('whatever a provider sends is read or refused, never a fault', () => {
  const readers = [
    (value: unknown) => readScimPerson(value as never),
    (value: unknown) => readScimGroup(value as never),
    (value: unknown) => readPersonPatch([{ op: 'replace', value }]),
    (value: unknown) => readPersonPatch([{ op: 'add', path: 'name.givenName', value }]),
    (value: unknown) => readGroupPatch([{ op: 'add', path: 'members', value }]),
    (value: unknown) => readGroupPatch([{ op: 'replace', value }]),
    (value: unknown) => parseScimFilter(JSON.stringify(value)),
  ];
  const key = fc.constantFrom(
    'userName',
    'name',
    'emails',
    'active',
    'members',
    'displayName',
    'externalId',
    '__proto__',
  );
  fc.assert(
    fc.property(fc.dictionary(key, fc.jsonValue()), (value) => {
      for (const read of readers)
        try {
          read(value);
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
    }),
    { numRuns: 300 },
  );
});
