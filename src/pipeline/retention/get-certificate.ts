import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

/**
 * The certificate with what a stranger needs to verify it. That it was read is on the log.
 * @throws Refusal `NOT_FOUND` for a recording that is not erased, `ERASURE_NOT_FINISHED`.
 */
export async function getCertificate(outside: Pick<Outside, 'database' | 'keyring'>, caller: Caller, recordingId: Id) {
  const row = await outside.database.read.erasure.findUnique({
    where: { recordingId },
    include: { recording: { select: { lessonId: true } } },
  });
  if (!row) throw new Refusal('NOT_FOUND');
  const { certificate, signature } = row;
  if (certificate === null || signature === null) throw new Refusal('ERASURE_NOT_FINISHED');
  const { lessonId } = row.recording;
  await outside.database.transact(caller, (tx) =>
    tx.log({
      action: 'certificate.read',
      outcome: 'done',
      object: { kind: 'recording', id: recordingId, recordingId, lessonId },
    }),
  );
  const { signedBy } = JSON.parse(certificate) as { signedBy: string };
  const signer = outside.keyring.verifyingKeys.find(({ fingerprint }) => fingerprint === signedBy);
  return { certificate, signature, signedBy, publicKey: signer?.key.toPublic().armor() ?? null };
}
