import type { Evidence } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { SignerCapacity } from '../../domain/permission.ts';
import type { ContactBook } from '../core/people-key.ts';
import type { Transaction } from '../ports/database.ts';

/** Whom something is about, as rows have it. */
interface SubjectRow {
  readonly siteId: Id | null;
  readonly site: { readonly name: string } | null;
  readonly participant: {
    readonly personId: Id;
    readonly person: { readonly name: string };
    readonly class: { readonly name: string } | null;
  } | null;
}

interface RequestRow extends SubjectRow {
  readonly id: Id;
  readonly courseId: Id;
  readonly signerId: Id | null;
  readonly capacity: SignerCapacity;
}

/** Whom an act is about, as the signer was shown it. */
export function subjectShown({ siteId, site, participant }: SubjectRow): Evidence['subject'] {
  return {
    kind: siteId === null ? 'person' : 'site',
    id: mustHave(siteId ?? participant?.personId, 'subject of a signature'),
    name: mustHave(site ?? participant?.person, 'name of a subject').name,
    class: participant?.class?.name ?? null,
  };
}

/** Where an act came from, by keyed digests. */
export function deviceOf(
  book: ContactBook,
  { address, agent }: { readonly address: string | undefined; readonly agent: string | null },
): NonNullable<Evidence['device']> {
  return {
    zone: null,
    addressHmac: address === undefined ? null : book.device('address', address),
    agentHmac: agent === null ? null : book.device('agent', agent),
  };
}

/**
 * What the evidence of an answer to a request says whatever the signer used, and how the signer is related to the subject.
 * The evidence of an answer has the id of the answer.
 */
export async function answerFacts({ db }: Transaction, request: RequestRow, permissionId: Id) {
  const guardianship =
    request.capacity === 'guardian' && request.participant
      ? await db.guardianship.findFirst({
          where: { pupilId: request.participant.personId, guardianId: request.signerId ?? '', until: null },
          select: { relation: true },
        })
      : null;
  const before = await db.permission.findFirst({
    where: { requestId: request.id },
    orderBy: { createdAt: 'desc' },
    select: { id: true },
  });
  const facts = {
    v: 1,
    id: permissionId,
    event: 'answered',
    course: request.courseId,
    lesson: null,
    request: request.id,
    permission: permissionId,
    subject: subjectShown(request),
    supersedes: before?.id ?? null,
  } as const satisfies Partial<Evidence>;
  return { facts, relation: guardianship?.relation ?? null };
}
