import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { answersOf, type Signer } from './find-signer.ts';

/** What of an answer its signer is shown, and what evidence of a no says. */
export const answerShown = {
  terms: true,
  participant: { include: { person: { select: { name: true } }, class: { select: { name: true } } } },
  site: { select: { name: true } },
} as const;

/** @throws Refusal `NOT_FOUND`. */
export async function findAnswer(db: Database['read'] | Transaction['db'], signer: Signer, permissionId: Id) {
  const row = await db.permission.findFirst({
    where: { id: permissionId, ...answersOf(signer) },
    include: answerShown,
  });
  if (!row) throw new Refusal('NOT_FOUND');
  return row;
}
export type AnswerRow = Awaited<ReturnType<typeof findAnswer>>;
