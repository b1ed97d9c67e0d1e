import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { StoreUnavailable } from '../../src/pipeline/ports/object-store.ts';
import { objectStoreContract } from './object-store.ts';

const run = promisify(execFile);
const temporaryFolder = () => mkdtemp(join(tmpdir(), 'emanet-disk-'));
const once = async function* (text: string) {
  yield Buffer.from(text);
};

describe('the disk store', { timeout: 30_000 }, () => {
  objectStoreContract(async () => {
    const folder = await temporaryFolder();
    return {
      store: new DiskStore({ folder: join(folder, 'objects') }),
      close: () => rm(folder, { recursive: true }),
    };
  });

  it('lets only its own user read, and leaves no empty folders', async () => {
    const folder = await temporaryFolder();
    const store = new DiskStore({ folder: join(folder, 'objects') });
    await store.put('a/b/c', once('x'));
    expect((await stat(join(folder, 'objects', 'a', 'b'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, 'objects', 'a', 'b', 'c~'))).mode & 0o777).toBe(0o600);
    await store.delete('a/b/c');
    expect(await readdir(join(folder, 'objects'))).toEqual([]);
    await rm(folder, { recursive: true });
  });

  it('reports a full disk as unavailable, with its cause, and leaves nothing', async (context) => {
    const folder = await temporaryFolder();
    try {
      await run('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
    } catch (error) {
      await rm(folder, { recursive: true });
      context.skip(`a small filesystem cannot be mounted here: ${error}`);
    }
    try {
      const store = new DiskStore({ folder: join(folder, 'objects') });
      const large = (async function* () {
        for (let piece = 0; piece < 32; piece++) yield Buffer.alloc(64 * 1024, 1);
      })();
      const failure = await store.put('a', large).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(StoreUnavailable);
      expect(failure).toMatchObject({ cause: { code: 'ENOSPC' } });
      expect(await readdir(join(folder, 'objects'))).toEqual([]);
    } finally {
      await run('umount', [folder]);
      await rm(folder, { recursive: true });
    }
  });
});
