import type { Id } from '../../domain/ids.ts';
import type { Transaction } from '../ports/database.ts';
import type { Ties } from './export-ties.ts';

type Db = Transaction['db'];

/** Asked of them, or about them. */
const requestsWith = (personId: Id) => ({ OR: [{ signerId: personId }, { participant: { personId } }] });

export async function exportRequests(db: Db, personId: Id, ties: Ties) {
  const rows = await db.request.findMany({
    where: requestsWith(personId),
    orderBy: { askedAt: 'asc' },
    include: { course: { select: { title: true } }, participant: { select: { personId: true } } },
  });
  return rows.map(({ course, participant, signerId, ...one }) => {
    const subjectId = participant?.personId ?? null;
    const { as, other } = ties.sidesOf(subjectId, signerId);
    return {
      id: one.id,
      courseId: one.courseId,
      course: course.title,
      as,
      other,
      capacity: one.capacity,
      terms: one.digest,
      state: one.state,
      askedAt: one.askedAt,
      answerBy: one.answerBy,
      openedAt: one.openedAt,
      answeredAt: one.answeredAt,
      reminders: one.reminders,
    };
  });
}

export async function exportMails(db: Db, personId: Id) {
  const rows = await db.delivery.findMany({
    where: {
      OR: [{ link: { personId } }, { requests: { some: { request: { participant: { personId } } } } }],
    },
    orderBy: { queuedAt: 'asc' },
    include: {
      link: { select: { personId: true } },
      requests: { where: { request: requestsWith(personId) }, select: { requestId: true } },
    },
  });
  return rows.map(({ kind, state, queuedAt, settledAt, link, addressMask, messageId, reply, requests }) => {
    // What a mail server says of an address is about whose it is.
    const isOwn = link.personId === personId;
    return {
      to: isOwn ? ('self' as const) : ('other' as const),
      kind,
      state,
      queuedAt,
      settledAt,
      addressMask: isOwn ? addressMask : null,
      messageId: isOwn ? messageId : null,
      reply: isOwn ? reply : null,
      requestIds: requests.map(({ requestId }) => requestId),
    };
  });
}

export async function exportSheets(db: Db, requestIds: readonly Id[]) {
  const rows = await db.sheet.findMany({
    where: { requestId: { in: [...requestIds] } },
    orderBy: { printedAt: 'asc' },
    include: { scans: { orderBy: { page: 'asc' } } },
  });
  return rows.map(({ requestId, code, language, pages, printedAt, scans }) => ({
    requestId,
    code,
    language,
    pages,
    printedAt,
    scans: scans.map(({ id, page, state, receivedOn, uploadedAt, readAt, decidedAt, pictureSha256 }) => ({
      id,
      page: page ?? 1,
      state,
      receivedOn: receivedOn.toISOString().slice(0, 10),
      uploadedAt,
      readAt,
      decidedAt,
      pictureSha256,
    })),
  }));
}
