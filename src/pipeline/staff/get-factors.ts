import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { type Factors, factorsOf } from './factors.ts';

/** The proofs of identity that a person has beside a password. */
export const getFactors = ({ database }: Pick<Outside, 'database'>, userId: Id): Promise<Factors> =>
  factorsOf(database.read, userId);
