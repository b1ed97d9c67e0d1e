import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { signCheckpoint } from '../../../src/audit/checkpoint.ts';
import { toBase64 } from '../../../src/audit/export-format.ts';
import { leafHash } from '../../../src/audit/merkle.ts';
import { addSignature, encodeVerifierKey } from '../../../src/audit/signed-note.ts';
import { parseTilePath, tileIn, tilePath } from '../../../src/audit/tile-shape.ts';
import { checkAnswer, isOfSeenLog, type ProofFault } from '../../../src/web/proofs/check-answer.ts';
import * as hashing from '../../../src/web/proofs/hashing.ts';
import { forgetSeen, readSeen } from '../../../src/web/proofs/seen.ts';
import { isSignedBy, readCheckpoint, readKey, witnessedAt } from '../../../src/web/proofs/signed-checkpoint.ts';
import { type ReadTile, Tree } from '../../../src/web/proofs/tree.ts';
import { keyOf, TestLog, testSigner } from '../../support/log.ts';

const signer = testSigner();

/** The tiles of a log as a browser reads them. */
function tilesOf(log: TestLog): ReadTile {
  const tiles = log.tiles();
  return async (tile) => {
    const octets = tiles.get(tilePath(tile));
    if (!octets) throw new Error(`no ${tilePath(tile)}`);
    return new Uint8Array(octets);
  };
}

describe('the tree as a browser computes it', () => {
  test('has every leaf where it is, and nowhere else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.nat(), fc.nat(), async (size, one, other) => {
        const log = TestLog.of(size, signer);
        const tree = new Tree(size, tilesOf(log));
        const checkpoint = readCheckpoint(log.note());
        const [index, place] = [one % size, other % size];
        const leaf = await hashing.leafHash(log.texts[index]!);
        expect(await tree.includes(leaf, index, checkpoint)).toBe(true);
        if (place !== index) expect(await tree.includes(leaf, place, checkpoint)).toBe(false);
        expect(await tree.includes(leaf, size, checkpoint)).toBe(false);
      }),
      { numRuns: 40 },
    );
  });

  test('continues every earlier state of its own, and none of another log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.nat(), async (size, earlier) => {
        const log = TestLog.of(size, signer);
        const old = (earlier % size) + 1;
        const tree = new Tree(size, tilesOf(log));
        const now = readCheckpoint(log.note());
        const before = readCheckpoint(log.note(old));
        expect(await tree.continues(before, now)).toBe(true);
        const changed = new TestLog([...log.texts.slice(0, old - 1), '{"id":"other"}'], signer);
        expect(await tree.continues(readCheckpoint(changed.note()), now)).toBe(false);
        expect(await tree.continues(before, { ...now, root: before.root })).toBe(old === size);
      }),
      { numRuns: 40 },
    );
  });
});

describe('signatures', () => {
  test('only the key of the log signs for it', async () => {
    const note = TestLog.of(3, signer).note();
    expect(await isSignedBy(note, await readKey(keyOf(signer)))).toBe(true);
    expect(await isSignedBy(note, await readKey(keyOf(testSigner())))).toBe(false);
    expect(await isSignedBy(note, await readKey(keyOf(testSigner('other.example/log'))))).toBe(false);
    expect(await isSignedBy(note.replace('\n3\n', '\n4\n'), await readKey(keyOf(signer)))).toBe(false);
    const ofAnother = signCheckpoint({ origin: 'other.example/log', size: 3, root: Buffer.alloc(32) }, signer);
    expect(await isSignedBy(ofAnother, await readKey(keyOf(signer)))).toBe(false);
    await expect(readKey(keyOf(signer).replace('+', '+0'))).rejects.toThrow();
  });

  test('a witness says when it signed, and only with its own key', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const name = 'witness.example/w';
    const line = encodeVerifierKey(name, privateKey, 'cosignature');
    const note = TestLog.of(3, signer).note();
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(1_800_000_000n);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime 1800000000\n${text}`), privateKey);
    const hint = Buffer.from(line.split('+')[1]!, 'hex');
    const cosigned = addSignature(note, { name, keyHash: hint, signature: Buffer.concat([time, signature]) });
    const key = await readKey(line);
    expect(await witnessedAt(cosigned, key)).toEqual(new Date(1_800_000_000_000));
    expect(await witnessedAt(note, key)).toBeNull();
    time.writeBigUInt64BE(1_900_000_000n);
    const later = addSignature(note, { name, keyHash: hint, signature: Buffer.concat([time, signature]) });
    expect(await witnessedAt(later, key)).toBeNull();
    expect(await isSignedBy(cosigned, key)).toBe(false);
  });
});

describe('an answer of the log', () => {
  let served: { log: TestLog; key: string };
  beforeEach(() => {
    const kept = new Map<string, string>();
    vi.stubGlobal('localStorage', {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    vi.stubGlobal('fetch', async (path: string) => {
      if (path === '/.well-known/emanet-log') return Response.json({ key: served.key });
      const asked = parseTilePath(path.slice('/log/'.length))!;
      const there = tileIn(served.log.size, asked.level, asked.index);
      // A narrower version of a tile is the beginning of it.
      if (there === null || there.width < asked.width) return new Response(null, { status: 404 });
      return new Response(
        new Uint8Array(
          served.log
            .tiles()
            .get(tilePath(there))!
            .subarray(0, asked.width * 32),
        ),
      );
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  /** Logs of one test share no full tile with those of another: what a page once read stays. */
  let logs = 0;
  const grow = (log: TestLog, more: number) => new TestLog([...log.texts, ...textsOf(more, log.size)], log.signer);
  const textsOf = (count: number, from = 0) =>
    Array.from({ length: count }, (_, at) => `{"id":"${logs}-${from + at}","v":1}`);
  const newLog = (size: number) => {
    logs += 1;
    return new TestLog(textsOf(size), signer);
  };
  const show = (log: TestLog, seqs: readonly number[]) => {
    served = { log, key: keyOf(log.signer) };
    const entries = seqs.map((seq) => ({
      seq,
      entry: JSON.parse(log.texts[seq - 1]!) as unknown,
      leafHash: toBase64(leafHash(log.texts[seq - 1]!)),
    }));
    return { entries, checkpoint: { note: log.note() } };
  };
  const faultsOf = async (...asked: Parameters<typeof checkAnswer>): Promise<readonly ProofFault[]> =>
    (await checkAnswer(...asked)).faults;
  const asked = (expected: number | 'newest' | null = null) => ({ seenBefore: readSeen(), expected });

  test('that is right says what was compared, and is remembered', async () => {
    const log = newLog(20);
    expect(await checkAnswer(show(log, [20, 19, 18]), asked('newest'))).toEqual({
      entries: 3,
      size: 20,
      seenSize: null,
      faults: [],
    });
    expect(await checkAnswer(show(grow(log, 5), [17, 16]), asked(17))).toEqual({
      entries: 2,
      size: 25,
      seenSize: 20,
      faults: [],
    });
    expect(readCheckpoint(readSeen()!.note).size).toBe(25);
  });

  test('with a changed, adapted or missing entry names it', async () => {
    const log = newLog(20);
    const answer = show(log, [20, 19, 18, 17]);
    const changed = answer.entries.map((one) => (one.seq === 18 ? { ...one, entry: { id: 'x' } } : one));
    expect(await faultsOf({ ...answer, entries: changed }, asked())).toEqual([{ fault: 'CHANGED', seq: 18 }]);
    const adapted = changed.map((one) =>
      one.seq === 18 ? { ...one, leafHash: toBase64(leafHash('{"id":"x"}')) } : one,
    );
    expect(await faultsOf({ ...answer, entries: adapted }, asked())).toEqual([{ fault: 'NOT_INCLUDED', seq: 18 }]);
    const moved = answer.entries.map((one) => (one.seq === 18 ? { ...one, seq: 3 } : one));
    expect(await faultsOf({ ...answer, entries: moved }, asked())).toEqual([{ fault: 'NOT_INCLUDED', seq: 3 }]);
    const cut = answer.entries.filter(({ seq }) => seq !== 18);
    expect(await faultsOf({ ...answer, entries: cut }, asked('newest'))).toEqual([
      { fault: 'LEFT_OUT', seq: 17, expected: 18 },
    ]);
    expect(await faultsOf({ ...answer, entries: cut.slice(1) }, asked('newest'))).toEqual([
      { fault: 'LEFT_OUT', seq: 19, expected: 20 },
    ]);
  });

  test('of another log, key or past is refused, and what was seen stays', async () => {
    const log = newLog(20);
    await checkAnswer(show(log, [20]), asked());
    const seen = readSeen();
    const shorter = new TestLog(log.texts.slice(0, 12), signer);
    expect(await faultsOf(show(shorter, [12]), asked())).toEqual([{ fault: 'SET_BACK', size: 20 }]);
    expect(await faultsOf(show(grow(newLog(20), 4), [24]), asked())).toEqual([{ fault: 'FORK', size: 20 }]);
    const forged = new TestLog(log.texts, testSigner());
    expect(await faultsOf(show(forged, [20]), asked())).toEqual([{ fault: 'OTHER_KEY' }]);
    const unsigned = show(forged, [20]);
    served = { log, key: keyOf(signer) };
    expect(await faultsOf(unsigned, asked())).toContainEqual({ fault: 'NOT_SIGNED' });
    expect(readSeen()).toEqual(seen);
    forgetSeen();
    expect(await faultsOf(show(shorter, [12]), asked())).toEqual([]);
  });

  test('that overtook a later one is compared the other way round', async () => {
    const log = newLog(20);
    const later = grow(log, 10);
    const before = asked();
    const early = show(log, [20]);
    await checkAnswer(show(later, [30]), before);
    expect(await checkAnswer(early, before)).toMatchObject({ seenSize: 30, faults: [] });
    expect(readCheckpoint(readSeen()!.note).size).toBe(30);
    const other = show(newLog(20), [20]);
    served = { log: later, key: keyOf(signer) };
    expect(await faultsOf(other, before)).toContainEqual({ fault: 'FORK', size: 20 });
  });

  test('whose tree is withheld is not called verified', async () => {
    const answer = show(newLog(20), [20]);
    served = { log: newLog(1), key: keyOf(signer) };
    expect(await checkAnswer(answer, asked())).toMatchObject({ entries: 0, faults: [{ fault: 'NOT_CHECKED' }] });
    // It is signed all the same: the log can be held to it later.
    expect(readCheckpoint(readSeen()!.note).size).toBe(20);
  });

  test('a file of an earlier state is of the log that was seen, one of another log is not', async () => {
    const log = newLog(20);
    const stateOf = (made: TestLog, size = made.size) => {
      const { origin, root } = readCheckpoint(made.note(size));
      return { origin, size, root: hashing.toBase64(root) };
    };
    expect(await isOfSeenLog(stateOf(log))).toBeNull();
    await checkAnswer(show(log, [20]), asked());
    expect(await isOfSeenLog(stateOf(log, 7))).toBe(true);
    expect(await isOfSeenLog(stateOf(newLog(7)))).toBe(false);
    expect(await isOfSeenLog({ ...stateOf(log), origin: 'other.example/log' })).toBe(false);
    // No tree of that size is published yet.
    expect(await isOfSeenLog(stateOf(grow(log, 9)))).toBeNull();
  });
});

test('base64 has one text for its octets', () => {
  const octets = new Uint8Array(createHash('sha256').digest());
  expect(hashing.fromBase64(hashing.toBase64(octets))).toEqual(octets);
  for (const wrong of ['AB==', 'A', '*', ' QQ==']) expect(hashing.fromBase64(wrong)).toBeNull();
});
