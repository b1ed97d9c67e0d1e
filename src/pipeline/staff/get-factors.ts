import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { type Factors, factorsOf } from './factors.ts';

/** What somebody can show who they are with, beside a password. */
export const getFactors = ({ database }: Pick<Outside, 'database'>, userId: Id): Promise<Factors> =>
  factorsOf(database.read, userId);
