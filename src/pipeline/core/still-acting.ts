import { Refusal } from '../../domain/errors.ts';
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
export async function whyNotActing(
  { database, clock }: Needs,
  { actor, standing, runnerId }: Caller,
): Promise<Refusal | null> {
  if (runnerId !== undefined) {
    const runner = await database.read.runner.findUnique({ where: { id: runnerId }, select: { disabledAt: true } });
    return runner?.disabledAt === null ? null : new Refusal('NOT_SIGNED_IN');
  }
  if (!standing || actor.kind !== 'staff') return null;
  const { sessionId, tokenId, roles } = standing;
  const at = clock();
  const user = await database.read.user.findFirst({
    where: { id: actor.id },
    select: {
      disabledAt: true,
      roles: true,
      sessions: { where: { id: sessionId ?? noId, expiresAt: { gt: at } }, select: { id: true } },
      apiTokens: {
        where: { id: tokenId ?? noId, revokedAt: null, expiresAt: { gt: at } },
        select: { id: true },
      },
    },
  });
  if (!user || user.disabledAt !== null) return new Refusal('NOT_SIGNED_IN');
  if (user.sessions.length + user.apiTokens.length === 0) return new Refusal('NOT_SIGNED_IN');
  if (roles !== null && !user.roles.some((role) => roles.includes(role))) return new Refusal('NOT_ALLOWED');
  return null;
}

const noId = '00000000-0000-0000-0000-000000000000';

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
