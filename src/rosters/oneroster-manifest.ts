import type { Reason } from '../domain/reason.ts';
import type { Bundle, BundleFile } from './bundle.ts';
import type { Records } from './records.ts';

type Mode = 'bulk' | 'delta' | 'absent' | null;

/** Files of which each has a property `file.…` in the manifest. */
const told: readonly BundleFile[] = ['users.csv', 'roles.csv', 'classes.csv', 'enrollments.csv', 'orgs.csv'];

/**
 * How each file of a OneRoster bundle is to be taken (1EdTech OneRoster CSV Binding 1.1 and 1.2, manifest.csv). Null where
 * the manifest does not say it.
 */
export function modesOf(manifest: Records): (file: BundleFile) => Mode {
  const values = new Map(manifest.rows.map((row) => [row.get('propertyName'), row.get('value').toLowerCase()]));
  return (file) => {
    const value = values.get(`file.${file.replace('.csv', '')}`);
    return (['bulk', 'delta', 'absent'] as const).find((mode) => mode === value) ?? null;
  };
}

/** Files that the manifest promises, or that no bundle is without. */
export const missingFiles = ({ tables }: Bundle, modeOf: (file: BundleFile) => Mode): Reason[] =>
  told
    .filter((file) => !tables.has(file))
    .filter(
      (file) => modeOf(file) === 'bulk' || modeOf(file) === 'delta' || (file === 'users.csv' && modeOf(file) === null),
    )
    .map((file) => ({ code: 'ROSTER_FILE_MISSING', params: { file } }));

/** The whole school only if people and their classes are told whole: who is missing from changes is not gone. */
export const isWholeSchool = (modeOf: (file: BundleFile) => Mode): boolean =>
  modeOf('users.csv') === 'bulk' && modeOf('enrollments.csv') === 'bulk';

/** Whether the manifest leaves open what kind of files it goes with. */
export const saysNothing = (modeOf: (file: BundleFile) => Mode): boolean => told.every((file) => modeOf(file) === null);
