import { createHash } from 'node:crypto';
import { canonicalJson } from '../../audit/canonical-json.ts';
import type { Id } from '../../domain/ids.ts';
import type { ErasedKind, ErasureRemain } from '../../domain/person-erasure.ts';
import type { Reason } from '../../domain/reason.ts';
import { rowsThatMayBeOf } from '../attendance/attended-lessons.ts';
import type { NamingRecording } from '../captions/recordings-that-name.ts';
import type { Database, Transaction } from '../ports/database.ts';
import { namesOnLog } from './names-on-log.ts';
import { reasonsAgainstErasing } from './reasons-against-erasing.ts';

type Db = Database['read'] | Transaction['db'];

/** What erasing a person means now, for a person to look at before it happens. */
export interface ErasurePlan {
  /** Names everything below; given back to erase exactly that. */
  readonly digest: string;
  /** Why it cannot be done now; empty: it can. */
  readonly blockers: readonly Reason[];
  readonly goes: { readonly kind: ErasedKind; readonly count: number }[];
  /** Null: nobody can count it. */
  readonly stays: { readonly code: ErasureRemain; readonly count: number | null }[];
  /** Those who stand for nobody, or whom nobody stands for, once this person is gone. They stay until they are erased too. */
  readonly left: { readonly id: Id; readonly name: string }[];
  /** Recordings of others that are kept, and whose captions name them. */
  readonly captions: NamingRecording[];
  readonly rows: ErasedRows;
}

/** The rows that go, and those that stay without names. */
export type ErasedRows = Awaited<ReturnType<typeof findRows>>;

/** @param captions those that name them; nothing may be opened from the store while rows are locked. */
export async function planErasure(db: Db, personId: Id, now: Date, captions: NamingRecording[]): Promise<ErasurePlan> {
  const blockers = await reasonsAgainstErasing(db, personId, now);
  const rows = await findRows(db, personId);
  const count = async (rest: { count(of: { where: { personId: Id } }): Promise<number> }) =>
    rest.count({ where: { personId } });
  const goes: ErasurePlan['goes'] = [
    { kind: 'contacts', count: await count(db.contact) },
    { kind: 'identifiers', count: await count(db.personSource) },
    { kind: 'memberships', count: await count(db.classMember) },
    { kind: 'guardianships', count: await db.guardianship.count({ where: standsWith(personId) }) },
    { kind: 'participations', count: rows.participants.length },
    { kind: 'requests', count: rows.requests.length },
    { kind: 'mails', count: await db.delivery.count({ where: { linkId: { in: rows.links } } }) },
    { kind: 'links', count: rows.links.length },
    { kind: 'sheets', count: rows.sheets.length },
    { kind: 'pictures', count: rows.scans.length },
    { kind: 'documents', count: rows.documents.length },
    { kind: 'evidence', count: await db.evidence.count({ where: { permissionId: { in: rows.permissions } } }) },
    { kind: 'objections', count: await db.objection.count({ where: objectionsOf(personId, rows.participants) }) },
    { kind: 'tasks', count: await db.task.count({ where: tasksOf(personId) }) },
    { kind: 'attendance', count: rows.reports.length },
  ];
  const left = await findLeft(db, personId);
  const stays: ErasurePlan['stays'] = [
    { code: 'answers', count: rows.permissions.length },
    { code: 'log', count: await countMentions(db, personId) },
    { code: 'pseudonym_key', count: null },
    { code: 'given_away', count: null },
    { code: 'unassigned_scans', count: await db.scanPage.count({ where: { sheetId: null } }) },
    { code: 'captions', count: captions.length },
    { code: 'free_words', count: null },
    { code: 'account', count: null },
    { code: 'backups', count: null },
  ];
  const named = captions.map(({ recordingId }) => recordingId);
  const bound = canonicalJson({ personId, blockers: blockers.map(({ code }) => code), goes, left, named, rows });
  return { digest: createHash('sha256').update(bound).digest('hex'), blockers, goes, stays, left, captions, rows };
}

export const standsWith = (personId: Id) => ({ OR: [{ pupilId: personId }, { guardianId: personId }] });
export const tasksOf = (personId: Id) => ({ OR: [{ personId }, { otherId: personId }] });
export const objectionsOf = (personId: Id, participants: readonly Id[]) => ({
  OR: [{ participantId: { in: [...participants] } }, { guardianId: personId }],
});

async function findRows(db: Db, personId: Id) {
  const ids = (found: readonly { readonly id: Id }[]) => found.map(({ id }) => id).toSorted();
  const select = { id: true } as const;
  const participants = ids(await db.participant.findMany({ where: { personId }, select }));
  const links = ids(await db.signerLink.findMany({ where: { personId }, select }));
  const requests = ids(
    await db.request.findMany({
      where: { OR: [{ signerId: personId }, { participantId: { in: participants } }] },
      select,
    }),
  );
  const sheets = ids(await db.sheet.findMany({ where: { requestId: { in: requests } }, select }));
  const permissions = await db.permission.findMany({
    where: { OR: [{ guardianId: personId }, { participantId: { in: participants } }] },
    select: { id: true, documentId: true },
  });
  const scans = await db.scanPage.findMany({
    where: { OR: [{ sheetId: { in: sheets } }, { permissionId: { in: ids(permissions) } }] },
    select: { id: true, sealedId: true },
  });
  // The document of an answer on paper is the picture of its page.
  const pictures = scans.map(({ sealedId }) => sealedId).toSorted();
  const documents = permissions
    .flatMap(({ documentId }) => (documentId === null || pictures.includes(documentId) ? [] : [documentId]))
    .toSorted();
  const reports = await db.attendanceReport.findMany({
    where: { rows: { some: rowsThatMayBeOf(personId) } },
    select: { id: true, sealedId: true },
  });
  return {
    reports: ids(reports),
    participants,
    links,
    requests,
    sheets,
    permissions: ids(permissions),
    scans: ids(scans),
    pictures,
    documents: [...documents, ...reports.map(({ sealedId }) => sealedId).toSorted()],
  };
}

/** The others of a guardianship who have no other one and take part in nothing. */
async function findLeft(db: Db, personId: Id): Promise<{ id: Id; name: string }[]> {
  const rows = await db.guardianship.findMany({
    where: standsWith(personId),
    select: { pupilId: true, guardianId: true },
  });
  const others = [...new Set(rows.flatMap(({ pupilId, guardianId }) => [pupilId, guardianId]))].filter(
    (id) => id !== personId,
  );
  const elsewhere = { pupilId: { not: personId }, guardianId: { not: personId } };
  return db.person.findMany({
    where: {
      id: { in: others },
      courses: { none: {} },
      memberships: { none: { until: null } },
      guardians: { none: elsewhere },
      pupils: { none: elsewhere },
    },
    select: { id: true, name: true },
    orderBy: [{ folded: 'asc' }, { id: 'asc' }],
  });
}

async function countMentions(db: Db, personId: Id): Promise<number> {
  const names = await namesOnLog(db, personId);
  const [row] = await db.$queryRaw<{ count: bigint }[]>`
    SELECT count(DISTINCT m.seq) AS count FROM audit_mention m JOIN person_key k ON k.pseudonym = m.person
     WHERE k.kind IN ('person', 'participant', 'signer') AND k.id = ANY (${names})`;
  return Number(row?.count ?? 0);
}
