import { toBase64 } from '../../audit/export-format.ts';
import { encodeVerifierKey } from '../../audit/signed-note.ts';
import type { AuditEvent } from '../../domain/audit-event.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { SignedCheckpoint } from './integrate-log.ts';

/** The key that verifies this log's checkpoints. */
export function ownKey({ logSigner }: Pick<Outside, 'logSigner'>): string {
  return encodeVerifierKey(logSigner.name, logSigner.privateKey);
}

export function shown({ origin, size, root, note }: SignedCheckpoint) {
  return { origin, size, root: toBase64(root), note };
}

export async function noteReading(
  { database }: Pick<Outside, 'database'>,
  caller: Caller,
  event: AuditEvent,
): Promise<void> {
  await database.transact(caller, (tx) => tx.log(event));
}
