import { countWaiting } from '../../pipeline/home/count-waiting.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';
import type { Handlers } from '../mount.ts';

export function homeRoutes(outside: Outside): Pick<Handlers, 'getHome'> {
  return { getHome: async ({ signedIn }) => ({ items: await countWaiting(outside, signedIn.person) }) };
}
