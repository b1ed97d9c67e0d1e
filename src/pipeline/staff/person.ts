import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import { isLanguage, languageTags } from '../../domain/language.ts';
import type { Outside } from '../ports/outside.ts';

export type Person = Awaited<ReturnType<typeof getPerson>>;

const withFactors = {
  account: {
    select: {
      email: true,
      authenticator: { select: { secret: true } },
      identity: { select: { createdAt: true } },
      _count: { select: { passkeys: true } },
    },
  },
} as const;

/** An account as the API shows it. @throws Refusal `NOT_FOUND`. */
export async function getPerson(database: Pick<Outside['database'], 'read'>, userId: Id) {
  const row = await database.read.user.findFirst({ where: { id: userId }, include: withFactors });
  if (!row) throw new Refusal('NOT_FOUND');
  return toPerson(row);
}

/** Everybody with an account, by name. */
export async function listPeople({ database }: Pick<Outside, 'database'>) {
  return (await database.read.user.findMany({ orderBy: { name: 'asc' }, include: withFactors })).map(toPerson);
}

function toPerson(row: {
  id: Id;
  name: string;
  roles: StaffRole[];
  language: string;
  disabledAt: Date | null;
  providedAt: Date | null;
  emergencyAt: Date | null;
  account: {
    email: string;
    authenticator: { secret: Uint8Array | null } | null;
    identity: object | null;
    _count: { passkeys: number };
  };
}) {
  return {
    id: row.id,
    name: row.name,
    email: row.account.email,
    roles: row.roles,
    secondFactor: row.account.authenticator?.secret != null || row.account._count.passkeys > 0,
    language: isLanguage(row.language) ? row.language : languageTags[0],
    disabledAt: row.disabledAt,
    ofProvider: row.account.identity !== null || row.providedAt !== null,
    rolesOfProvider: row.providedAt !== null,
    isEmergency: row.emergencyAt !== null,
  };
}
