import { randomBytes } from 'node:crypto';
import type { Scope } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const dayMs = 24 * 60 * 60_000;

/** The token is returned once; only its digest is kept. */
export async function createToken(
  { database, clock }: Needs,
  caller: Caller,
  input: { name: string; scopes: Scope[]; days: number },
) {
  const token = `emt_${randomBytes(32).toString('base64url')}`;
  const row = await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const created = await tx.db.apiToken.create({
      data: {
        userId: staffIdOf(caller),
        name: input.name,
        scopes: input.scopes,
        tokenDigest: digestToken(token),
        expiresAt: new Date(clock().getTime() + input.days * dayMs),
      },
    });
    await tx.log({
      action: 'token.created',
      outcome: 'done',
      object: { kind: 'token', id: created.id },
      details: { scopes: input.scopes },
    });
    return created;
  });
  return { ...row, token };
}
