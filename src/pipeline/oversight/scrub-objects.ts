import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import { damagedAndOld } from './begin-scrub.ts';
import { noteScrub, ownerOf, owners, type Row } from './note-scrub.ts';
import { createPace } from './pace.ts';
import { scrubObject } from './scrub-object.ts';

type Needs = Pick<Outside, 'database' | 'objects' | 'keyring' | 'logSigner' | 'clock' | 'settings'>;

const caller: Caller = { actor: { kind: 'system', id: 'scrub' } };
/** A run yields its place in the queue after this time. Objects are read whole, so it may last for one more. */
const runMs = 60_000;

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
      // Erased, sealed again or wrapped for other keys while it was read: only what stands in the row now counts.
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

async function findDue({ database, clock }: Needs, pass: { startedAt: Date } | null): Promise<Row | null> {
  const unread: Prisma.SealedObjectWhereInput[] =
    pass === null ? [] : [{ scrub: { is: null } }, { scrub: { is: { scrubbedAt: { lt: pass.startedAt } } } }];
  return database.read.sealedObject.findFirst({
    where: { OR: [...unread, { scrub: { is: damagedAndOld(clock()) } }] },
    include: owners,
    orderBy: { id: 'asc' },
  });
}
