import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import {
  type Audience,
  mostPermissions,
  type Purpose,
  type Route,
  type SignerCapacity,
} from '../../domain/permission.ts';
import type { ReasonCode } from '../../domain/reason.ts';
import { assertFewer } from '../core/assert-fewer.ts';
import { courseOf, lockCourse } from '../core/gate-record.ts';
import type { Caller } from '../ports/caller.ts';
import type { Transaction } from '../ports/database.ts';
import type { Outside } from '../ports/outside.ts';
import { noteAnswer } from './note-answer.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

export interface Signature {
  route: Route;
  signerName: string;
  signerCapacity: SignerCapacity;
  guardianId?: Id | undefined;
  signedAt: Date;
  validUntil?: Date | undefined;
}

/**
 * Records a permission as it stands: asked for, given or refused. ISO/IEC TS 27560; policy P1, P2, P6.
 * It is given to the course of a lesson, in the terms that are in force now.
 * @throws Refusal `NOT_FOUND` for a lesson, `INVALID_REQUEST` for a person or guardian who is not of this lesson.
 */
export async function recordPermission(
  { database, clock }: Needs,
  caller: Caller,
  lessonId: Id,
  input: { [Field in keyof Signature]?: Signature[Field] | undefined } & {
    siteId?: Id | undefined;
    participantId?: Id | undefined;
    status: 'requested' | 'granted' | 'refused';
    route: Route;
    purposes: Purpose[];
    releaseTo: Audience[];
    noticeVersion: string;
    noticeLanguage: string;
    reason?: string | undefined;
  },
) {
  return database.transact(caller, async (tx) => {
    const courseId = await courseOf(tx.db, lessonId);
    await lockCourse(tx.db, courseId);
    const course = await tx.db.course.findUniqueOrThrow({
      where: { id: courseId },
      select: { reason: true, isSingle: true, terms: { orderBy: { since: 'desc' }, take: 1 } },
    });
    await assertSubjectOfCourse(tx, courseId, input);
    const subject = { siteId: input.siteId ?? null, participantId: input.participantId ?? null };
    // A no is always taken.
    if (input.status !== 'refused')
      await assertFewer(tx.db.permission.count({ where: { courseId, ...subject } }), mostPermissions);
    const { siteId, participantId, signerName, signerCapacity, guardianId, signedAt, validUntil, reason, ...rest } =
      input;
    // A paper with another reason was not signed for the terms of the course.
    const isOfCourse = !course.isSingle && (reason === undefined || reason.trim() === course.reason.trim());
    const row = await tx.db.permission.create({
      data: {
        ...rest,
        courseId,
        digest: isOfCourse ? (course.terms[0]?.digest ?? null) : null,
        siteId: siteId ?? null,
        participantId: participantId ?? null,
        signerName: signerName ?? null,
        signerCapacity: signerCapacity ?? null,
        guardianId: guardianId ?? null,
        signedAt: signedAt ?? null,
        validUntil: validUntil ?? null,
        reason: reason ?? course.reason,
      },
    });
    return noteAnswer(tx, caller, row, input.status, clock());
  });
}

export async function assertSubjectOfCourse(
  tx: Transaction,
  courseId: Id,
  subject: {
    siteId?: Id | undefined;
    participantId?: Id | undefined;
    guardianId?: Id | undefined;
    signerCapacity?: SignerCapacity | undefined;
  },
): Promise<void> {
  const refuse = (field: string, code: ReasonCode) => {
    throw new Refusal('INVALID_REQUEST', { reasons: [{ code, subject: { kind: 'field', id: field } }] });
  };
  if (subject.siteId && !(await tx.db.site.findFirst({ where: { id: subject.siteId, courseId } })))
    refuse('siteId', 'SITE_NOT_OF_LESSON');
  const participant = subject.participantId
    ? await tx.db.participant.findFirst({
        where: { id: subject.participantId, courseId, person: { erasedAt: null } },
      })
    : null;
  if (subject.participantId && !participant) refuse('participantId', 'PARTICIPANT_NOT_OF_LESSON');
  if (subject.signerCapacity !== 'guardian') return;
  const guardian =
    subject.guardianId && participant
      ? await tx.db.guardianship.findFirst({
          where: { guardianId: subject.guardianId, pupilId: participant.personId, authority: 'may_sign' },
        })
      : null;
  if (!guardian) refuse('guardianId', 'GUARDIAN_NOT_ON_RECORD');
}
