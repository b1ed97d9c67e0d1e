import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { signDetached } from '../../vault/sign.ts';
import type { Caller, Outside } from '../ports.ts';
import { findSignedText, putText, type SignedText, signingKey } from '../signed-text.ts';
import type { ErasedObject } from './erase-recording.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>;

/** Canonical JSON (RFC 8785): these very bytes are what the signature is over. */
export type Certificate = SignedText;

/** What stays on purpose, and why. */
const kept = [
  { what: 'audit_trail', why: 'who did and saw what has to stay verifiable; people stand in it by identifier' },
  { what: 'permission_record', why: 'shows that the recording was permitted while it was kept' },
  { what: 'segment_times_and_decisions', why: 'shows what was decided; what was heard and seen in them is removed' },
  { what: 'this_certificate_and_tombstone', why: 'erases the recording again when a backup brings it back' },
];

/** Puts the certificate of an erasure into words and signs it. Policy P4. */
export async function issueCertificate(
  outside: Needs,
  erasure: {
    recordingId: Id;
    lessonId: Id;
    why: string;
    note: string | null;
    byKind: string;
    byId: string | null;
    startedAt: Date;
    previous: string | null;
  },
  objects: readonly ErasedObject[],
): Promise<Certificate> {
  const { database, clock } = outside;
  const school = await database.read.school.findFirst({ orderBy: { createdAt: 'asc' } });
  const key = signingKey(outside);
  const held = objects.filter((object) => object.held);
  const envelopes = objects.filter((object) => object.part === 'envelope');
  const isReadable = envelopes.some((object) => object.goneAt === null);
  const lastGone = envelopes
    .map((object) => object.goneAt ?? '')
    .toSorted()
    .at(-1);
  const text = canonicalJson({
    kind: 'emanet.erasure-certificate',
    v: 1,
    school: school?.name ?? null,
    recordingId: erasure.recordingId,
    lessonId: erasure.lessonId,
    why: erasure.why,
    note: erasure.note,
    by: { kind: erasure.byKind, id: erasure.byId },
    erasedAt: erasure.startedAt.toISOString(),
    issuedAt: clock().toISOString(),
    // Without an envelope the body is noise, for us too.
    unreadableSince: isReadable ? null : lastGone || erasure.startedAt.toISOString(),
    objects: objects.map((object) => ({ ...object })),
    heldByStore:
      held.length === 0
        ? null
        : {
            objects: held.length,
            until: held.some((object) => object.heldUntil === null)
              ? null
              : held
                  .map((object) => object.heldUntil!)
                  .toSorted()
                  .at(-1)!,
          },
    kept,
    notReached: ['backups and copies made before the erasure, outside this database and this store'],
    supersedes: erasure.previous === null ? null : sha256(erasure.previous),
    signedBy: key.fingerprint,
  });
  return { text, signature: await signDetached(text, key) };
}

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

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
