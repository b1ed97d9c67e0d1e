import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { isLanguage, languageTags } from '../../domain/language.ts';
import type { Outside } from '../ports/outside.ts';

export type Person = Awaited<ReturnType<typeof getPerson>>;

/** An account as the API shows it. @throws Refusal `NOT_FOUND`. */
export async function getPerson(database: Pick<Outside['database'], 'read'>, userId: Id) {
  const [row] = await accounts(database, userId);
  if (!row) throw new Refusal('NOT_FOUND');
  return toPerson(row);
}

/** Everybody with an account, by name. */
export async function listPeople({ database }: Pick<Outside, 'database'>) {
  return (await accounts(database, null)).map(toPerson);
}

interface AccountRow {
  readonly id: Id;
  readonly name: string;
  readonly email: string;
  readonly roles: StaffRole[];
  readonly language: string;
  readonly disabledAt: Date | null;
  readonly providedAt: Date | null;
  readonly emergencyAt: Date | null;
  readonly secondFactor: boolean;
  readonly hasIdentity: boolean;
}

/** One query, since every request asks who is behind it. Null: everybody. */
const accounts = (database: Pick<Outside['database'], 'read'>, userId: Id | null): Promise<AccountRow[]> =>
  database.read.$queryRaw<AccountRow[]>`
    SELECT u.id, u.name, account.email, u.roles::text[] AS roles, u.language,
      u."disabledAt", u."providedAt", u."emergencyAt",
      EXISTS (SELECT FROM authenticator a WHERE a."accountId" = u.id AND a.secret IS NOT NULL)
        OR EXISTS (SELECT FROM passkey p WHERE p."accountId" = u.id) AS "secondFactor",
      EXISTS (SELECT FROM external_identity e WHERE e."accountId" = u.id) AS "hasIdentity"
    FROM "user" u JOIN account ON account.id = u.id
    WHERE ${userId}::text IS NULL OR u.id = ${userId}
    ORDER BY u.name`;

function toPerson({ language, providedAt, emergencyAt, hasIdentity, ...row }: AccountRow) {
  return {
    ...row,
    language: isLanguage(language) ? language : languageTags[0],
    ofProvider: hasIdentity || providedAt !== null,
    rolesOfProvider: providedAt !== null,
    isEmergency: emergencyAt !== null,
  };
}
