import type { Id } from '../../domain/ids.ts';
import { findSignedText, putText } from '../core/signed-text.ts';
import type { Outside } from '../ports/outside.ts';
import type { Certificate } from './issue-certificate.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/** In the store too, where it outlives the database. */
export async function storeCertificate(
  outside: Needs,
  recordingId: Id,
  { text, signature }: Certificate,
): Promise<void> {
  await putText(outside, `certificates/${recordingId}.json`, text);
  await putText(outside, `certificates/${recordingId}.asc`, signature);
}

/** The certificate that the store has from before a restore, if the school's key signed it for this recording. */
export async function findStoredCertificate(outside: Needs, recordingId: Id): Promise<Certificate | null> {
  const found = await findSignedText(outside, `certificates/${recordingId}.json`, `certificates/${recordingId}.asc`);
  if (found === null) return null;
  const said = JSON.parse(found.text) as { kind?: string; recordingId?: string };
  return said.kind === 'emanet.erasure-certificate' && said.recordingId === recordingId ? found : null;
}
