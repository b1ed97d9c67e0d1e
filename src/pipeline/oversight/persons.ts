import type { PersonKind } from '../../domain/audit-event.ts';
import type { Id } from '../../domain/ids.ts';
import type { Reason } from '../../domain/reason.ts';
import type { Database } from '../ports/database.ts';

export const objectKinds = {
  staff: 'staff',
  participant: 'participant',
  viewer: 'link',
  invitation: 'invitation',
  person: 'person',
  signer: 'signer_link',
} as const satisfies Record<PersonKind, string>;

export async function whyNeeded(
  db: Pick<Database['read'], 'user' | 'recording' | 'viewerLink' | 'invitation' | 'person' | 'signerLink'>,
  { kind, id }: { readonly kind: PersonKind; readonly id: Id },
) {
  if (kind === 'staff') {
    const account = await db.user.findFirst({ where: { id }, select: { disabledAt: true } });
    return account && account.disabledAt === null ? reasons.active : null;
  }
  const kept = { state: { not: 'erased' } } as const;
  if (kind === 'participant')
    return (await db.recording.count({ where: { ...kept, lesson: { course: { participants: { some: { id } } } } } })) >
      0
      ? reasons.recorded
      : null;
  if (kind === 'person')
    return (await db.person.count({ where: { id, erasedAt: null } })) > 0 ? reasons.onRecord : null;
  if (kind === 'signer')
    return (await db.signerLink.count({ where: { id, revokedAt: null } })) > 0 ? reasons.onRecord : null;
  if (kind === 'viewer')
    return (await db.viewerLink.count({ where: { id, release: { recording: kept } } })) > 0 ? reasons.recorded : null;
  return (await db.invitation.count({ where: { id, acceptedAt: null, revokedAt: null } })) > 0 ? reasons.active : null;
}

/** Maximum number of recordings that the answer names: the first of them. */
const mostListed = 1_000;

/** Recordings that are not erased and that an entry naming this person is about, or about the lesson of. */
export async function findKept(db: Pick<Database['read'], '$queryRaw'>, pseudonym: string): Promise<Reason[]> {
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
    params: { title, day },
  }));
}

export const reasons = {
  active: { code: 'ACCOUNT_ACTIVE' },
  recorded: { code: 'RECORDING_KEPT' },
  onRecord: { code: 'PERSON_ON_RECORD' },
} as const;
