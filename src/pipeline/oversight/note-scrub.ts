import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import { mailAdministrators } from '../core/mail-administrators.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { Found } from './scrub-object.ts';

const caller: Caller = { actor: { kind: 'system', id: 'scrub' } };

const ofCaptions = {
  captions: { select: { id: true, recordingId: true, recording: { select: { lessonId: true } } } },
} as const;

export const owners = {
  recording: { select: { id: true, lessonId: true } },
  rendition: { select: { id: true, recordingId: true, recording: { select: { lessonId: true } } } },
  permission: {
    select: { id: true, course: { select: { isSingle: true, lessons: { select: { id: true }, take: 1 } } } },
  },
  terms: { select: { id: true } },
  scanPage: { select: { id: true } },
  attendance: { select: { id: true, lessonId: true } },
  captions: { select: ofCaptions },
  captionsFile: { select: ofCaptions },
} as const satisfies Prisma.SealedObjectInclude;
export type Row = Prisma.SealedObjectGetPayload<{ include: typeof owners }>;

/**
 * Records what was found. A new finding is on the log and goes to every administrator by mail, once. It stays until a
 * later reading finds the object whole, which is on the log too.
 */
export async function noteScrub(
  outside: Pick<Outside, 'database' | 'clock' | 'settings'>,
  row: Row,
  found: Found | null,
  { passId, bytes }: { passId: Id | null; bytes: number },
): Promise<void> {
  const { clock } = outside;
  const owner = ownerOf(row);
  await outside.database.transact(caller, async (tx) => {
    if ((await tx.db.sealedObject.count({ where: { id: row.id } })) === 0) return;
    const before = await tx.db.objectScrub.findUnique({ where: { sealedId: row.id } });
    const data = {
      scrubbedAt: clock(),
      faultCode: found?.code ?? null,
      faultDetail: found?.detail ?? null,
      faultSince: found === null ? null : (before?.faultSince ?? clock()),
    };
    await tx.db.objectScrub.upsert({
      where: { sealedId: row.id },
      create: { sealedId: row.id, ...data },
      update: data,
    });
    if (passId !== null)
      await tx.db.integrityRun.update({
        where: { id: passId },
        data: { objects: { increment: 1 }, bytes: { increment: bytes }, faults: { increment: found === null ? 0 : 1 } },
      });
    const object = {
      kind: owner?.kind ?? 'sealed_object',
      id: owner?.objectId ?? row.id,
      recordingId: owner?.recordingId,
      lessonId: owner?.lessonId,
    };
    if (found !== null && before?.faultCode !== found.code) {
      await mailAdministrators(outside, tx, {
        kind: 'object_damaged',
        id: owner?.recordingId ?? row.id,
        code: found.code,
        detail: found.detail,
      });
      // Not under `sealedId`: entries that name one say how it was sealed.
      await tx.log({
        action: 'scrub.failed',
        outcome: 'failed',
        object,
        details: { object: row.id, code: found.code },
      });
    } else if (found === null && before?.faultCode)
      await tx.log({
        action: 'scrub.recovered',
        outcome: 'done',
        object,
        details: { object: row.id, was: before.faultCode },
      });
  });
}

/** What a sealed object belongs to, as the log names it; null when nothing points to it any more. */
export function ownerOf(row: Row) {
  const { recording, rendition, permission, terms, scanPage, attendance } = row;
  const captions = (row.captions ?? row.captionsFile)?.captions;
  if (recording)
    return { kind: 'recording', objectId: recording.id, recordingId: recording.id, lessonId: recording.lessonId };
  if (rendition)
    return {
      kind: 'rendition',
      objectId: rendition.id,
      recordingId: rendition.recordingId,
      lessonId: rendition.recording.lessonId,
    };
  if (permission)
    return {
      kind: 'permission',
      objectId: permission.id,
      recordingId: undefined,
      lessonId: permission.course.isSingle ? permission.course.lessons[0]?.id : undefined,
    };
  if (attendance)
    return {
      kind: 'attendance_report',
      objectId: attendance.id,
      recordingId: undefined,
      lessonId: attendance.lessonId,
    };
  if (terms) return { kind: 'terms', objectId: terms.id, recordingId: undefined, lessonId: undefined };
  if (captions)
    return {
      kind: 'captions',
      objectId: captions.id,
      recordingId: captions.recordingId,
      lessonId: captions.recording.lessonId,
    };
  if (scanPage) return { kind: 'scan_page', objectId: scanPage.id, recordingId: undefined, lessonId: undefined };
  return null;
}
