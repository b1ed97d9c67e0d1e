import type { Id } from '../../domain/ids.ts';
import type { Database } from '../ports/database.ts';

const requestShown = {
  id: true,
  courseId: true,
  course: { select: { title: true } },
  participant: { select: { personId: true, person: { select: { name: true } } } },
  signerId: true,
  signer: { select: { name: true } },
  capacity: true,
  state: true,
  askedAt: true,
  openedAt: true,
  answeredAt: true,
  reminders: true,
  deliveries: {
    select: {
      delivery: {
        select: { kind: true, state: true, queuedAt: true, settledAt: true, addressMask: true, reply: true },
      },
    },
    orderBy: { delivery: { queuedAt: 'asc' } },
  },
  sheets: {
    select: {
      code: true,
      printedAt: true,
      scans: {
        select: { id: true, page: true, state: true, receivedOn: true, uploadedAt: true, decidedAt: true },
        orderBy: { page: 'asc' },
      },
    },
    orderBy: { printedAt: 'asc' },
  },
} as const;

/**
 * What the school keeps about people beside lessons and the log: the files that they came from, what they were asked or others
 * about them, by which mails and sheets, and which receipts there are.
 */
export async function findRecords(read: Database['read'], personIds: readonly Id[]) {
  const ids = [...personIds];
  const persons = await read.person.findMany({
    where: { id: { in: ids } },
    select: { id: true, name: true, roles: true, createdAt: true },
    orderBy: { createdAt: 'asc' },
  });
  const requests = await read.request.findMany({
    where: { OR: [{ signerId: { in: ids } }, { participant: { personId: { in: ids } } }] },
    orderBy: { askedAt: 'asc' },
    select: requestShown,
  });
  const evidence = await read.evidence.findMany({
    where: {
      permission: { OR: [{ guardianId: { in: ids } }, { participant: { personId: { in: ids } } }] },
    },
    orderBy: { createdAt: 'asc' },
    select: {
      id: true,
      permissionId: true,
      event: true,
      sha256: true,
      createdAt: true,
      permission: { select: { guardianId: true, participant: { select: { personId: true } } } },
    },
  });
  const isMade = new Set(
    (
      await read.evidence.findMany({
        where: { id: { in: evidence.map(({ id }) => id) }, receipt: { not: null } },
        select: { id: true },
      })
    ).map(({ id }) => id),
  );
  const imported = await findImported(read, ids);
  return persons.map(({ id: personId, ...person }) => ({
    personId,
    ...person,
    imports: imported.filter((one) => one.personIds.includes(personId)).map(({ personIds: _, ...one }) => one),
    requests: requests
      .filter(({ signerId, participant }) => signerId === personId || participant?.personId === personId)
      .map(({ course, participant, signerId: _, signer, deliveries, sheets, ...request }) => ({
        ...request,
        course: course.title,
        subject: participant?.person.name ?? null,
        signer: signer?.name ?? null,
        mails: deliveries.map(({ delivery }) => delivery),
        sheets: sheets.map(({ scans, ...sheet }) => ({
          ...sheet,
          scans: scans.map(({ page, receivedOn, ...scan }) => ({
            ...scan,
            page: page ?? 1,
            receivedOn: receivedOn.toISOString().slice(0, 10),
          })),
        })),
      })),
    receipts: evidence
      .filter(({ permission }) => permission.guardianId === personId || permission.participant?.personId === personId)
      .map(({ id, permissionId, event, sha256, createdAt }) => ({
        evidenceId: id,
        permissionId,
        event,
        sha256,
        at: createdAt,
        isMade: isMade.has(id),
      })),
  }));
}

/** Every line of an import that says something of one of these people, and of whom. */
async function findImported(read: Database['read'], ids: Id[]) {
  const source = { import: { select: { id: true, format: true, fileName: true, importedAt: true } } } as const;
  const contacts = await read.contact.findMany({
    where: { personId: { in: ids }, importId: { not: null } },
    select: { personId: true, file: true, line: true, ...source },
  });
  const members = await read.classMember.findMany({
    where: { personId: { in: ids }, importId: { not: null } },
    select: { personId: true, ...source },
  });
  const guardianships = await read.guardianship.findMany({
    where: { importId: { not: null }, OR: [{ pupilId: { in: ids } }, { guardianId: { in: ids } }] },
    select: { pupilId: true, guardianId: true, file: true, line: true, ...source },
  });
  const rows = [
    ...contacts.map(({ personId, ...row }) => ({ what: 'contact' as const, personIds: [personId], ...row })),
    ...members.map(({ personId, ...row }) => ({
      what: 'class' as const,
      personIds: [personId],
      file: null,
      line: null,
      ...row,
    })),
    ...guardianships.map(({ pupilId, guardianId, ...row }) => ({
      what: 'guardianship' as const,
      personIds: [pupilId, guardianId],
      ...row,
    })),
  ];
  return rows
    .flatMap(({ import: from, ...row }) => (from ? [{ ...row, ...from }] : []))
    .toSorted((a, b) => a.importedAt.getTime() - b.importedAt.getTime());
}
