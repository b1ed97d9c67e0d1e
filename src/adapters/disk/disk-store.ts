import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import {
  ObjectMissing,
  type ObjectStore,
  type Purged,
  type StoreDescription,
  type StoredObject,
  StoreUnavailable,
} from '../../pipeline/ports/object-store.ts';
import { assertKey, untilAborted } from '../../pipeline/ports/object-store-rules.ts';

/**
 * Objects as files below one folder, which only the server's user can enter (0700, files 0600).
 *
 * Folders are named as the key's segments; an object's file has `~` at the end of its name, an unfinished one
 * `~<start in ms>-<random>`. Keys contain no `~`, so that `a` and `a/b` can both exist and no key is mistaken for
 * another. A write becomes visible by `rename` after `fsync`, and durable by `fsync` of the folder.
 */
export class DiskStore implements ObjectStore {
  readonly #root: string;

  constructor(config: { folder: string }) {
    this.#root = resolve(config.folder);
  }

  async describe(): Promise<StoreDescription> {
    return {
      kind: 'disk',
      where: this.#root,
      capabilities: {
        atomicReplace: await this.#replacesAtomically(),
        versioning: false,
        conditionalPut: false,
        objectLock: false,
      },
    };
  }

  async put(
    key: string,
    body: AsyncIterable<Uint8Array>,
    options: { signal?: AbortSignal } = {},
  ): Promise<{ bytes: number }> {
    let bytes = 0;
    await this.#writeNew(key, options.signal, async (file) => {
      // A piece belongs to its sender again as soon as the next one is asked for.
      const gathered = Buffer.allocUnsafe(writtenBytes);
      let filled = 0;
      const flush = async () => {
        const octets = gathered.subarray(0, filled);
        filled = 0;
        await translated(() => writeFully(file, octets));
      };
      for await (const piece of untilAborted(body, options.signal)) {
        bytes += piece.length;
        if (filled + piece.length > writtenBytes) await flush();
        if (piece.length > writtenBytes / 2) {
          await flush();
          await translated(() => writeFully(file, piece));
          continue;
        }
        gathered.set(piece, filled);
        filled += piece.length;
      }
      await flush();
    });
    return { bytes };
  }

  async compose(key: string, from: readonly string[], options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#writeNew(key, options.signal, async (file) => {
      // One buffer for all of it: garbage costs more than the copying.
      const octets = Buffer.allocUnsafeSlow(writtenBytes);
      for (const part of from) {
        const source = await this.#openToRead(part);
        try {
          for (;;) {
            options.signal?.throwIfAborted();
            const { bytesRead } = await translated(() => source.read(octets, 0, writtenBytes));
            if (bytesRead === 0) break;
            await translated(() => writeFully(file, octets.subarray(0, bytesRead)));
          }
        } finally {
          await source.close();
        }
      }
    });
  }

  /** Writes a file beside the object and puts it in its place when it is whole and durable; else leaves nothing. */
  async #writeNew(
    key: string,
    signal: AbortSignal | undefined,
    fill: (file: FileHandle) => Promise<void>,
  ): Promise<void> {
    const target = this.#pathOf(key);
    const unfinished = `${target}${Date.now()}-${randomUUID()}`;
    signal?.throwIfAborted();
    const file = await this.#createIn(unfinished);
    try {
      await fill(file);
      await translated(() => file.sync());
      await file.close();
      signal?.throwIfAborted();
      await translated(() => rename(unfinished, target));
    } catch (error) {
      await file.close();
      await rm(unfinished, { force: true });
      await this.#removeEmptyFolders(dirname(target));
      throw error;
    }
    await this.#syncFolders(dirname(target));
  }

  async #openToRead(key: string): Promise<FileHandle> {
    try {
      return await open(this.#pathOf(key), 'r');
    } catch (cause) {
      if (isMissing(cause)) throw new ObjectMissing(`no object ${key}`, { cause });
      throw asUnavailable(cause);
    }
  }

  async get(
    key: string,
    range?: { start: number; end: number },
    options: { signal?: AbortSignal } = {},
  ): Promise<Readable> {
    if (range && !(range.start >= 0 && range.end >= range.start)) throw new RangeError('range ends before it starts');
    options.signal?.throwIfAborted();
    const file = await this.#openToRead(key);
    if (range?.start === range?.end && range !== undefined) {
      await file.close();
      return Readable.from([], { objectMode: false });
    }
    const stream = file.createReadStream({
      highWaterMark: 256 * 1024,
      ...(range ? { start: range.start, end: range.end - 1 } : {}),
    });
    return options.signal ? addAbortSignal(options.signal, stream) : stream;
  }

  async head(key: string): Promise<{ bytes: number } | null> {
    const path = this.#pathOf(key);
    try {
      return { bytes: (await stat(path)).size };
    } catch (error) {
      if (isMissing(error)) return null;
      throw asUnavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.#pathOf(key);
    await translated(() => rm(path, { force: true }));
    await this.#syncFolders(dirname(path));
    await this.#removeEmptyFolders(dirname(path));
  }

  /** A folder keeps no versions: a deleted object is gone. */
  async purge(key: string): Promise<Purged> {
    const isThere = (await this.head(key)) !== null;
    await this.delete(key);
    return { removed: isThere ? 1 : 0, held: 0, heldUntil: null };
  }

  /** A process that can write to a folder can also remove what is in it. */
  async lock(): Promise<boolean> {
    return false;
  }

  listVersions(prefix: string): AsyncIterable<StoredObject> {
    return this.list(prefix);
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for await (const { key, path, unfinishedSince } of this.#walk(prefix)) {
      if (unfinishedSince !== null) continue;
      const found = await this.#statOrNull(path);
      if (found) yield { key, bytes: found.size, modifiedAt: found.mtime };
    }
  }

  async abortUnfinished(prefix: string, before: Date): Promise<number> {
    let aborted = 0;
    for await (const { path, unfinishedSince } of this.#walk(prefix)) {
      if (unfinishedSince === null || unfinishedSince >= before.getTime()) continue;
      await translated(() => rm(path, { force: true }));
      await this.#removeEmptyFolders(dirname(path));
      aborted += 1;
    }
    return aborted;
  }

  #pathOf(key: string): string {
    assertKey(key);
    return `${join(this.#root, ...key.split('/'))}~`;
  }

  /** Opens a new file and makes its folders. Another write's clean-up may remove an empty folder in between. */
  async #createIn(path: string): Promise<FileHandle> {
    for (let attempt = 1; ; attempt++) {
      await translated(() => mkdir(dirname(path), { recursive: true, mode: 0o700 }));
      try {
        return await open(path, 'wx', 0o600);
      } catch (error) {
        if (!isMissing(error) || attempt === 5) throw asUnavailable(error);
      }
    }
  }

  /** A new folder is durable only when the folder that names it is. */
  async #syncFolders(folder: string): Promise<void> {
    for (let current = folder; current.startsWith(this.#root); current = dirname(current)) {
      await translated(async () => {
        const handle = await openFolderOrNull(current);
        try {
          await handle?.sync();
        } finally {
          await handle?.close();
        }
      });
    }
  }

  async #removeEmptyFolders(folder: string): Promise<void> {
    for (let current = folder; current.startsWith(`${this.#root}/`); current = dirname(current)) {
      try {
        await rmdir(current);
      } catch (error) {
        const code = codeOf(error);
        if (code === 'ENOTEMPTY' || code === 'EEXIST') return;
        if (code !== 'ENOENT') throw asUnavailable(error);
      }
    }
  }

  async *#walk(prefix: string): AsyncGenerator<{ key: string; path: string; unfinishedSince: number | null }> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    if (folder !== '') assertKey(folder.slice(0, -1));
    const pending = [folder];
    for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
      for (const entry of await this.#entriesOf(join(this.#root, at))) {
        const path = join(this.#root, at, entry.name);
        if (entry.isDirectory()) {
          const below = `${at}${entry.name}/`;
          if (below.startsWith(prefix) || prefix.startsWith(below)) pending.push(below);
          continue;
        }
        const name = /^([^~]+)~(?:(\d+)-[0-9a-f-]+)?$/.exec(entry.name);
        if (!name || !`${at}${name[1]}`.startsWith(prefix)) continue;
        yield { key: `${at}${name[1]}`, path, unfinishedSince: name[2] === undefined ? null : Number(name[2]) };
      }
    }
  }

  async #entriesOf(folder: string) {
    try {
      return await readdir(folder, { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return [];
      throw asUnavailable(error);
    }
  }

  async #statOrNull(path: string) {
    try {
      return await stat(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw asUnavailable(error);
    }
  }

  async #replacesAtomically(): Promise<boolean> {
    const key = `probe-${randomUUID()}`;
    try {
      for (const content of ['one', 'two']) await this.put(key, Readable.from([Buffer.from(content)]));
      const pieces: Buffer[] = [];
      for await (const piece of await this.get(key)) pieces.push(piece);
      return Buffer.concat(pieces).toString() === 'two';
    } finally {
      await this.delete(key);
    }
  }
}

/** Smaller pieces are gathered up to this size and written by one system call. */
const writtenBytes = 2 ** 19;

async function writeFully(file: FileHandle, octets: Uint8Array): Promise<void> {
  for (let rest = octets; rest.length > 0; ) {
    const { bytesWritten } = await file.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

async function openFolderOrNull(folder: string): Promise<FileHandle | null> {
  try {
    return await open(folder, 'r');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function translated<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw asUnavailable(error);
  }
}

const unavailableCodes = new Set('ENOSPC EDQUOT EIO EROFS EACCES EPERM EMFILE ENFILE ESTALE ENODEV ENXIO'.split(' '));

/** If a file disappears between two of our steps, it was swept: that write can be retried, too. */
function asUnavailable(error: unknown): unknown {
  const code = codeOf(error);
  if (code !== 'ENOENT' && !unavailableCodes.has(code)) return error;
  return new StoreUnavailable(`the disk answered ${code}`, { cause: error });
}

function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
