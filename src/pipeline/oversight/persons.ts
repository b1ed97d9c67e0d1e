import type { PersonKind } from '../../domain/audit-event.ts';
import { type Reason, Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Caller, Database, Outside } from '../ports.ts';
import { integrateLog } from './integrate-log.ts';

/** Whom a pseudonym stands for. The name is null when the person's own row is gone. */
export interface KnownPerson {
  readonly pseudonym: string;
  readonly kind: PersonKind;
  readonly id: Id;
  readonly name: string | null;
}

/** Whose these pseudonyms are, as far as their keys exist. For auditors' eyes. Policy P11. */
export function resolvePersons(read: Database['read'], pseudonyms: readonly string[]): Promise<KnownPerson[]> {
  if (pseudonyms.length === 0) return Promise.resolve([]);
  return read.$queryRaw<KnownPerson[]>`
    SELECT k.pseudonym, k.kind, k.id, COALESCE(u.name, p.name, l."viewerName", i.name) AS name
      FROM person_key k
      LEFT JOIN "user" u ON k.kind = 'staff' AND u.id = k.id
      LEFT JOIN participant p ON p.id = CASE WHEN k.kind = 'participant' THEN k.id::uuid END
      LEFT JOIN viewer_link l ON l.id = CASE WHEN k.kind = 'viewer' THEN k.id::uuid END
      LEFT JOIN invitation i ON i.id = CASE WHEN k.kind = 'invitation' THEN k.id::uuid END
     WHERE k.pseudonym = ANY (${pseudonyms})`;
}

/** The pseudonyms of whoever has one of these ids; an id without a key has none. */
export async function pseudonymsOf(read: Database['read'], ids: readonly Id[]): Promise<Map<Id, string>> {
  if (ids.length === 0) return new Map();
  const rows = await read.personKey.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, pseudonym: true },
  });
  return new Map(rows.map(({ id, pseudonym }) => [id, pseudonym]));
}

/**
 * Erases the key of a person: their pseudonym stays on the log, every hash stays what it was, and nobody can tell any more
 * whose it is. Not of somebody who can still act, and not while a recording is kept that they are on the trail of: who saw it
 * has to be answered as long as it is there. Policy P4, P11.
 * @throws Refusal `NOT_FOUND`, `WRONG_STATE`; `reasons` name the recordings.
 */
export async function forgetPerson(
  outside: Pick<Outside, 'database' | 'logSigner'>,
  caller: Caller,
  person: { readonly kind: PersonKind; readonly id: Id },
): Promise<void> {
  const { database } = outside;
  await integrateLog(outside); // what has just happened is on their trail too
  await database.transact(caller, async (tx) => {
    const { kind, id } = person;
    const key = await tx.db.personKey.findUnique({ where: { kind_id: { kind, id } } });
    if (!key) throw new Refusal('NOT_FOUND');
    const why = await whyNeeded(tx.db, person);
    if (why) throw new Refusal('WRONG_STATE', { reasons: [{ ...why, subject: { kind, id } }] });
    const kept = await findKept(tx.db, key.pseudonym);
    if (kept.length > 0) throw new Refusal('WRONG_STATE', { reasons: kept });
    await tx.log({ action: 'person.forgotten', outcome: 'done', object: { kind: objectKinds[kind], id } });
    await tx.db.personKey.delete({ where: { kind_id: { kind, id } } });
  });
}

const objectKinds = { staff: 'staff', participant: 'participant', viewer: 'link', invitation: 'invitation' } as const;

async function whyNeeded(
  db: Pick<Database['read'], 'user' | 'recording' | 'viewerLink' | 'invitation'>,
  { kind, id }: { readonly kind: PersonKind; readonly id: Id },
) {
  if (kind === 'staff') {
    const account = await db.user.findUnique({ where: { id }, select: { disabledAt: true } });
    return account && account.disabledAt === null ? reasons.active : null;
  }
  const kept = { state: { not: 'erased' } } as const;
  if (kind === 'participant')
    return (await db.recording.count({ where: { ...kept, lesson: { participants: { some: { id } } } } })) > 0
      ? reasons.recorded
      : null;
  if (kind === 'viewer')
    return (await db.viewerLink.count({ where: { id, release: { recording: kept } } })) > 0 ? reasons.recorded : null;
  return (await db.invitation.count({ where: { id, acceptedAt: null, revokedAt: null } })) > 0 ? reasons.active : null;
}

/** More than anybody reads; the answer names the first of them. */
const mostListed = 1_000;

/** Recordings that are not erased and that an entry naming this person is about, or about the lesson of. */
async function findKept(db: Pick<Database['read'], '$queryRaw'>, pseudonym: string): Promise<Reason[]> {
  const rows = await db.$queryRaw<{ id: Id; title: string; day: string }[]>`
    SELECT r.id, l.title, to_char(l."plannedStart", 'YYYY-MM-DD') AS day
      FROM recording r JOIN lesson l ON l.id = r."lessonId"
     WHERE r.state <> 'erased'
       AND (r.id::text IN (SELECT e.recording_id FROM audit_mention m JOIN audit_entry e USING (seq)
                            WHERE m.person = ${pseudonym})
         OR l.id::text IN (SELECT e.lesson_id FROM audit_mention m JOIN audit_entry e USING (seq)
                            WHERE m.person = ${pseudonym}))
     ORDER BY l."plannedStart", r.id LIMIT ${mostListed}`;
  return rows.map(({ id, title, day }) => ({
    code: 'ON_THE_TRAIL',
    subject: { kind: 'recording', id },
    tr: `“${title}” dersinin (${day}) kaydı hâlâ saklanıyor ve bu kişi onun izinde geçiyor: önce kayıt silinmeli.`,
    en: `The recording of “${title}” (${day}) is still kept, and this person is on its trail: it has to be erased first.`,
  }));
}

const reasons = {
  active: {
    code: 'ACCOUNT_ACTIVE',
    tr: 'Hesap hâlâ açık: önce kapatın.',
    en: 'The account can still be used: disable it first.',
  },
  recorded: {
    code: 'RECORDING_KEPT',
    tr: 'Bu kişinin yer aldığı ya da izlediği bir kayıt hâlâ saklanıyor: önce kayıt silinmeli.',
    en: 'A recording with this person, or that they may watch, is still kept: it has to be erased first.',
  },
} as const;
