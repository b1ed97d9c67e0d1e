import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const shown = { id: true, name: true, createdAt: true, lastUsedAt: true, revokedAt: true } as const;

/**
 * Makes a token with which the provider provisions the staff of this school; it is returned once, only its digest is kept.
 * @throws Refusal `WRONG_STATE` `PROVIDER_OFF`: without OIDC_ROLES no group would give a role.
 */
export async function createScimToken(
  { database, clock, signOn }: Needs & Pick<Outside, 'signOn'>,
  caller: Caller,
  { name }: { readonly name: string },
) {
  if (signOn === null) throw new Refusal('WRONG_STATE', { reasons: [{ code: 'PROVIDER_OFF' }] });
  const token = `ems_${randomBytes(32).toString('base64url')}`;
  const row = await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const data = { name, tokenDigest: digestToken(token), createdById: staffIdOf(caller), createdAt: clock() };
    const created = await tx.db.scimToken.create({ data, select: shown });
    await tx.log({ action: 'scim.token_created', outcome: 'done', object: { kind: 'token', id: created.id } });
    return created;
  });
  return { ...row, token };
}

export const listScimTokens = ({ database }: Needs) =>
  database.read.scimToken.findMany({ orderBy: { createdAt: 'desc' }, select: shown });

/** @throws Refusal `NOT_FOUND`. */
export async function revokeScimToken({ database, clock }: Needs, caller: Caller, id: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const { count } = await tx.db.scimToken.updateMany({
      where: { id, revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await tx.log({ action: 'scim.token_revoked', outcome: 'done', object: { kind: 'token', id } });
  });
}

/** @throws Refusal `NOT_SIGNED_IN` for a token that is unknown or revoked, of a closed school, or without a provider. */
export async function authenticateScim(
  { database, clock, signOn }: Needs & Pick<Outside, 'signOn'>,
  token: string,
): Promise<void> {
  const row = await database.read.scimToken.findUnique({ where: { tokenDigest: digestToken(token) } });
  const school = await database.read.school.findFirst({ select: { closedAt: true } });
  const isOpen = signOn !== null && school?.closedAt === null;
  if (!isOpen || row === null || row.revokedAt !== null) throw new Refusal('NOT_SIGNED_IN');
  if (row.lastUsedAt === null || clock().getTime() - row.lastUsedAt.getTime() > 60_000)
    await database.read.scimToken.update({ where: { id: row.id }, data: { lastUsedAt: clock() } });
}
