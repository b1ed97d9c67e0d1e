import type { Reason } from '../domain/reason.ts';
import type { Provenance } from './roster.ts';

/** Where an encoding had no letter, programs write a question mark: such a name is nobody's. */
export function lostName(name: string, column: string, { file, line }: Provenance): Reason[] {
  const isLost = name.includes('?') && /^[\p{L}\p{M}\s?.'\u2019-]+$/u.test(name);
  return isLost ? [{ code: 'ROSTER_NAME_LOST', params: { file, line, column } }] : [];
}
