import { expect, test } from 'vitest';
import { parseRoleMapping, rolesBySchool } from '../../../src/domain/role-mapping.ts';

const first = '00000000-0000-4000-8000-000000000001';
const other = '00000000-0000-4000-8000-000000000002';

test('entries are groups, roles and schools; the last equals sign counts', () => {
  const text = ` teachers=teacher;\ncn=heads,ou=groups = administrator + reviewer;;/a/b=auditor@${other}`;
  expect(parseRoleMapping(text)).toEqual({
    faults: [],
    mapping: [
      { group: 'teachers', roles: ['teacher'], schoolId: null },
      { group: 'cn=heads,ou=groups', roles: ['reviewer', 'administrator'], schoolId: null },
      { group: '/a/b', roles: ['auditor'], schoolId: other },
    ],
  });
});

test.each([
  ['teachers', 'entry 1 (teachers): must be GROUP=ROLE'],
  ['=teacher', 'entry 1 (=teacher): names no group'],
  ['a=teacher;b=', 'entry 2 (b=): there is no role “”; there are teacher, reviewer, administrator, auditor'],
  ['a=Teacher', 'entry 1 (a=Teacher): there is no role “Teacher”; there are teacher, reviewer, administrator, auditor'],
  [
    'a=teacher+authority',
    'entry 1 (a=teacher+authority): the role “authority” is given by npm run setup alone (--authority ADDRESS)',
  ],
  ['a=teacher,reviewer', 'there is no role “teacher,reviewer”'],
  ['a=teacher@x', 'entry 1 (a=teacher@x): what stands after @ is not the id of a school'],
  [`a=teacher@${first}@${other}`, 'names two schools'],
])('%s is refused, and the fault says which entry and why', (text, fault) => {
  const { faults } = parseRoleMapping(text);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(fault);
});

test('roles of several groups add up, in each school of the mapping', () => {
  const { mapping } = parseRoleMapping(`a=teacher;b=reviewer@${first};c=auditor@${other};A=administrator`);
  expect(rolesBySchool(mapping, ['a', 'b'], first)).toEqual(
    new Map([
      [first, ['teacher', 'reviewer']],
      [other, []],
    ]),
  );
  expect(rolesBySchool(mapping, [], first).get(first)).toEqual([]);
});
