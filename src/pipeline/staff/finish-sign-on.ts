import { Refusal } from '../../domain/errors.ts';
import type { Language } from '../../domain/language.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { NotBelieved } from '../ports/sign-on.ts';
import { confirmWithProvider } from './confirm-with-provider.ts';
import type { NewSession } from './open-session.ts';
import { signInWithProvider } from './sign-in-with-provider.ts';
import { useChallenge } from './use-challenge.ts';

/** How long a program has to take its session. */
const handOverMs = 5 * 60_000;

/** What became of a journey. */
export type Arrived =
  /** `needsCode`: the session opens nothing before a second factor is shown here. */
  | { readonly kind: 'signed-in'; readonly session: NewSession; readonly needsCode: boolean; readonly to: string }
  /** The program on the computer of the browser gets the session for this code. */
  | { readonly kind: 'handed-over'; readonly code: string; readonly state: string; readonly port: number }
  /** A session goes on under another token; null: a code completes the confirmation. */
  | { readonly kind: 'confirmed'; readonly token: string | null };

/**
 * Takes somebody who comes back from the provider. A journey counts once, whatever comes of it.
 * @throws Refusal `SIGN_IN_FAILED` with the reason in plain words; `PROVIDER_UNAVAILABLE`, `WRONG_STATE`.
 */
export async function finishSignOn(
  outside: Outside,
  caller: Caller,
  back: { readonly query: string; readonly sealed: string | null },
  browser: { readonly language: Language; readonly userAgent: string | null },
): Promise<Arrived> {
  const { signOn } = outside;
  if (signOn === null) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'PROVIDER_OFF' }] });
  try {
    const returned = await believed(signOn.finish(back.query, back.sealed));
    const isFirst = await outside.database.transact(caller, (tx) => useChallenge(tx, returned));
    if (!isFirst) throw failed('PROVIDER_JOURNEY');
    const { purpose } = returned;
    if (purpose.kind === 'confirm') {
      const there = await outside.schools.of(purpose.schoolId);
      return await confirmWithProvider(there, caller, returned.person, purpose.sessionId);
    }
    const signedIn = await signInWithProvider(outside, caller, returned.person, browser);
    if (purpose.kind === 'sign-in') return { kind: 'signed-in', ...signedIn, to: purpose.to };
    const { port, state, challenge } = purpose;
    const endsAt = outside.clock().getTime() + handOverMs;
    const { schoolId, session } = signedIn;
    return {
      kind: 'handed-over',
      code: signOn.handOver({ schoolId, token: session.token, challenge, endsAt }),
      ...{ state, port },
    };
  } catch (error) {
    if (error instanceof Refusal && error.code === 'SIGN_IN_FAILED')
      outside.tally.count(caller, {
        action: 'staff.sign_in_failed',
        outcome: 'refused',
        details: { locked: false, step: 'provider' },
      });
    throw error;
  }
}

const whyNot: Record<NotBelieved['why'], ReasonCode> = {
  journey: 'PROVIDER_JOURNEY',
  refused: 'PROVIDER_REFUSED',
  answer: 'PROVIDER_ANSWER',
};

/** What the provider says, once it is believed. @throws Refusal `SIGN_IN_FAILED`; as the promise. */
export async function believed<Said>(said: Promise<Said>): Promise<Said> {
  try {
    return await said;
  } catch (error) {
    if (error instanceof NotBelieved) throw failed(whyNot[error.why], error);
    throw error;
  }
}

export const failed = (code: ReasonCode, cause?: unknown): Refusal =>
  new Refusal('SIGN_IN_FAILED', { reasons: [{ code }], cause });
