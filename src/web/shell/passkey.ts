import { ask } from '../api/ask.ts';
import { Problem } from '../api/problem.ts';
import type { Asked } from '../api/types.ts';
import { text } from '../words/current.ts';

type PasskeyAnswer = Asked<'signInWithPasskey'>['body']['answer'];
type NewPasskeyAnswer = Asked<'addPasskey'>['body']['answer'];

export const hasPasskeys = (): boolean =>
  typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';

/** Has the person's device answer a challenge for signing in. @throws Problem when the person or the device says no. */
export async function answerWithPasskey(): Promise<PasskeyAnswer> {
  const options = await ask('askForPasskey', {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as never);
  const made = await withDevice(() => navigator.credentials.get({ publicKey }));
  const { clientDataJSON, authenticatorData, signature, userHandle } =
    made.response as AuthenticationResponseJSON['response'];
  return { ...named(made), response: { clientDataJSON, authenticatorData, signature, userHandle: userHandle ?? null } };
}

/** Has the person's device make a new passkey. @throws Problem when the person or the device says no. */
export async function makePasskey(): Promise<NewPasskeyAnswer> {
  const options = await ask('beginPasskey', {});
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as never);
  const made = await withDevice(() => navigator.credentials.create({ publicKey }));
  const { clientDataJSON, attestationObject } = made.response as RegistrationResponseJSON['response'];
  return { ...named(made), response: { clientDataJSON, attestationObject } };
}

type Made = AuthenticationResponseJSON | RegistrationResponseJSON;
const named = ({ id, rawId, authenticatorAttachment }: Made) => ({
  id,
  rawId,
  type: 'public-key' as const,
  authenticatorAttachment: authenticatorAttachment ?? null,
});

async function withDevice(run: () => Promise<Credential | null>): Promise<Made> {
  try {
    const made = await run();
    if (made instanceof PublicKeyCredential) return made.toJSON() as Made;
    throw new Error('the device made no passkey');
  } catch (cause) {
    throw new Problem({ title: text('passkeyNo'), code: 'PASSKEY_NO' }, { cause });
  }
}
