import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

/** The one school of this installation. @throws Refusal `NOT_FOUND` before it was set up. */
export async function getSchool({ database }: Needs) {
  const row = await database.read.school.findFirst();
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}
