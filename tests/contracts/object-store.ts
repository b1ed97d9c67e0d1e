import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectMissing, type ObjectStore } from '../../src/pipeline/ports/object-store.ts';
import { eventually } from '../support/eventually.ts';

const partBytes = 16 * 2 ** 20;
const pieceBytes = 64 * 1024;

/** What every `ObjectStore` does. `open` gives a store that other tests may share; keys here are unique. */
export function objectStoreContract(open: () => Promise<{ store: ObjectStore; close: () => Promise<void> }>): void {
  const folder = `contract-${randomUUID()}`;
  let store: ObjectStore;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ store, close } = await open());
  });
  afterAll(async () => {
    for await (const { key } of store.list(`${folder}/`)) await store.delete(key);
    await close();
  });

  const fresh = (name = 'object') => `${folder}/${randomUUID()}/${name}`;

  it('says what it is and proves its capabilities', async () => {
    const description = await store.describe();
    expect(description.where).not.toBe('');
    expect(Object.values(description.capabilities).every((value) => typeof value === 'boolean')).toBe(true);
  });

  it.each([
    ['empty', 0],
    ['one byte', 1],
    ['one byte less than a part', partBytes - 1],
    ['one part', partBytes],
    ['one byte more than a part', partBytes + 1],
    ['three parts', 3 * partBytes],
    ['three parts and a bit', 3 * partBytes + 5],
  ])('gives back what was put: %s', async (_name, bytes) => {
    const key = fresh();
    const content = randomBytes(bytes);
    expect(await store.put(key, pieces(content))).toEqual({ bytes });
    expect(await store.head(key)).toEqual({ bytes });
    expect(sha256(await collect(await store.get(key)))).toBe(sha256(content));
    expect(await listed(store, key)).toEqual([{ key, bytes }]);
  });

  it('reuses nothing of the pieces it was given after it took them', async () => {
    const key = fresh();
    const piece = Buffer.alloc(pieceBytes);
    await store.put(
      key,
      (async function* () {
        for (let value = 1; value <= 3; value++) {
          piece.fill(value);
          yield piece;
        }
      })(),
    );
    const content = await collect(await store.get(key));
    expect([content[0], content[pieceBytes], content[2 * pieceBytes]]).toEqual([1, 2, 3]);
  });

  it('puts objects in a row, replaces what was there, and leaves them where they are', async () => {
    const [from, contents] = [
      [fresh(), fresh('b c+d'), fresh()],
      [randomBytes(5 * 2 ** 20), randomBytes(6 * 2 ** 20), randomBytes(3)],
    ];
    for (const [at, content] of contents.entries()) await store.put(from[at]!, pieces(content));
    const key = fresh();
    await store.put(key, pieces(randomBytes(10)));
    await store.compose(key, from);
    expect(sha256(await collect(await store.get(key)))).toBe(sha256(Buffer.concat(contents)));
    await store.compose(key, [from[2]!]);
    expect((await collect(await store.get(key))).equals(contents[2]!)).toBe(true);
    for (const [at, content] of contents.entries())
      expect(await store.head(from[at]!)).toEqual({ bytes: content.length });
  });

  it('puts nothing in a row when one is missing', async () => {
    const [here, key] = [fresh(), fresh()];
    await store.put(here, pieces(randomBytes(5 * 2 ** 20)));
    await expect(store.compose(key, [here, fresh('missing')])).rejects.toThrow(ObjectMissing);
    expect(await store.head(key)).toBeNull();
    expect(await store.abortUnfinished(key, new Date(Date.now() + 60_000))).toBe(0);
  });

  it.each([0, 1, 4 * 2 ** 20, 17 * 2 ** 20])('takes %i bytes with a checksum', async (bytes) => {
    const key = fresh();
    const content = randomBytes(bytes);
    const body = (async function* () {
      yield content;
    })();
    expect(await store.put(key, body, { checksum: true })).toEqual({ bytes });
    expect((await collect(await store.get(key))).equals(content)).toBe(true);
  });

  it('takes pieces of any sizes, also none', async () => {
    const key = fresh();
    const sizes = [0, 16, 100_000, 16, 1, 0, 5000, ...Array.from({ length: 200 }, () => 7), 70_000, 16];
    const content = sizes.map((size) => randomBytes(size));
    await store.put(
      key,
      (async function* () {
        yield* content;
      })(),
    );
    expect((await collect(await store.get(key))).equals(Buffer.concat(content))).toBe(true);
  });

  describe('of a stored object', () => {
    const content = randomBytes(partBytes + 4096);
    let key: string;
    beforeAll(async () => {
      key = fresh();
      await store.put(key, pieces(content));
    });

    it.each([
      [0, 1],
      [0, 0],
      [5, 5],
      [1, 70_000],
      [partBytes - 1, partBytes + 1],
      [partBytes + 4095, partBytes + 4096],
      [0, partBytes + 4096],
    ])('reads the range [%i, %i)', async (start, end) => {
      const range = await collect(await store.get(key, { start, end }));
      expect(range.equals(content.subarray(start, end))).toBe(true);
    });

    it('clamps a range that goes beyond the end', async () => {
      const range = await collect(await store.get(key, { start: content.length - 3, end: content.length + 100 }));
      expect(range.equals(content.subarray(-3))).toBe(true);
      expect(await collect(await store.get(key, { start: content.length, end: content.length + 1 }))).toHaveLength(0);
    });

    it('stops when the signal aborts', async () => {
      const abort = new AbortController();
      const stream = await store.get(key, undefined, { signal: abort.signal });
      const reading = collect(stream);
      abort.abort();
      await expect(reading).rejects.toThrow();
      await expect(store.get(key, undefined, { signal: abort.signal })).rejects.toBe(abort.signal.reason);
    });
  });

  it('tells a missing object from every other answer', async () => {
    const key = fresh();
    await expect(store.get(key)).rejects.toBeInstanceOf(ObjectMissing);
    await expect(store.get(key, { start: 0, end: 1 })).rejects.toBeInstanceOf(ObjectMissing);
    await expect(store.get(key, { start: 0, end: 0 })).rejects.toBeInstanceOf(ObjectMissing);
    expect(await store.head(key)).toBeNull();
    await store.delete(key);
  });

  it('deletes', async () => {
    const key = fresh();
    await store.put(key, pieces(randomBytes(10)));
    await store.delete(key);
    expect(await store.head(key)).toBeNull();
    expect(await listed(store, key)).toEqual([]);
  });

  it('says whether it locks an object, and one that is locked stays until then', async () => {
    const key = fresh();
    await store.put(key, pieces(Buffer.from('kept')));
    const until = new Date(Date.now() + 3_000);
    const isLocked = await store.lock(key, until);
    expect((await collect(await store.get(key))).toString()).toBe('kept');
    if (isLocked) {
      expect(await store.purge(key)).toMatchObject({ held: 1 });
      await eventually(async () => (await store.purge(key)).held === 0, 'the lock to end');
    } else expect(await store.purge(key)).toMatchObject({ removed: 1, held: 0 });
    expect(await store.lock(fresh(), until)).toBe(false);
  });

  it('purges an object with everything that was ever under its key, and nothing beside it', async () => {
    const key = fresh();
    await store.put(`${key}/below`, pieces(Buffer.from('other')));
    for (const content of ['1', '22', '333']) await store.put(key, pieces(Buffer.from(content)));
    await store.delete(key);
    await store.put(key, pieces(Buffer.from('4444')));
    const purged = await store.purge(key);
    expect(purged).toMatchObject({ held: 0, heldUntil: null });
    expect(purged.removed).toBeGreaterThan(0);
    expect(await store.head(key)).toBeNull();
    const left: string[] = [];
    for await (const version of store.listVersions(key)) left.push(version.key);
    expect(left).toEqual([`${key}/below`]);
    expect(await store.purge(key)).toEqual({ removed: 0, held: 0, heldUntil: null });
  });

  it('lists versions with size and date, at least those that list shows', async () => {
    const key = fresh();
    await store.put(key, pieces(Buffer.from('12345')));
    const found = [];
    for await (const version of store.listVersions(key)) found.push(version);
    expect(found).toMatchObject([{ key, bytes: 5 }]);
    expect(Math.abs(Date.now() - found[0]!.modifiedAt.getTime())).toBeLessThan(60_000);
  });

  it('takes odd keys as they are', async () => {
    const names = ["a b+c%20(1)'*!;,@&=$.bin", 'UPPER/lower', '%2e%2e', '...', 'a?b#c', '-', ' ', '"<>|^`{}'];
    const base = fresh('odd');
    for (const name of names) await store.put(`${base}/${name}`, pieces(Buffer.from(name)));
    const found = await listed(store, `${base}/`);
    expect(found.map(({ key }) => key).toSorted()).toEqual(names.map((name) => `${base}/${name}`).toSorted());
    for (const name of names) expect((await collect(await store.get(`${base}/${name}`))).toString()).toBe(name);
  });

  it.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    '.',
    'a/../b',
    '..',
    'a/./b',
    'a\\b',
    'a\0b',
    'a\nb',
    'ğ',
    'a~',
    'x'.repeat(201),
  ])('refuses the key %j', async (key) => {
    await expect(store.put(key, pieces(Buffer.from('x')))).rejects.toBeInstanceOf(RangeError);
    await expect(store.get(key)).rejects.toBeInstanceOf(RangeError);
    await expect(store.head(key)).rejects.toBeInstanceOf(RangeError);
    await expect(store.delete(key)).rejects.toBeInstanceOf(RangeError);
  });

  it('keeps an object beside others whose keys begin with its key', async () => {
    const key = fresh();
    await store.put(key, pieces(Buffer.from('1')));
    await store.put(`${key}/below`, pieces(Buffer.from('2')));
    expect((await listed(store, key)).map((object) => object.key).toSorted()).toEqual([key, `${key}/below`]);
    await store.delete(`${key}/below`);
    expect((await collect(await store.get(key))).toString()).toBe('1');
  });

  it('lists by a prefix that need not end at a slash, with sizes and dates', async () => {
    const base = fresh('list');
    for (const name of ['ab1', 'ab2/x', 'b']) await store.put(`${base}/${name}`, pieces(Buffer.from(name)));
    expect(await listed(store, `${base}/ab`)).toEqual([
      { key: `${base}/ab1`, bytes: 3 },
      { key: `${base}/ab2/x`, bytes: 5 },
    ]);
    expect(await listed(store, `${base}/none`)).toEqual([]);
    for await (const { modifiedAt } of store.list(base)) {
      expect(Math.abs(Date.now() - modifiedAt.getTime())).toBeLessThan(60_000);
    }
  });

  it('replaces an object as a whole', async () => {
    const key = fresh();
    const old = randomBytes(partBytes + 10);
    await store.put(key, pieces(old));
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const replacing = store.put(
      key,
      (async function* () {
        yield randomBytes(2 * partBytes);
        reached.resolve();
        await gate.promise;
        yield Buffer.from('end');
      })(),
    );
    await reached.promise;
    expect(sha256(await collect(await store.get(key)))).toBe(sha256(old));
    gate.resolve();
    await replacing;
    expect(await store.head(key)).toEqual({ bytes: 2 * partBytes + 3 });
    await store.put(key, pieces(Buffer.from('small')));
    expect((await collect(await store.get(key))).toString()).toBe('small');
  });

  it('ends with one whole object when several are put at once', async () => {
    const key = fresh();
    const contents = Array.from({ length: 4 }, (_, index) => Buffer.alloc(100_000 + index, index));
    await Promise.all(contents.map((content) => store.put(key, pieces(content))));
    const found = await collect(await store.get(key));
    expect(contents.some((content) => content.equals(found))).toBe(true);
    expect(await listed(store, key)).toHaveLength(1);
  });

  describe.each([
    ['before the first byte', 0],
    ['in a small object', 1000],
    ['after a part', partBytes + 1],
    ['with parts on the way', 3 * partBytes + 1],
  ])('when a write ends early %s', (_name, bytes) => {
    it('leaves nothing of a body that fails, and passes its error on', async () => {
      const key = fresh();
      const failure = new Error('the body failed');
      const failing = (async function* () {
        yield* pieces(randomBytes(bytes));
        throw failure;
      })();
      await expect(store.put(key, failing)).rejects.toBe(failure);
      expect(await store.head(key)).toBeNull();
      expect(await store.abortUnfinished(key, new Date(Date.now() + 60_000))).toBe(0);
    });

    it('leaves nothing when the signal aborts, even while the body is silent', async () => {
      const key = fresh();
      const abort = new AbortController();
      const reason = new Error('the caller left');
      const silent = (async function* () {
        yield* pieces(randomBytes(bytes));
        setImmediate(() => abort.abort(reason));
        await new Promise(() => undefined);
      })();
      await expect(store.put(key, silent, { signal: abort.signal })).rejects.toBe(reason);
      expect(await store.head(key)).toBeNull();
      expect(await store.abortUnfinished(key, new Date(Date.now() + 60_000))).toBe(0);
    });
  });

  it('keeps the old object when its replacement fails', async () => {
    const key = fresh();
    await store.put(key, pieces(Buffer.from('old')));
    const failing = (async function* () {
      yield randomBytes(partBytes + 1);
      throw new Error('the body failed');
    })();
    await expect(store.put(key, failing)).rejects.toThrow('the body failed');
    expect((await collect(await store.get(key))).toString()).toBe('old');
  });

  it('sweeps an unfinished write that began before the given time, and only that', async () => {
    const key = fresh();
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const began = Date.now();
    const writing = store.put(
      key,
      (async function* () {
        yield* pieces(randomBytes(2 * partBytes + 1));
        reached.resolve();
        await gate.promise;
        yield randomBytes(partBytes);
      })(),
    );
    const outcome = writing.then(
      () => 'done',
      () => 'failed',
    );
    await reached.promise;
    expect(await store.abortUnfinished(key, new Date(began - 60_000))).toBe(0);
    expect(await store.abortUnfinished(fresh(), new Date(Date.now() + 60_000))).toBe(0);
    expect(await store.abortUnfinished(key, new Date(Date.now() + 60_000))).toBe(1);
    expect(await store.abortUnfinished(key, new Date(Date.now() + 60_000))).toBe(0);
    gate.resolve();
    expect(await outcome).toBe('failed');
    expect(await store.head(key)).toBeNull();
  });
}

async function* pieces(content: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += pieceBytes) yield content.subarray(at, at + pieceBytes);
}

async function collect(stream: Readable): Promise<Buffer> {
  const found: Buffer[] = [];
  for await (const piece of stream) found.push(piece);
  return Buffer.concat(found);
}

async function listed(store: ObjectStore, prefix: string): Promise<{ key: string; bytes: number }[]> {
  const found: { key: string; bytes: number }[] = [];
  for await (const { key, bytes } of store.list(prefix)) found.push({ key, bytes });
  return found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
