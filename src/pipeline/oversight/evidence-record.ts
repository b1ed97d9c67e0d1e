import type { Id } from '../../domain/ids.ts';
import { rowsOf } from '../attendance/attended-lessons.ts';
import type { Database } from '../ports/database.ts';
import type { AuditScope } from './audit-query.ts';
import { findAccesses } from './find-accesses.ts';
import type { SignedCheckpoint } from './integrate-log.ts';

export type EvidenceSubject =
  | { readonly kind: 'recording'; readonly id: Id }
  | { readonly kind: 'participant'; readonly id: Id };

export type EvidenceRecord = Awaited<ReturnType<typeof gatherRecord>>;

/**
 * What the database holds about the subject of an evidence pack: of a participant's lessons only what concerns them, no
 * other child by name. Times are RFC 3339 once it is JSON.
 */
export async function gatherRecord(
  read: Database['read'],
  about: EvidenceSubject,
  { lessons, recordings }: AuditScope,
  checkpoint: SignedCheckpoint,
) {
  const own = about.kind === 'participant' ? { id: about.id } : {};
  const rows = await read.lesson.findMany({
    where: { id: { in: [...lessons] } },
    orderBy: { plannedStart: 'asc' },
    select: {
      id: true,
      title: true,
      kind: true,
      plannedStart: true,
      plannedEnd: true,
      announcedAt: true,
      announcedBy: true,
      announcedHow: true,
      announcedSecond: true,
      course: {
        select: {
          reason: true,
          supervisorName: true,
          channel: {
            select: { name: true, assessments: { select: { assessedBy: true, validFrom: true, validUntil: true } } },
          },
          sites: { select: { id: true, name: true, kind: true } },
          participants: {
            where: own,
            orderBy: { addedAt: 'asc' },
            select: {
              id: true,
              lessonId: true,
              kind: true,
              isMinor: true,
              person: {
                select: {
                  name: true,
                  guardians: {
                    where: { authority: 'may_sign' },
                    select: { guardian: { select: { id: true, name: true } } },
                  },
                },
              },
            },
          },
          _count: { select: { participants: true } },
          permissions: {
            where: about.kind === 'participant' ? { participantId: about.id } : {},
            orderBy: { createdAt: 'asc' },
            select: {
              id: true,
              siteId: true,
              participantId: true,
              status: true,
              purposes: true,
              releaseTo: true,
              declined: true,
              declinedTo: true,
              route: true,
              signerName: true,
              signerCapacity: true,
              signedAt: true,
              validUntil: true,
              assurance: true,
              digest: true,
              reason: true,
              documentSha256: true,
              document: { select: { bodySha256: true, envelopeSha256: true, sealedAt: true } },
              events: { select: { at: true, status: true, note: true }, orderBy: { at: 'asc' } },
            },
          },
        },
      },
    },
  });
  const recorded = await read.recording.findMany({
    where: { id: { in: [...recordings] } },
    orderBy: { createdAt: 'asc' },
    select: {
      id: true,
      lessonId: true,
      state: true,
      stateCodes: true,
      stateNote: true,
      createdAt: true,
      sealedAt: true,
      clearedAt: true,
      approvedAt: true,
      approvedById: true,
      clearedById: true,
      uploaderId: true,
      sealed: { select: { mediaSha256: true, bodySha256: true, envelopeSha256: true } },
      segments: {
        orderBy: { startMs: 'asc' },
        select: {
          id: true,
          startMs: true,
          endMs: true,
          findings: {
            orderBy: { confidence: 'desc' },
            select: { source: true, startMs: true, endMs: true, title: true, confidence: true },
          },
          decisions: {
            orderBy: { id: 'asc' },
            select: { kind: true, ground: true, note: true, decidedById: true, decidedAt: true },
          },
        },
      },
      releases: {
        select: {
          id: true,
          audience: true,
          releasedAt: true,
          releasedById: true,
          endsAt: true,
          endedAt: true,
          endedWhy: true,
        },
      },
      captions: {
        orderBy: { language: 'asc' },
        select: {
          language: true,
          current: true,
          versions: {
            orderBy: { number: 'asc' },
            select: {
              number: true,
              source: true,
              cues: true,
              createdAt: true,
              sealed: { select: { mediaSha256: true, bodySha256: true, envelopeSha256: true } },
              file: { select: { mediaSha256: true, bodySha256: true, envelopeSha256: true } },
            },
          },
        },
      },
      erasure: { select: { why: true, startedAt: true, finishedAt: true } },
    },
  });
  const staff = await namesOfStaff(read, recorded);
  const nameOf = (id: string | null) => (id === null ? null : (staff.get(id) ?? null));
  return {
    lessons: rows.map(({ course: { _count, participants, ...course }, ...lesson }) => ({
      ...lesson,
      ...course,
      participants: participants
        .filter(({ lessonId }) => lessonId === null || lessonId === lesson.id)
        .map(({ person, lessonId: _, ...one }) => ({
          ...one,
          name: person.name,
          guardians: person.guardians.map(({ guardian }) => guardian),
        })),
      participantsInAll: _count.participants,
    })),
    /** Who was there by the reports; of a participant only their own rows. */
    attendance: await attendanceIn(read, about, lessons),
    recordings: await Promise.all(
      recorded.map(async ({ approvedById, clearedById, uploaderId, segments, releases, ...recording }) => ({
        ...recording,
        uploadedBy: nameOf(uploaderId),
        clearedBy: nameOf(clearedById),
        approvedBy: nameOf(approvedById),
        segments: segments.map(({ decisions, ...segment }) => ({
          ...segment,
          decisions: decisions.map(({ decidedById, ...decision }) => ({ ...decision, decidedBy: nameOf(decidedById) })),
        })),
        releases: releases.map(({ releasedById, ...release }) => ({ ...release, releasedBy: nameOf(releasedById) })),
        accesses: await findAccesses(read, recording, checkpoint),
      })),
    ),
  };
}

async function namesOfStaff(
  read: Database['read'],
  recorded: readonly {
    approvedById: string | null;
    clearedById: string | null;
    uploaderId: string;
    segments: readonly { decisions: readonly { decidedById: string }[] }[];
    releases: readonly { releasedById: string }[];
  }[],
): Promise<Map<string, string>> {
  const ids = recorded.flatMap((one) => [
    one.approvedById,
    one.clearedById,
    one.uploaderId,
    ...one.segments.flatMap(({ decisions }) => decisions.map(({ decidedById }) => decidedById)),
    ...one.releases.map(({ releasedById }) => releasedById),
  ]);
  const rows = await read.user.findMany({
    where: { id: { in: [...new Set(ids.filter((id) => id !== null))] } },
    select: { id: true, name: true },
  });
  return new Map(rows.map(({ id, name }) => [id, name]));
}

async function attendanceIn(read: Database['read'], about: EvidenceSubject, lessons: AuditScope['lessons']) {
  const personId =
    about.kind === 'participant'
      ? (await read.participant.findUnique({ where: { id: about.id }, select: { personId: true } }))?.personId
      : undefined;
  const reports = await read.attendanceReport.findMany({
    where: { lessonId: { in: [...lessons] } },
    orderBy: { takenAt: 'asc' },
    select: {
      ...{ id: true, lessonId: true, tool: true, fileName: true, sha256: true, takenAt: true, statedCount: true },
      rows: {
        where: about.kind === 'participant' ? rowsOf(personId ?? about.id) : {},
        orderBy: { line: 'asc' },
        select: {
          ...{ line: true, name: true, joinedAt: true, leftAt: true, isWaiting: true, state: true },
          ...{ decision: true, personIds: true, why: true, decidedAt: true },
        },
      },
    },
  });
  // The name of a file may be a child's.
  return reports.map(({ fileName, ...report }) => (about.kind === 'recording' ? { ...report, fileName } : report));
}
