import { expect, test } from 'vitest';
import { routes } from '../../../src/contract/routes.ts';
import { reachOf, type SearchKind, searchedBy, searchKinds } from '../../../src/domain/search.ts';

const lists: Record<SearchKind, 'listCourses' | 'listLessons' | 'listPersons' | 'listRecordings'> = {
  course: 'listCourses',
  lesson: 'listLessons',
  person: 'listPersons',
  recording: 'listRecordings',
};

test.each(searchKinds)('a search finds a %s for those who may list it, and no more of it', (kind) => {
  expect(searchedBy[kind]).toEqual(routes[lists[kind]].access.to);
});

test('whoever has two roles has the wider reach', () => {
  expect(reachOf({ teacher: 'own', reviewer: 'any' }, ['teacher'])).toBe('own');
  expect(reachOf({ teacher: 'own', reviewer: 'any' }, ['teacher', 'reviewer'])).toBe('any');
  expect(reachOf({ teacher: 'own' }, ['auditor'])).toBeUndefined();
});
