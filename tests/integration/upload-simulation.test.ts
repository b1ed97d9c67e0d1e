import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { Refusal } from '../../src/domain/errors.ts';
import { openSealed } from '../../src/pipeline/core/sealed-object.ts';
import { appendToUpload } from '../../src/pipeline/intake/append-to-upload.ts';
import { beginUpload } from '../../src/pipeline/intake/begin-upload.ts';
import { closeUpload } from '../../src/pipeline/intake/close-upload.ts';
import { removeStaged } from '../../src/pipeline/intake/remove-staged.ts';
import { sealUpload } from '../../src/pipeline/intake/seal-upload.ts';
import { takeUpload, type UploadHold } from '../../src/pipeline/intake/take-upload.ts';
import type { Caller } from '../../src/pipeline/ports/caller.ts';
import type { MediaTools } from '../../src/pipeline/ports/media.ts';
import type { ObjectStore } from '../../src/pipeline/ports/object-store.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { reused, traceCiphers } from '../support/trace-ciphers.ts';

let server: TestServer;
let school: School;
let lessonId: string;
let folder: string;
let disk: DiskStore;
const uses: string[] = [];
let stopTracing: () => void;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  lessonId = (await createPermittedLesson(school)).id;
  // In memory where there is such a file system: what is simulated is a process that ends, not a disk that does.
  folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'emanet-simulation-'));
  disk = new DiskStore({ folder });
  stopTracing = traceCiphers((use) => uses.push(use));
});
afterAll(async () => {
  stopTracing();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

class Crash extends Error {}

/** A store in a process that ends at its n-th call, before or after the call has had its effect. */
class MortalStore {
  callsLeft = Number.POSITIVE_INFINITY;
  diesAfterEffect = false;
  #isDead = false;

  live(callsLeft = Number.POSITIVE_INFINITY, diesAfterEffect = false): void {
    this.#isDead = false;
    this.callsLeft = callsLeft;
    this.diesAfterEffect = diesAfterEffect;
  }
  async #call<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isDead) throw new Crash('dead already');
    this.callsLeft -= 1;
    if (this.callsLeft >= 0) return work();
    this.#isDead = true;
    // What a read would have yielded goes with the process.
    const effect = this.diesAfterEffect ? await work() : null;
    if (effect instanceof Readable) effect.destroy();
    throw new Crash('the process ended');
  }
  asStore(): ObjectStore {
    return {
      describe: () => disk.describe(),
      put: (...given) => this.#call(() => disk.put(...given)),
      compose: (...given) => this.#call(() => disk.compose(...given)),
      get: (...given) => this.#call(() => disk.get(...given)),
      head: (...given) => this.#call(() => disk.head(...given)),
      delete: (...given) => this.#call(() => disk.delete(...given)),
      purge: (...given) => this.#call(() => disk.purge(...given)),
      lock: () => disk.lock(),
      list: (prefix) => disk.list(prefix),
      listVersions: (prefix) => disk.listVersions(prefix),
      abortUnfinished: (...given) => this.#call(() => disk.abortUnfinished(...given)),
    };
  }
}

/** ffmpeg has no part in this: what is simulated is the way of the bytes. */
const media = {
  probe: async () => ({
    container: 'wav',
    mediaType: 'audio/wav',
    declaredDurationMs: null,
    streams: [],
    tags: [],
    warnings: [],
  }),
} as unknown as MediaTools;

const died = { dies: fc.option(fc.nat(4)), after: fc.boolean() };
const step = fc.oneof(
  fc.record({
    do: fc.constant('send' as const),
    /** Which state of the client's file: it may change between tries. */
    version: fc.nat(2),
    bytes: fc.integer({ min: 1, max: 120 }),
    pieceBytes: fc.integer({ min: 1, max: 50 }),
    ...died,
  }),
  /** Somebody else takes the upload over between the question and the bytes of the first. */
  fc.record({ do: fc.constant('overtake' as const), version: fc.nat(2), bytes: fc.integer({ min: 1, max: 80 }) }),
  fc.record({ do: fc.constant('back up' as const) }),
  fc.record({ do: fc.constant('restore' as const) }),
);
const life = fc.record({
  fileBytes: fc.integer({ min: 1, max: 400 }),
  partBytes: fc.integer({ min: 8, max: 64 }),
  /** Of 64 octets each. */
  partChunks: fc.integer({ min: 1, max: 3 }),
  steps: fc.array(step, { maxLength: 14 }),
  sealings: fc.array(fc.record(died), { maxLength: 3 }),
});

const versionOf = (bytes: number, version: number) =>
  Buffer.from(Array.from({ length: bytes }, (_, at) => (at * 31 + version * 97 + 7) % 251));
async function* inPieces(bytes: Buffer, pieceBytes: number) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

test('whatever ends, changes, overtakes or is restored: the bytes acknowledged last are sealed, and no key meets a nonce twice', async () => {
  const { database, keyring, clock, settings } = server.context.outside;
  const db = database.read;
  const caller: Caller = { actor: { kind: 'staff', id: school.teacher.id, roles: ['teacher'], scopes: null } };
  const offsetOf = async (id: string) => Number((await db.upload.findUniqueOrThrow({ where: { id } })).offset);

  await fc.assert(
    fc.asyncProperty(life, async ({ fileBytes, partBytes, partChunks, steps, sealings }) => {
      const sizes = { partBytes, partChunks, chunkOctet: 0 };
      const store = new MortalStore();
      const outside = {
        ...server.context.outside,
        objects: store.asStore(),
        media,
        keyring,
        clock,
        settings,
      } as Outside;
      const id = await beginUpload(outside, caller, {
        lessonId,
        bytes: fileBytes,
        fileName: 'a.wav',
        declaredType: undefined,
        declaredSha256: undefined,
        metadata: {},
      });
      /** What the server has said to be safe. */
      let acknowledged = Buffer.alloc(fileBytes);
      let backup: {
        offset: number;
        acknowledged: Buffer;
        parts: Awaited<ReturnType<typeof db.uploadPart.findMany>>;
      } | null = null;

      const send = async (hold: UploadHold, at: number, version: number, bytes: number, pieceBytes: number) => {
        const sent = versionOf(fileBytes, version).subarray(at, at + bytes);
        try {
          await appendToUpload(outside, hold, at, inPieces(sent, pieceBytes), { sizes });
        } catch (error) {
          if (!(error instanceof Crash) && !(error instanceof Refusal && error.code === 'STATE_CHANGED')) throw error;
        }
        const safe = await offsetOf(id);
        if (safe > at) sent.copy(acknowledged, at, 0, safe - at);
        return safe;
      };

      for (const one of steps) {
        const at = await offsetOf(id);
        if (one.do === 'send') {
          store.live(one.dies ?? undefined, one.after);
          const hold = (await takeUpload(outside, id))!;
          await send(hold, at, one.version, one.bytes, one.pieceBytes);
          store.live();
        } else if (one.do === 'overtake') {
          const slow = (await takeUpload(outside, id))!;
          const quick = (await takeUpload(outside, id))!;
          const reached = await send(quick, at, one.version, one.bytes, 16);
          // The slow one still believes that the upload stands where it asked.
          const stale = appendToUpload(outside, slow, at, inPieces(Buffer.alloc(Math.min(9, fileBytes - at), 1), 3), {
            sizes,
          });
          if (at < fileBytes) await expect(stale).rejects.toMatchObject({ code: 'STATE_CHANGED' });
          else await stale;
          expect(await offsetOf(id)).toBe(reached);
        } else if (one.do === 'back up') {
          backup = {
            offset: at,
            acknowledged: Buffer.from(acknowledged),
            parts: await db.uploadPart.findMany({ where: { uploadId: id } }),
          };
        } else if (backup) {
          await db.uploadPart.deleteMany({ where: { uploadId: id } });
          await db.uploadPart.createMany({ data: backup.parts });
          await db.upload.update({ where: { id }, data: { offset: backup.offset, fence: 0 } });
          acknowledged = Buffer.from(backup.acknowledged);
        }
      }

      store.live();
      const at = await offsetOf(id);
      await send((await takeUpload(outside, id))!, at, 0, fileBytes - at, 40);
      await closeUpload(outside, caller, id);
      for (const { dies, after } of sealings) {
        store.live(dies ?? undefined, after);
        await sealUpload(outside, id, new AbortController().signal).catch((error) => {
          if (!(error instanceof Crash)) throw error;
        });
      }
      store.live();
      await sealUpload(outside, id, new AbortController().signal);
      await removeStaged(outside, id);

      const { sealed } = await db.recording.findUniqueOrThrow({ where: { id }, include: { sealed: true } });
      const source = await openSealed(outside, sealed!);
      const pieces: Buffer[] = [];
      for await (const piece of source.read(0, source.bytes)) pieces.push(Buffer.from(piece));
      source.close();
      expect(Buffer.concat(pieces).equals(acknowledged)).toBe(true);
      expect(sealed!.mediaSha256).toBe(createHash('sha256').update(acknowledged).digest('hex'));
      for await (const { key } of disk.list(`uploads/${id}/`)) throw new Error(`left over: ${key}`);
    }),
    { numRuns: Number(process.env.EMANET_SIMULATIONS ?? 150) },
  );
  expect(uses.length).toBeGreaterThan(500);
  expect(reused(uses)).toEqual([]);
});
