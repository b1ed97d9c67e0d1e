import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { staffIdOf } from '../core/staff-id.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/** @throws Refusal `NOT_FOUND`. */
export async function revokeToken({ database, clock }: Needs, caller: Caller, tokenId: Id): Promise<void> {
  await database.transact(caller, async (tx) => {
    const { count } = await tx.db.apiToken.updateMany({
      where: { id: tokenId, userId: staffIdOf(caller), revokedAt: null },
      data: { revokedAt: clock() },
    });
    if (count === 0) throw new Refusal('NOT_FOUND');
    await tx.log({ action: 'token.revoked', outcome: 'done', object: { kind: 'token', id: tokenId } });
  });
}
