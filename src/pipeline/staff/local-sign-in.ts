import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../ports/outside.ts';

/** For the ways in that a provider of single sign-on replaces. @throws Refusal `WRONG_STATE` `LOCAL_SIGN_IN_OFF`. */
export function assertLocalSignIn({ localSignIn }: Pick<Outside['settings'], 'localSignIn'>): void {
  if (!localSignIn) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'LOCAL_SIGN_IN_OFF' }] });
}
