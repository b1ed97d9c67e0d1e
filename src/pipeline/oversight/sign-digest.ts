import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import { signDetached } from '../../vault/sign.ts';
import type { Caller, Outside } from '../ports.ts';
import { ownKey } from './audit-log.ts';
import { integrateLog } from './integrate-log.ts';
import { keep } from './publish-log.ts';

type Needs = Pick<Outside, 'database' | 'logSigner' | 'objects' | 'keyring' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'digest' } };
const dayMs = 24 * 60 * 60_000;

/**
 * Once a day (UTC), for the day before: a file that holds the newest checkpoint, how many entries that day had and the digest
 * of the file before, signed with the school's OpenPGP key. It lies under `log/digests/` in the store and is mailed to the
 * auditor when there is an address: a copy that nobody here can take back. Returns whether it was made now. Policy P4.
 */
export async function signDailyDigest(outside: Needs): Promise<boolean> {
  const { database, clock, settings, keyring } = outside;
  const day = new Date(clock().getTime() - dayMs).toISOString().slice(0, 10);
  const id = `log:${day}`;
  if (await database.read.sentDigest.findUnique({ where: { id } })) return false;
  const checkpoint = await integrateLog(outside);
  const next = new Date(Date.parse(`${day}T00:00:00Z`) + dayMs).toISOString().slice(0, 10);
  const entries = await database.read.auditEntry.count({ where: { at: { gte: `${day}T`, lt: `${next}T` } } });
  const [signer] = keyring.openingKeys;
  if (!signer) throw new Error('there is no vault key to sign the digest with');
  const text = `${canonicalJson({
    format: 'emanet-log-digest',
    v: 1,
    day,
    entries,
    checkpoint: checkpoint.note,
    key: ownKey(outside),
    previous: await findPrevious(outside),
    signedBy: signer.fingerprint,
  })}\n`;
  const signature = await signDetached(text, signer);
  await keep(outside, `digests/${day}.json`, Buffer.from(text, 'utf8'));
  await keep(outside, `digests/${day}.json.asc`, Buffer.from(signature, 'utf8'));
  return database.transact(caller, async (tx) => {
    const { count } = await tx.db.sentDigest.createMany({ data: [{ id, sentAt: clock() }], skipDuplicates: true });
    if (count === 0) return false;
    const sha256 = createHash('sha256').update(text).digest('hex');
    await tx.log({ action: 'audit.digest_signed', outcome: 'done', details: { day, size: checkpoint.size, sha256 } });
    if (settings.auditorMail !== null && settings.sendsMail)
      await tx.enqueue('send-mail', {
        to: settings.auditorMail,
        subject: `Emanet: ${day}`,
        text: [letter, checkpoint.note, text, signature].join('\n'),
      });
    return true;
  });
}

const letter = `TR: Günlüğün o günkü mührü. Bu iletiyi saklayın: mührü bir dosyaya koyun ve günlüğü onunla denetleyin
(emanet-verify GÜNLÜK --checkpoint DOSYA). Mühürden sonraki JSON, günün özetidir; altında okulun OpenPGP imzası durur.
EN: The checkpoint of the log on that day. Keep this mail: put the checkpoint into a file and verify the log against it
(emanet-verify LOG --checkpoint FILE). The JSON behind it is the digest of the day, with the school's OpenPGP signature.
`;

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
