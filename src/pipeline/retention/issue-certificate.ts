import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import type { Id } from '../../domain/ids.ts';
import { signDetached } from '../../vault/sign.ts';
import { type SignedText, signingKey } from '../core/signed-text.ts';
import type { Outside } from '../ports/outside.ts';
import type { ErasedObject } from './begin-erasure.ts';

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
            until: held.map(({ heldUntil }) => heldUntil).reduce(later),
          },
    kept,
    notReached: ['backups and copies made before the erasure, outside this database and this store'],
    supersedes: erasure.previous === null ? null : sha256(erasure.previous),
    signedBy: key.fingerprint,
  });
  return { text, signature: await signDetached(text, key) };
}

/** Null: it is not known until when. */
const later = (a: string | null, b: string | null): string | null => {
  if (a === null || b === null) return null;
  return a > b ? a : b;
};

function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}
