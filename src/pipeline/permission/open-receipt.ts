import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { soleLessonOf } from '../core/gate-record.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { type KeptReceipt, makeReceipt } from '../signing/make-receipt.ts';

type Needs = Pick<Outside, 'database' | 'keyring' | 'logSigner'>;

/**
 * The receipt of the newest act of an answer, for whoever signed on paper or telephoned and has no link to fetch it by; that
 * staff read it is on the log. @throws Refusal `NOT_FOUND` where there is none: no terms were read.
 */
export async function openReceipt(outside: Needs, caller: Caller, permissionId: Id): Promise<KeptReceipt> {
  const newest = await outside.database.read.evidence.findFirst({
    where: { permissionId },
    orderBy: { createdAt: 'desc' },
    select: { id: true, permission: { select: { courseId: true } } },
  });
  const receipt = newest && (await makeReceipt(outside, newest.id));
  if (!receipt) throw new Refusal('NOT_FOUND');
  await outside.database.transact(caller, async (tx) =>
    tx.log({
      action: 'permission.receipt_read',
      outcome: 'done',
      object: { kind: 'permission', id: permissionId, lessonId: await soleLessonOf(tx.db, newest.permission.courseId) },
    }),
  );
  return receipt;
}
