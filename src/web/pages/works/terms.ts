import type { Option } from '../../parts/fields.tsx';

/** The statements of RightsStatements.org that fit what a school registers, and the licences that say more. */
export const terms: readonly Option[] = [
  ['http://rightsstatements.org/vocab/InC/1.0/', 'In Copyright'],
  ['http://rightsstatements.org/vocab/InC-EDU/1.0/', 'In Copyright – Educational Use Permitted'],
  ['http://rightsstatements.org/vocab/InC-NC/1.0/', 'In Copyright – Non-Commercial Use Permitted'],
  ['http://rightsstatements.org/vocab/NoC-OKLR/1.0/', 'No Copyright – Other Known Legal Restrictions'],
  ['http://rightsstatements.org/vocab/CNE/1.0/', 'Copyright Not Evaluated'],
  ['https://creativecommons.org/licenses/by/4.0/', 'CC BY 4.0'],
  ['https://creativecommons.org/licenses/by-sa/4.0/', 'CC BY-SA 4.0'],
  ['https://creativecommons.org/publicdomain/zero/1.0/', 'CC0 1.0'],
];
