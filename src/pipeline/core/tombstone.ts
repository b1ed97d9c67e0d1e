import { canonicalJson } from '../../audit/canonical-json.ts';
import { findSigner, signDetached } from '../../vault/sign.ts';
import type { Outside } from '../ports/outside.ts';
import { getText, putText, signingKey } from './signed-text.ts';

type Needs = Pick<Outside, 'objects' | 'keyring'>;

/** In which the store keeps them. */
export const tombstoneFolder = 'tombstones/';

/**
 * Says in the store that something is erased, before any part of it goes: a database restored from a backup that still has it
 * finds it here. Signed, because otherwise anyone who can write to the store could erase what they like.
 */
export async function writeTombstone(outside: Needs, name: string, statement: Record<string, unknown>): Promise<void> {
  const text = canonicalJson(statement);
  const signature = await signDetached(text, signingKey(outside));
  await putText(outside, `${tombstoneFolder}${name}`, JSON.stringify({ statement: text, signature }));
}

/** What a tombstone says, or null when it is not one of ours. */
export async function readTombstone(outside: Needs, name: string): Promise<Record<string, unknown> | null> {
  const text = await getText(outside, `${tombstoneFolder}${name}`);
  const held = text === null ? null : parseObject(text);
  const { statement, signature } = held ?? {};
  if (typeof statement !== 'string' || typeof signature !== 'string') return null;
  if ((await findSigner(statement, signature, outside.keyring.verifyingKeys)) === null) return null;
  return parseObject(statement);
}

/** Attacker-controlled text; null if it is not a JSON object. */
function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? (value as Record<string, unknown> | null) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
