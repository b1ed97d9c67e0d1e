import { Refusal } from '../../domain/errors.ts';
import type { Outside } from '../ports/outside.ts';
import type { SignOnPurpose } from '../ports/sign-on.ts';

/** Begins a journey to the provider. @throws Refusal `WRONG_STATE` `PROVIDER_OFF`; `PROVIDER_UNAVAILABLE`. */
export function beginSignOn({ signOn }: Pick<Outside, 'signOn'>, purpose: SignOnPurpose, language: string) {
  if (signOn === null) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'PROVIDER_OFF' }] });
  return signOn.begin(purpose, language);
}

/** A page of our own to go on with, by its path: anything else of an address would lead somewhere else. */
export function ownPath(given: unknown): string {
  return typeof given === 'string' && given.length <= 300 && /^\/(?:[\w-][\w/-]*)?(?:\?[\w=&%.-]*)?$/.test(given)
    ? given
    : '/';
}
