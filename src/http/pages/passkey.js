import { ask, Problem } from './api.js';
import { t } from './texts.js';

export const hasPasskeys = () => typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === 'function';

/** Has the person's device answer a challenge for signing in. @throws Problem when the person or the device says no. */
export async function answerWithPasskey() {
  const options = await ask('POST', '/api/session/passkey/options');
  return withDevice(() =>
    navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
  );
}

/** Has the person's device make a new passkey. @throws Problem when the person or the device says no. */
export async function makePasskey() {
  const options = await ask('POST', '/api/passkeys/options');
  return withDevice(() =>
    navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  );
}

async function withDevice(run) {
  let made;
  try {
    made = await run();
  } catch (cause) {
    throw Object.assign(new Problem({ title: t('passkeyNo'), code: 'PASSKEY_NO' }), { cause });
  }
  const { id, rawId, type, response, authenticatorAttachment } = made.toJSON();
  const { clientDataJSON, authenticatorData, signature, userHandle, attestationObject } = response;
  return {
    id,
    rawId,
    type,
    authenticatorAttachment,
    response: attestationObject
      ? { clientDataJSON, attestationObject }
      : { clientDataJSON, authenticatorData, signature, userHandle },
  };
}
