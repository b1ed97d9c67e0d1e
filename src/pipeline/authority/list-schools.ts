import type { Outside } from '../ports/outside.ts';
import { readFigures, type SchoolFigures } from './school-figures.ts';

/** The schools of the installation, with figures, and whether this process can open another one. */
export async function listSchools({
  database,
  schoolKeys,
}: Pick<Outside, 'database' | 'schoolKeys'>): Promise<{ items: SchoolFigures[]; mayOpen: boolean }> {
  return { items: await readFigures(database.read), mayOpen: await schoolKeys.mayMake() };
}
