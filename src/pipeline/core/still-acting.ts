import { Refusal } from '../../domain/errors.ts';
import type { Id, StaffRole } from '../../domain/ids.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * Whether the caller may still act: the account is enabled, the session or token of the request is still in force, and
 * the caller still has a role that the request needs. Asked before anything begins and then every second, as the gate
 * is, so that disabling somebody, taking a role away and ending a session stop what is running. Policy P9, P10. Null:
 * yes. A caller without standing (a viewer, the system) is not checked here.
 */
export async function whyNotActing(outside: Needs, caller: Caller): Promise<Refusal | null> {
  return (await areActing(outside, [caller])).get(caller)?.refusal ?? null;
}

/** What is known of a caller at the moment. */
export interface Acting {
  readonly refusal: Refusal | null;
  /** When the caller's session was last used; null: it has none. */
  readonly seenAt: Date | null;
}

/** The same for many at once, by at most two queries. */
export async function areActing(outside: Needs, callers: readonly Caller[]): Promise<Map<Caller, Acting>> {
  const found = new Map<Caller, Acting>();
  const runners = callers.filter(({ runnerId }) => runnerId !== undefined);
  const staff = callers.filter(({ actor, standing, runnerId }) => !runnerId && standing && actor.kind === 'staff');
  if (runners.length > 0) {
    const enabled = await enabledRunners(outside, runners);
    for (const runner of runners)
      found.set(runner, { refusal: enabled.has(runner.runnerId) ? null : notSignedIn(), seenAt: null });
  }
  if (staff.length > 0)
    for (const { n, ...row } of await standingsOf(outside, staff)) {
      const caller = staff[n];
      if (caller) found.set(caller, { refusal: refusalOf(caller, row), seenAt: row.seenAt });
    }
  return found;
}

const notSignedIn = () => new Refusal('NOT_SIGNED_IN');

async function enabledRunners({ database }: Needs, runners: readonly Caller[]): Promise<ReadonlySet<Id | undefined>> {
  const ids = runners.flatMap(({ runnerId }) => runnerId ?? []);
  const where = { id: { in: ids }, disabledAt: null };
  return new Set((await database.read.runner.findMany({ where, select: { id: true } })).map(({ id }) => id));
}

interface StandingRow {
  readonly isEnabled: boolean;
  readonly isOpen: boolean;
  readonly roles: readonly StaffRole[] | null;
  readonly seenAt: Date | null;
}

/** One row for each of `callers`, which is the `n`th of them. */
function standingsOf({ database, clock }: Needs, callers: readonly Caller[]): Promise<(StandingRow & { n: number })[]> {
  const asked = callers.map(({ actor, standing }, n) => ({
    n,
    person: actor.kind === 'staff' ? actor.id : null,
    session: standing?.sessionId ?? null,
    token: standing?.tokenId ?? null,
  }));
  const at = clock();
  return database.read.$queryRaw<(StandingRow & { n: number })[]>`
    SELECT asked.n, u.id IS NOT NULL AND u."disabledAt" IS NULL AS "isEnabled", u.roles::text[] AS roles,
      s.id IS NOT NULL OR t.id IS NOT NULL AS "isOpen", s."seenAt"
    FROM jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) AS asked(n int, person text, session uuid, token uuid)
    LEFT JOIN "user" u ON u.id = asked.person
    LEFT JOIN session s ON s.id = asked.session AND s."userId" = asked.person AND s."expiresAt" > ${at}
    LEFT JOIN api_token t ON t.id = asked.token AND t."userId" = asked.person
      AND t."revokedAt" IS NULL AND t."expiresAt" > ${at}`;
}

function refusalOf({ standing }: Caller, { isEnabled, isOpen, roles }: StandingRow): Refusal | null {
  if (!isEnabled || !isOpen) return notSignedIn();
  const needed = standing?.roles ?? null;
  return needed === null || roles?.some((role) => needed.includes(role)) ? null : new Refusal('NOT_ALLOWED');
}

/**
 * For a thing that outlives the request: an invitation, a token, a link, a release. Holds the account's row until the
 * transaction ends. So if a person hands it out while they are being disabled, it is either refused, or found by the
 * use case that disables them.
 * @throws Refusal `NOT_SIGNED_IN`, `NOT_ALLOWED`.
 */
export async function assertStillActing(tx: Transaction, { actor, standing }: Caller): Promise<void> {
  if (!standing || actor.kind !== 'staff') return;
  const [user] = await tx.db.$queryRaw<{ disabled: boolean; roles: string[] }[]>`
    SELECT "disabledAt" IS NOT NULL AS disabled, roles::text[] AS roles FROM "user" WHERE id = ${actor.id} FOR SHARE`;
  if (!user || user.disabled) throw new Refusal('NOT_SIGNED_IN');
  const { roles } = standing;
  if (roles !== null && !user.roles.some((role) => (roles as readonly string[]).includes(role)))
    throw new Refusal('NOT_ALLOWED');
}
