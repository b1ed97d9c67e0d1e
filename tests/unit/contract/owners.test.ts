import { expect, test } from 'vitest';
import { owned, type Route } from '../../../src/contract/route.ts';
import { routes } from '../../../src/contract/routes.ts';

const all = Object.entries(routes as Record<string, Route>);

test.each(all)('%s says whose object it is about', (_, { access, params, owner }) => {
  const names = Object.keys(params?.shape ?? {});
  const isForStaff = access.to !== 'everybody';
  const about = owned.filter((kind) => names.includes(`${kind}Id`));
  if (isForStaff && about.length > 0) expect(about).toContain(owner);
  else expect(owner).toBeUndefined();
  // Who reaches only what is theirs reaches nothing whose owner nobody knows.
  const reachesOwn = typeof access.to === 'object' && Object.values(access.to).includes('own');
  if (reachesOwn && names.length > 0) expect(owner).toBeDefined();
});
