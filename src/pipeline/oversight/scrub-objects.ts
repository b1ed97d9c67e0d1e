import { randomUUID } from 'node:crypto';
import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Id } from '../../domain/ids.ts';
import { mailAdministrators } from '../mail-administrators.ts';
import type { Caller, Outside } from '../ports.ts';
import { createPace, type Found, scrubObject } from './scrub-object.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'scrub' } };
const dayMs = 24 * 60 * 60_000;
/** A run gives its place in the queue to other work after this; objects are read whole, so it may last for one more. */
const runMs = 60_000;

const owners = {
  recording: { select: { id: true, lessonId: true } },
  rendition: { select: { id: true, recordingId: true, recording: { select: { lessonId: true } } } },
  permission: { select: { id: true, lessonId: true } },
} as const satisfies Prisma.SealedObjectInclude;
type Row = Prisma.SealedObjectGetPayload<{ include: typeof owners }>;

/**
 * Queues the scrub when a pass is due or under way. A pass is begun every `scrubEveryMs` and is over when every object has
 * been read since it began; what was found damaged is looked at again every day.
 */
export async function beginScrubWhenDue(outside: Needs, isAsked = false): Promise<boolean> {
  const { database, clock, settings } = outside;
  const last = await database.read.integrityRun.findFirst({ where: { kind: 'scrub' }, orderBy: { startedAt: 'desc' } });
  const isOver = last === null || last.finishedAt !== null;
  const isDue =
    isOver && (isAsked || last === null || last.startedAt.getTime() + settings.scrubEveryMs <= clock().getTime());
  if (isOver && !isDue && !(await hasDamageToLookAt(outside))) return false;
  await database.transact(caller, async (tx) => {
    if (isDue) {
      // One pass at a time: of two processes that find it due, the second finds the first one's.
      await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(7305808869231652)`;
      const isThere = await tx.db.integrityRun.findFirst({ where: { kind: 'scrub', finishedAt: null } });
      if (!isThere) await tx.db.integrityRun.create({ data: { id: randomUUID(), kind: 'scrub', startedAt: clock() } });
    }
    await tx.enqueue('scrub-objects', {}, { key: 'scrub', queue: 'scrub' });
  });
  return true;
}

/** Works on the pass for about a minute. The queue lets only one of these run at a time. Resumable: each object is noted when it is done. */
export async function scrubObjects(outside: Needs, signal: AbortSignal): Promise<void> {
  const { database, clock, settings } = outside;
  const pass = await database.read.integrityRun.findFirst({ where: { kind: 'scrub', finishedAt: null } });
  const pace = createPace(settings.scrubBytesPerSecond, signal);
  const until = performance.now() + runMs;
  for (let row = await findDue(outside, pass); row !== null; row = await findDue(outside, pass)) {
    if (performance.now() > until) {
      await database.transact(caller, (tx) => tx.enqueue('scrub-objects', {}, { key: 'scrub', queue: 'scrub' }));
      return;
    }
    signal.throwIfAborted();
    let bytes = 0;
    const counting = async (piece: number) => {
      bytes += piece;
      await pace(piece);
    };
    const scrub = (one: Row) =>
      scrubObject(outside, { ...one, ownerId: ownerOf(one)?.objectId ?? null }, counting, signal);
    let found = await scrub(row);
    if (found !== null) {
      // Erased, sealed anew or wrapped for other keys while it was read: only what stands in the row now counts.
      const now = await database.read.sealedObject.findUnique({ where: { id: row.id }, include: owners });
      if (now === null) continue;
      if (now.envelopeSha256 !== row.envelopeSha256) found = await scrub(now);
    }
    await noteScrub(outside, row, found, { passId: pass?.id ?? null, bytes });
  }
  if (pass === null) return;
  await database.transact(caller, async (tx) => {
    const { count } = await tx.db.integrityRun.updateMany({
      where: { id: pass.id, finishedAt: null },
      data: { finishedAt: clock() },
    });
    if (count === 0) return;
    const run = await tx.db.integrityRun.findUniqueOrThrow({ where: { id: pass.id } });
    await tx.log({
      action: 'scrub.finished',
      outcome: 'done',
      object: { kind: 'scrub', id: pass.id },
      details: { objects: run.objects, bytes: Number(run.bytes), faults: run.faults },
    });
  });
}

const damagedAndOld = (at: Date) => ({ faultCode: { not: null }, scrubbedAt: { lt: new Date(at.getTime() - dayMs) } });

async function hasDamageToLookAt({ database, clock }: Needs): Promise<boolean> {
  return (await database.read.objectScrub.count({ where: damagedAndOld(clock()) })) > 0;
}

async function findDue({ database, clock }: Needs, pass: { startedAt: Date } | null): Promise<Row | null> {
  const unread: Prisma.SealedObjectWhereInput[] =
    pass === null ? [] : [{ scrub: { is: null } }, { scrub: { is: { scrubbedAt: { lt: pass.startedAt } } } }];
  return database.read.sealedObject.findFirst({
    where: { OR: [...unread, { scrub: { is: damagedAndOld(clock()) } }] },
    include: owners,
    orderBy: { id: 'asc' },
  });
}

/**
 * Writes down what was found. A new finding is on the log and goes to every administrator by mail, once; it stays until a
 * later reading finds the object whole, which is on the log too.
 */
export async function noteScrub(
  outside: Pick<Needs, 'database' | 'clock' | 'settings'>,
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
      await mailAdministrators(outside, tx, (language) => writeMail(language, owner?.recordingId ?? row.id, found));
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
  const { recording, rendition, permission } = row;
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
    return { kind: 'permission', objectId: permission.id, recordingId: undefined, lessonId: permission.lessonId };
  return null;
}

export const withOwners = owners;

function writeMail(language: 'tr' | 'en', id: Id, { code, detail }: Found) {
  return language === 'tr'
    ? {
        subject: 'Emanet: saklanan bir nesne bozuk ya da eksik',
        text: `${id} numaralı kaydın bir nesnesi bozuk ya da eksik (${code}: ${detail}). Yedekten geri yükleyin; ayrıntılar: emanet integrity`,
      }
    : {
        subject: 'Emanet: a stored object is damaged or missing',
        text: `An object of ${id} is damaged or missing (${code}: ${detail}). Restore it from a backup; details: emanet integrity`,
      };
}
