import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import { readCheckpoint } from '../../audit/checkpoint.ts';
import { signDetached } from '../../vault/sign.ts';
import { claimOnce } from '../core/claim-once.ts';
import { findSignedText, putText, type SignedText, signingKey } from '../core/signed-text.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { integrateLog } from './integrate-log.ts';
import { ownKey } from './note-reading.ts';
import { lockInMirror, mirrorPrefix } from './publish-log.ts';

type Needs = Pick<Outside, 'database' | 'logSigner' | 'objects' | 'keyring' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'digest' } };
const dayMs = 24 * 60 * 60_000;

/** Queues the digest of yesterday when it is not there yet. */
export async function beginDigestWhenDue({ database, clock }: Pick<Needs, 'database' | 'clock'>): Promise<boolean> {
  if (await database.read.sentDigest.findFirst({ where: { id: idOf(yesterday(clock())) } })) return false;
  await database.transact(caller, (tx) => tx.enqueue('sign-digest', {}, { key: 'digest', queue: 'digest' }));
  return true;
}

/**
 * Once a day (UTC), for the day before: a file that holds the newest checkpoint, how many entries that day had and the
 * digest of the file before, signed with the school's OpenPGP key. It lies under `log/digests/` in the store and is
 * mailed to the auditor when there is an address: a copy that nobody here can take back. The queue lets only one of
 * these run at a time; a run resumes what an interrupted one left in the store. Returns whether the digest was made
 * now. Policy P4.
 */
export async function signDailyDigest(outside: Needs): Promise<boolean> {
  const { database, clock, settings } = outside;
  const day = yesterday(clock());
  if (await database.read.sentDigest.findFirst({ where: { id: idOf(day) } })) return false;
  const { text, signature } = await storeDigest(outside, day);
  const { checkpoint } = JSON.parse(text) as { checkpoint: string };
  return database.transact(caller, async (tx) => {
    if (!(await claimOnce(tx, idOf(day), clock()))) return false;
    const sha256 = createHash('sha256').update(text).digest('hex');
    const { size } = readCheckpoint(checkpoint);
    await tx.log({ action: 'audit.digest_signed', outcome: 'done', details: { day, size, sha256 } });
    if (settings.auditorMail !== null && settings.sendsMail)
      await tx.enqueue('send-mail', {
        to: settings.auditorMail,
        language: null,
        mail: { kind: 'log_digest', day, enclosed: [checkpoint, text, signature] },
      });
    return true;
  });
}

async function storeDigest(outside: Needs, day: string): Promise<SignedText> {
  const path = `digests/${day}.json`;
  const keys = [`${mirrorPrefix}${path}`, `${mirrorPrefix}${path}.asc`] as const;
  const stored = await findSignedText(outside, ...keys);
  const { text, signature } = stored ?? (await writeDigest(outside, day));
  if (!stored) {
    await putText(outside, keys[0], text);
    await putText(outside, keys[1], signature);
  }
  await lockInMirror(outside, path);
  await lockInMirror(outside, `${path}.asc`);
  return { text, signature };
}

async function writeDigest(outside: Needs, day: string): Promise<SignedText> {
  const checkpoint = await integrateLog(outside);
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
  const entries = await outside.database.read.auditEntry.count({ where: { at: { gte: `${day}T`, lt: `${next}T` } } });
  const key = signingKey(outside);
  const text = `${canonicalJson({
    format: 'emanet-log-digest',
    v: 1,
    day,
    entries,
    checkpoint: checkpoint.note,
    key: ownKey(outside),
    previous: await findPrevious(outside),
    signedBy: key.fingerprint,
  })}\n`;
  return { text, signature: await signDetached(text, key) };
}

const idOf = (day: string) => `log:${day}`;
const yesterday = (now: Date) => new Date(now.getTime() - dayMs).toISOString().slice(0, 10);

/** The digest before, as the log itself says: so a missing one is missed. */
async function findPrevious({ database }: Needs): Promise<{ day: string; sha256: string } | null> {
  const row = await database.read.auditEntry.findFirst({
    where: { action: 'audit.digest_signed' },
    orderBy: { seq: 'desc' },
    include: { text: { select: { canonical: true } } },
  });
  if (!row) return null;
  const { day, sha256 } = (JSON.parse(row.text.canonical) as { details: { day: string; sha256: string } }).details;
  return { day, sha256 };
}
