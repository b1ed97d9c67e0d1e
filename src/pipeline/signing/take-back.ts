import type { Evidence } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import { type ContactBook, openContactBook } from '../core/people-key.ts';
import { noteAnswer } from '../permission/note-answer.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import type { AnswerRow } from './find-answer.ts';
import { keepEvidence } from './keep-evidence.ts';
import { tellOthers } from './tell-others.ts';

/**
 * Takes one answer back, whichever way that was said: recordings that rested on it go into quarantine, the evidence is kept
 * where terms were read, and everybody else who stands for the child is told. The caller holds the course's lock.
 */
export async function takeBack(
  outside: Pick<Outside, 'keyring' | 'settings'>,
  tx: Transaction,
  caller: Caller,
  answer: AnswerRow,
  said: {
    readonly at: Date;
    readonly by: { readonly personId: Id | null };
    /** Asked only where terms were read. */
    evidence(book: ContactBook): Evidence;
    readonly note?: string | undefined;
  },
) {
  const { at, by, note } = said;
  const row = await tx.db.permission.update({ where: { id: answer.id }, data: { status: 'withdrawn' } });
  const book = await openContactBook(outside, tx.db);
  try {
    const evidence = answer.terms && said.evidence(book);
    const digest = evidence === null ? undefined : await keepEvidence(tx, book, evidence, null);
    const permission = await noteAnswer(tx, caller, row, 'withdrawn', at, { note, evidence: digest });
    const { requestId, courseId, participantId } = row;
    if (requestId !== null)
      await tellOthers(outside, tx, book, { request: { id: requestId, courseId, participantId }, by, at });
    return { permission, evidenceId: evidence?.id ?? null };
  } finally {
    book.close();
  }
}
