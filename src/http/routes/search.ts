import type { Outside } from '../../pipeline/ports/outside.ts';
import { searchSchool } from '../../pipeline/search/search-school.ts';
import type { Handlers } from '../mount.ts';

export function searchRoutes(outside: Outside): Pick<Handlers, 'search'> {
  return {
    search: async ({ signedIn, query }) => ({ items: await searchSchool(outside, signedIn.person, query.text) }),
  };
}
