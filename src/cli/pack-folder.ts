import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createPapers } from '../adapters/papers/papers.ts';

/**
 * Hands `work` one file for `path`: the file itself, or of a folder its CSV files as a ZIP, in a folder that nobody else of the
 * machine can read and that is gone afterwards. A folder without any is given as an empty list to `empty`.
 */
export async function asOneFile<T>(
  path: string,
  work: (file: { readonly path: string; readonly name?: string }) => Promise<T>,
  empty: () => Error,
): Promise<T> {
  if (!(await stat(path)).isDirectory()) return work({ path });
  const names = (await readdir(path)).filter((name) => /\.csv$/i.test(name)).toSorted();
  if (names.length === 0) throw empty();
  const own = await mkdtemp(join(tmpdir(), 'emanet-roster-'));
  try {
    const files = await Promise.all(names.map(async (name) => ({ name, octets: await readFile(join(path, name)) })));
    const packed = join(own, 'roster.zip');
    await pipeline(createPapers().zip(files, new Date()), createWriteStream(packed, { mode: 0o600 }));
    return await work({ path: packed, name: `${basename(resolve(path))}.zip` });
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}
