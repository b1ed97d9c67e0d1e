import { randomUUID } from 'node:crypto';
import type { Evidence, EvidenceEvent } from '../../domain/evidence.ts';
import type { Id } from '../../domain/ids.ts';
import type { Language } from '../../domain/language.ts';
import type { Route } from '../../domain/permission.ts';
import { questionsOf } from '../../domain/terms.ts';
import { toTerms } from '../core/course-terms.ts';
import type { ContactBook } from '../core/people-key.ts';
import { deviceOf, subjectShown } from './evidence-facts.ts';
import type { AnswerRow } from './find-answer.ts';
import type { Signer } from './find-signer.ts';

/** From where and in which words a button of the link was pressed. */
export interface Pressed {
  readonly language: Language;
  readonly button: string;
  readonly agent: string | null;
  readonly address: string | undefined;
}

interface No {
  readonly event: Exclude<EvidenceEvent, 'answered'>;
  readonly at: Date;
  readonly signer: Pick<Signer, 'personId' | 'name'>;
  /** The lesson objected to; null: the course. */
  readonly lesson: Id | null;
}

/** The evidence of a no that took one press of a button of the link. */
export function pressedEvidence(
  book: ContactBook,
  signer: Signer,
  row: AnswerRow,
  no: Omit<No, 'signer'>,
  pressed: Pressed,
): Evidence {
  const { button, language } = pressed;
  const { common, terms } = commonOf(row, { ...no, signer });
  return {
    ...common,
    consent: { language, version: terms.texts[language].consent.version, at: common.answeredAt },
    route: 'electronic',
    act: { kind: 'pressed', strokesSha256: null, signatureSha256: null, ticks: [], button, notedBy: null },
    tokenSha256: signer.tokenDigest,
    assurance: { level: 2, checks: ['link'], attempts: 0 },
    device: deviceOf(book, pressed),
  };
}

/** The evidence of a withdrawal that reached the school without the link: a member of staff wrote it down. */
export function notedEvidence(
  row: AnswerRow,
  { staffId, route, at }: { readonly staffId: Id; readonly route: Route; readonly at: Date },
): Evidence {
  const signer = { personId: row.guardianId ?? row.participant?.personId ?? null, name: row.signerName ?? '' };
  return {
    ...commonOf(row, { event: 'withdrawn', at, signer, lesson: null }).common,
    consent: null,
    route,
    act: { kind: 'noted', strokesSha256: null, signatureSha256: null, ticks: [], button: null, notedBy: staffId },
    tokenSha256: null,
    assurance: { level: 1, checks: ['staff_word'], attempts: 0 },
    device: null,
  };
}

/** What it says whatever way it came: no to everything. @throws Error for an answer whose signer read no terms. */
function commonOf(row: AnswerRow, { event, at, signer, lesson }: No) {
  if (!row.terms) throw new Error('an answer without terms has no evidence');
  const { terms } = toTerms(row.terms);
  const common = {
    v: 1,
    id: randomUUID(),
    event,
    course: row.courseId,
    lesson,
    request: row.requestId,
    permission: row.id,
    subject: subjectShown(row),
    signer: {
      id: signer.personId,
      name: signer.name,
      typedName: null,
      capacity: row.signerCapacity ?? 'guardian',
      relation: null,
      declaresResponsibility: null,
    },
    terms: row.terms.digest,
    notice: null,
    answers: questionsOf(terms).map((question) => ({ ...question, answer: 'no' as const })),
    openedAt: null,
    answeredAt: at.toISOString(),
    sending: null,
    paper: null,
    supersedes: null,
  } as const;
  return { common, terms };
}
