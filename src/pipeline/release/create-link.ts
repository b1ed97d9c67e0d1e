import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { linkEnd } from '../../domain/link-rules.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { assertFuture, findRelease } from './find-release.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

/**
 * A personal link for one viewer. The token is returned once; only its digest is kept.
 * @throws Refusal `NOT_FOUND`; `WRONG_STATE` when the release is over; `INVALID_REQUEST` when it would live longer than the school lets
 * links live.
 */
export async function createLink(
  { database, clock }: Needs,
  caller: Caller,
  releaseId: Id,
  input: { viewerName: string; expiresAt?: Date | undefined },
) {
  if (input.expiresAt) assertFuture(input.expiresAt, clock(), 'expiresAt');
  const token = randomBytes(32).toString('base64url');
  const row = await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const release = await findRelease(tx, releaseId);
    if (release.endedAt !== null || release.endsAt <= clock()) throw new Refusal('WRONG_STATE');
    const rules = await tx.db.school.findFirstOrThrow({ select: { linkDays: true, longestLinkDays: true } });
    const expiresAt = linkEnd(rules, { now: clock(), releaseEnds: release.endsAt, asked: input.expiresAt });
    const link = await tx.db.viewerLink.create({
      data: {
        releaseId,
        viewerName: input.viewerName,
        tokenDigest: digestToken(token),
        createdById: staffIdOf(caller),
        expiresAt,
      },
    });
    await tx.log({
      action: 'link.created',
      outcome: 'done',
      object: { kind: 'link', id: link.id, recordingId: release.recordingId },
      details: { release: releaseId, expiresAt: expiresAt.toISOString() },
    });
    return link;
  });
  return { ...row, token };
}
