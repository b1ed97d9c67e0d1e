import type { Id } from '../../domain/ids.ts';
import type { ExportGapKind } from '../../domain/person-export.ts';
import type { ContactBook } from '../core/people-key.ts';
import type { Transaction } from '../ports/database.ts';
import { type Gap, opened } from './export-gaps.ts';
import type { Ties } from './export-ties.ts';

/** Evidence and receipts in the file, in octets. A receipt has the texts that were signed. */
const mostEvidenceBytes = 32 * 2 ** 20;

/** Answers given by somebody or about them; of their own the evidence, the strokes and the receipt. */
export async function exportAnswers(db: Transaction['db'], book: ContactBook, personId: Id, ties: Ties, gaps: Gap[]) {
  const rows = await db.permission.findMany({
    where: { OR: [{ guardianId: personId }, { participant: { personId } }] },
    orderBy: { createdAt: 'asc' },
    include: {
      course: { select: { title: true } },
      participant: { select: { personId: true } },
      events: { select: { at: true, status: true }, orderBy: { at: 'asc' } },
      evidence: { orderBy: { createdAt: 'asc' } },
    },
  });
  let bytes = 0;
  /** Passes on what still has room in the file. */
  const fitting = (what: ExportGapKind, id: Id, text: string | null): string | null => {
    if (text === null) return null;
    bytes += Buffer.byteLength(text);
    if (bytes <= mostEvidenceBytes) return text;
    gaps.push({ what, id, why: 'too_large' });
    return null;
  };
  return rows.map(({ course, participant, events, evidence, ...one }) => {
    const subjectId = participant?.personId ?? null;
    const signerId = one.signerCapacity === 'self' ? subjectId : one.guardianId;
    const { as, other } = ties.sidesOf(subjectId, signerId);
    return {
      id: one.id,
      courseId: one.courseId,
      course: course.title,
      as,
      other,
      capacity: one.signerCapacity,
      status: one.status,
      purposes: one.purposes,
      releaseTo: one.releaseTo,
      declined: one.declined,
      declinedTo: one.declinedTo,
      route: one.route,
      assurance: one.assurance,
      signedAt: one.signedAt,
      validUntil: one.validUntil,
      terms: one.digest,
      documentSha256: one.documentSha256,
      events,
      // How somebody else signed is theirs.
      evidence:
        as === 'subject'
          ? []
          : evidence.map(({ id, event, createdAt, sha256, locked, receipt }) => {
              const text = fitting('evidence', id, opened(book, 'evidence', id, locked, gaps));
              const { canonical, strokes } = text === null ? noEvidence : readLocked(text);
              const kept = receipt && fitting('receipt', id, opened(book, 'receipt', id, receipt, gaps));
              return {
                id,
                event,
                at: createdAt,
                sha256,
                canonical,
                strokes,
                receipt: kept === null ? null : (JSON.parse(kept) as { text: string }).text,
              };
            }),
    };
  });
}

const noEvidence = { canonical: null, strokes: null };

function readLocked(text: string): { canonical: string; strokes: string | null } {
  return JSON.parse(text) as { canonical: string; strokes: string | null };
}
