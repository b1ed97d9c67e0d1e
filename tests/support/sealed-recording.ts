import { randomBytes, randomUUID } from 'node:crypto';
import { folderOf, openSealed, recordSealed, sealIntoStore } from '../../src/pipeline/core/sealed-object.ts';
import type { RenditionLayout } from '../../src/pipeline/ports/media.ts';
import type { ObjectStore } from '../../src/pipeline/ports/object-store.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { collect, inPieces } from './vault.ts';

const system = { actor: { kind: 'system', id: 'test' } } as const;

/**
 * A recording in review with a ready rendition, both really sealed and bound on the log, without the detour through a
 * media file.
 */
export async function createSealedRecording(
  outside: Outside,
  lessonId: string,
  uploaderId: string,
  {
    mediaBytes = 3 * 2 ** 20 + 17,
    renditionBytes = 1_000 as number | null,
    renditionLayout,
  }: { mediaBytes?: number; renditionBytes?: number | null; renditionLayout?: RenditionLayout } = {},
) {
  const id = randomUUID();
  const media = randomBytes(mediaBytes);
  const folder = folderOf('recordings', id);
  const sealed = await sealIntoStore(outside, folder, inPieces(media), { mediaLength: media.length });
  await outside.database.transact(system, async (tx) => {
    const binding = await recordSealed(tx, sealed);
    await tx.db.recording.create({
      data: {
        id,
        lessonId,
        uploaderId,
        state: 'in_review',
        fileName: 'ada.mp4',
        sealedId: sealed.id,
        checkState: 'done',
        probe: {
          container: 'mp4',
          mediaType: 'video/mp4',
          declaredDurationMs: null,
          streams: [],
          tags: [{ stream: null, name: 'location', value: 'home' }],
          warnings: [],
        },
        segments: {
          create: {
            startMs: 0,
            endMs: 10,
            findings: {
              create: {
                recordingId: id,
                key: 'x',
                source: 'subtitle',
                startMs: 0,
                endMs: 10,
                title: 'what Ada said',
                confidence: 1,
                evidence: { text: 'what Ada said' },
              },
            },
          },
        },
      },
    });
    const object = { kind: 'recording', id, recordingId: id, lessonId };
    await tx.log({ action: 'recording.sealed', outcome: 'done', object, details: binding });
  });
  if (renditionBytes !== null) {
    const rendition = await sealIntoStore(outside, folder, inPieces(randomBytes(renditionBytes)));
    await outside.database.transact(system, async (tx) => {
      const binding = await recordSealed(tx, rendition);
      const row = await tx.db.rendition.create({
        data: {
          ...{ recordingId: id, state: 'ready', edits: [], mediaType: 'video/mp4', sealedId: rendition.id },
          ...(renditionLayout ? { layout: renditionLayout as object } : {}),
        },
      });
      const object = { kind: 'rendition', id: row.id, recordingId: id, lessonId };
      await tx.log({ action: 'rendition.made', outcome: 'done', object, details: binding });
    });
  }
  return { id, media, bodyKey: sealed.bodyKey };
}

/** The media of a recording as it is stored now. */
export async function readRecording(outside: Outside, recordingId: string): Promise<Buffer> {
  const row = await outside.database.read.recording.findUniqueOrThrow({
    where: { id: recordingId },
    include: { sealed: true },
  });
  const source = await openSealed(outside, row.sealed!);
  try {
    return await collect(source.read(0, source.bytes));
  } finally {
    source.close();
  }
}

export async function keysUnder(outside: Outside, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of outside.objects.listVersions(prefix)) keys.push(key);
  return keys.toSorted();
}

/** The error of the broken store. */
export class BrokeOff extends Error {}

/**
 * The outside with a store whose n-th call from now on fails: before it takes effect, or after. Listings always fail
 * before.
 */
export function breakingAt(outside: Outside, n: number, when: 'before' | 'after'): Outside & { calls(): number } {
  let calls = 0;
  const objects = new Proxy(outside.objects, {
    get(store, name: keyof ObjectStore) {
      const method = (store[name] as (...args: unknown[]) => unknown).bind(store);
      return (...args: unknown[]) => {
        calls++;
        if (calls !== n) return method(...args);
        if (when === 'before' || name === 'list' || name === 'listVersions') throw new BrokeOff();
        return Promise.resolve(method(...args)).then(() => {
          throw new BrokeOff();
        });
      };
    },
  });
  return { ...outside, objects, calls: () => calls };
}

/** The outside with single methods of the store replaced. */
export function withStore(outside: Outside, replaced: Partial<ObjectStore>): Outside {
  const objects = new Proxy(outside.objects, {
    get: (store, name) =>
      replaced[name as keyof ObjectStore] ?? (store[name as keyof ObjectStore] as () => unknown).bind(store),
  });
  return { ...outside, objects };
}
