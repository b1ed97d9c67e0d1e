import { createHash } from 'node:crypto';
import type { AuditEntry } from '../../audit/entry.ts';
import type { Id } from '../../domain/ids.ts';
import type { ScrubFault } from '../../domain/integrity.ts';
import { lend } from '../../domain/memory.ts';
import { openEnvelope } from '../../vault/envelope.ts';
import { KeyRefused, VaultCorrupt } from '../../vault/errors.ts';
import { openMedia } from '../../vault/open.ts';
import { keyCommitment } from '../../vault/seal.ts';
import { openLock } from '../core/envelope-lock.ts';
import type { SealedRow } from '../core/sealed-object.ts';
import { settleCopy } from '../keys/rewrap-envelopes.ts';
import { ObjectMissing } from '../ports/object-store.ts';
import type { Outside } from '../ports/outside.ts';
import { integrateLog } from './integrate-log.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner'>;

export interface Found {
  readonly code: ScrubFault;
  readonly detail: string;
}

export interface ScrubbedRow extends SealedRow {
  readonly id: Id;
  readonly bodySha256: string;
  /** Of what the log names when it says how the object was sealed. */
  readonly ownerId: Id | null;
}

/**
 * Reads one sealed object to its end: every tag, the final tag, the packet, both digests, the commitment to the key, the
 * envelope's copy in the store, and all of it against what the log says. Null when it is whole. `pace` is told of every
 * byte and slows the reading down. Silence of the store is not a finding: it propagates.
 */
export async function scrubObject(
  outside: Needs,
  stored: ScrubbedRow,
  pace: (bytes: number) => Promise<void>,
  signal: AbortSignal,
): Promise<Found | null> {
  try {
    const row = { ...stored, envelope: await openLock(outside.keyring, stored), epoch: 0 };
    return (
      (await compareWithLog(outside, row)) ??
      (await compareEnvelope(outside, row)) ??
      (await readBody(outside, row, pace, signal))
    );
  } catch (error) {
    if (error instanceof VaultCorrupt) return { code: error.code, detail: error.message };
    if (error instanceof KeyRefused && error.code === 'EPOCH_GONE') return { code: error.code, detail: error.message };
    if (error instanceof KeyRefused) return { code: 'NOT_A_RECIPIENT', detail: error.message };
    if (error instanceof ObjectMissing) return { code: 'BODY_MISSING', detail: 'the store has no such body' };
    throw error;
  }
}

/** The entry that bound the object when it was sealed; what was logged of its envelope last counts for the envelope. */
async function compareWithLog(outside: Needs, row: ScrubbedRow): Promise<Found | null> {
  if (row.ownerId === null) return null;
  // What was logged a moment ago can only be found once it has its place.
  await integrateLog(outside);
  const { database } = outside;
  const entries = await database.read.$queryRaw<{ seq: bigint; canonical: string }[]>`
    SELECT seq, canonical FROM audit_entry JOIN audit_arrival USING (arrival)
    WHERE object_id = ${row.ownerId} AND canonical::jsonb #>> '{details,sealedId}' = ${row.id} ORDER BY seq`;
  // Wrapped for other keys since: the entry of a whole batch names the envelopes of many.
  const rewraps = await database.read.$queryRaw<{ seq: bigint; sha256: string }[]>`
    SELECT seq, canonical::jsonb #>> ARRAY['details', 'envelopes', ${row.id}] AS sha256
    FROM audit_entry JOIN audit_arrival USING (arrival) WHERE action = 'keys.rewrapped' AND strpos(canonical, ${row.id}) > 0
      AND canonical::jsonb #>> ARRAY['details', 'envelopes', ${row.id}] IS NOT NULL ORDER BY seq DESC LIMIT 1`;
  const said = entries.map(({ canonical }) => (JSON.parse(canonical) as AuditEntry).details ?? {});
  const sealed = said.find((details) => details.commitment !== undefined);
  if (!sealed) return { code: 'NOT_ON_THE_LOG', detail: 'no entry says how it was sealed' };
  const boundAt = said.findLastIndex((details) => details.envelopeSha256 !== undefined);
  const rewrap = rewraps.find(({ seq }) => seq > (entries[boundAt]?.seq ?? -1n));
  const envelopeSha256 = rewrap?.sha256 ?? said[boundAt]?.envelopeSha256;
  const pairs: [string, unknown, unknown][] = [
    ['salt', sealed.salt, Buffer.from(row.salt).toString('hex')],
    ['chunk octet', sealed.chunkOctet, row.chunkOctet],
    ['length of the body', sealed.bodyBytes, Number(row.bodyBytes)],
    ['digest of the body', sealed.bodySha256, row.bodySha256],
    ['commitment', sealed.commitment, row.commitment],
    ['digest of the envelope', envelopeSha256, row.envelopeSha256],
  ];
  const differing = pairs.filter(([, logged, stored]) => logged !== stored).map(([name]) => name);
  return differing.length === 0
    ? null
    : { code: 'LOG_DIFFERS', detail: `the log says another ${differing.join(', ')}` };
}

async function compareEnvelope(outside: Needs, row: ScrubbedRow): Promise<Found | null> {
  const { objects } = outside;
  const pieces: Buffer[] = [];
  try {
    // One byte more than there should be, to see whether something follows.
    const range = { start: 0, end: row.envelope.length + 1 };
    for await (const piece of await objects.get(row.bodyKey.replace(/body$/, 'envelope'), range)) pieces.push(piece);
  } catch (error) {
    if (error instanceof ObjectMissing) return { code: 'ENVELOPE_MISSING', detail: 'the store has no envelope' };
    throw error;
  }
  const envelope = Buffer.concat(pieces);
  if (envelope.equals(row.envelope)) return null;
  const isOurs = await wrapsTheSame(outside, row, envelope);
  // While keys are rotated the copy is written before the row.
  if (isOurs && (await outside.database.read.rewrapRun.count({ where: { finishedAt: null } })) > 0) return null;
  // Left by a rotation that was killed, or damaged in part. The row's is the one that the log names.
  if (isOurs) await settleCopy(outside, row);
  const remedy = isOurs ? '; it was written again' : '';
  return {
    code: 'ENVELOPE_DIFFERS',
    detail: `the envelope in the store is not the one in the database${remedy}`,
  };
}

/** Whether an envelope opens to the session key that the row is bound to. */
async function wrapsTheSame({ keyring }: Needs, row: ScrubbedRow, envelope: Buffer): Promise<boolean> {
  try {
    const opened = await openEnvelope(envelope, keyring.openingKeys);
    const isSame = keyCommitment(opened.sessionKey) === row.commitment;
    opened.sessionKey.fill(0);
    return isSame && Buffer.compare(opened.salt, row.salt) === 0 && opened.chunkOctet === row.chunkOctet;
  } catch (error) {
    if (error instanceof VaultCorrupt || error instanceof KeyRefused) return false;
    throw error;
  }
}

async function readBody(
  outside: Needs,
  row: ScrubbedRow,
  pace: (bytes: number) => Promise<void>,
  signal: AbortSignal,
): Promise<Found | null> {
  const bodyBytes = Number(row.bodyBytes);
  const stored = await outside.objects.head(row.bodyKey);
  if (stored === null) throw new ObjectMissing(row.bodyKey);
  if (stored.bytes !== bodyBytes)
    return { code: 'LENGTH', detail: `the store has ${stored.bytes} bytes in place of ${bodyBytes}` };
  const hash = createHash('sha256');
  let hashed = 0;
  const fetch = async function* (start: number, end: number, fetchSignal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const options = fetchSignal ? { signal: fetchSignal } : {};
    let at = start;
    for await (const piece of await outside.objects.get(row.bodyKey, { start, end }, options)) {
      // Pieces in order go into the digest on their way; whatever is read in another order is read again below.
      if (at === hashed) {
        hash.update(piece);
        hashed += piece.length;
      }
      at += piece.length;
      await pace(piece.length);
      yield piece;
    }
  };
  const media = await openMedia({
    envelope: row.envelope,
    privateKeys: outside.keyring.openingKeys,
    bodyBytes,
    mediaBytes: Number(row.mediaBytes),
    framing: row.framing,
    fetch,
    expected: {
      envelopeSha256: row.envelopeSha256,
      salt: row.salt,
      chunkOctet: row.chunkOctet,
      commitment: row.commitment,
    },
    signal,
  });
  try {
    for await (const _ of lend(media.read(0, media.bytes, signal))) signal.throwIfAborted();
  } finally {
    media.close();
  }
  // The final tag at least: opening reads it first.
  for await (const _ of fetch(hashed, bodyBytes, signal)) signal.throwIfAborted();
  if (hashed === bodyBytes && hash.digest('hex') === row.bodySha256) return null;
  return { code: 'BODY_DIGEST', detail: 'the body is not the one whose digest was noted' };
}
