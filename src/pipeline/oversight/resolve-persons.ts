import type { PersonKind } from '../../domain/audit-event.ts';
import type { Id } from '../../domain/ids.ts';
import type { Database } from '../ports/database.ts';

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
    SELECT k.pseudonym, k.kind, k.id, COALESCE(u.name, p.name, l."viewerName", i.name, o.name, q.name, c.contact) AS name
      FROM person_key k
      LEFT JOIN "user" u ON k.kind = 'staff' AND u.id = k.id
      LEFT JOIN participant t ON t.id = CASE WHEN k.kind = 'participant' THEN k.id::uuid END
      LEFT JOIN person p ON p.id = t."personId"
      LEFT JOIN viewer_link l ON l.id = CASE WHEN k.kind = 'viewer' THEN k.id::uuid END
      LEFT JOIN person o ON o.id = CASE WHEN k.kind = 'person' THEN k.id::uuid END
      LEFT JOIN signer_link s ON s.id = CASE WHEN k.kind = 'signer' THEN k.id::uuid END
      LEFT JOIN person q ON q.id = s."personId"
      LEFT JOIN site c ON c.id = s."siteId"
      LEFT JOIN invitation i ON i.id = CASE WHEN k.kind = 'invitation' THEN k.id::uuid END
     WHERE k.pseudonym = ANY (${pseudonyms})`;
}

/** The pseudonyms of the persons with these ids; an id without a key has none. */
export async function pseudonymsOf(read: Database['read'], ids: readonly Id[]): Promise<Map<Id, string>> {
  if (ids.length === 0) return new Map();
  const rows = await read.personKey.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, pseudonym: true },
  });
  return new Map(rows.map(({ id, pseudonym }) => [id, pseudonym]));
}
