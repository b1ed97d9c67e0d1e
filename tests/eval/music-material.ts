import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Group, Kind, Source } from './music-sources.ts';
import { mixRate, pick, throughFfmpeg } from './sound.ts';
import { readAdventure } from './talkies.ts';

/** Sounds of one source, one after the other in one array; `ends[i]` is where sound i ends. */
export interface Sounds {
  readonly source: string;
  readonly samples: Int16Array;
  readonly ends: readonly number[];
  readonly names: readonly string[];
}
export type Pool = Readonly<Record<Kind, readonly Sounds[]>>;

/** Where packages are kept unless another place is given; git ignores it. */
export const soundCache = '.emanet/training';

const execute = promisify(execFile);
const mostFiles: Readonly<Record<Kind, number>> = { music: 40, speech: 250, noise: 150 };
const mostSeconds: Readonly<Record<Kind, number>> = { music: 150, speech: 30, noise: 30 };

/** Fetches the packages into the cache with `apt-get download` and decodes what is used of them, once. */
export async function loadPool(group: Group, cache: string): Promise<Pool> {
  const load = async (kind: Kind) => {
    const all: Sounds[] = [];
    for (const source of group[kind]) all.push(await loadSource(source, kind, cache));
    return all;
  };
  return { music: await load('music'), speech: await load('speech'), noise: await load('noise') };
}

export async function loadSource(source: Source, kind: Kind, cache: string): Promise<Sounds> {
  const folder = join(cache, 'pcm');
  await mkdir(folder, { recursive: true });
  const base = join(folder, `${kind}-${source.package}_${source.version.replaceAll(/[^\w.+~-]/g, '_')}`);
  if ((await keptFiles(`${base}.json`)) !== source.files) {
    const paths = spread(await filesOf(source, cache), mostFiles[kind]);
    const { bytes, ends, names } = await decodeAll(paths, mostSeconds[kind], source.as === 'raw');
    if (ends.length === 0) throw new Error(`${source.package}: no sound in the files that ${source.files} names`);
    await writeFile(`${base}.s16`, bytes);
    await writeFile(`${base}.json.part`, JSON.stringify({ ends, names, files: source.files }));
    await rename(`${base}.json.part`, `${base}.json`);
  }
  const { ends, names } = JSON.parse(await readFile(`${base}.json`, 'utf8'));
  const bytes = await readFile(`${base}.s16`);
  const samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + (bytes.length & ~1)));
  return { source: source.package, samples, ends, names };
}

/** Which files were decoded the last time; null if none were. */
const keptFiles = async (path: string): Promise<string | null> =>
  existsSync(path) ? JSON.parse(await readFile(path, 'utf8')).files : null;

async function filesOf({ package: name, version, files, as }: Source, cache: string): Promise<string[]> {
  const folder = join(cache, 'x', name);
  if (!existsSync(folder)) {
    await mkdir(`${folder}.part`, { recursive: true });
    await execute('apt-get', ['download', '-qq', `${name}=${version}`], { cwd: cache });
    const archive = (await readdir(cache)).find((file) => file.startsWith(`${name}_`));
    await execute('dpkg-deb', ['-x', join(cache, archive!), `${folder}.part`]);
    await rename(`${folder}.part`, folder);
  }
  const pattern = new RegExp(files);
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const found = all.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const matching = found.filter((path) => pattern.test(path)).toSorted();
  if (as === undefined || as === 'raw') return matching;
  const unpacked = join(cache, 'x', `${name}.sounds`);
  if (!existsSync(unpacked)) {
    if (as === 'adventure') await readAdventure(matching, unpacked, mostFiles.speech);
    else await unzip(found.filter((path) => /\.(zip|pk3)$/.test(path)).toSorted(), pattern, unpacked);
  }
  return (await readdir(unpacked)).toSorted().map((file) => join(unpacked, file));
}

async function unzip(archives: readonly string[], pattern: RegExp, folder: string): Promise<void> {
  await mkdir(`${folder}.part`, { recursive: true });
  for (const archive of archives) {
    const { stdout } = await execute('unzip', ['-Z1', archive], { maxBuffer: 2 ** 26 });
    const names = stdout.split('\n').filter((name) => pattern.test(name));
    if (names.length > 0) await execute('unzip', ['-qq', '-j', '-o', archive, ...names, '-d', `${folder}.part`]);
  }
  await rename(`${folder}.part`, folder);
}

/** `most` of them, evenly spread. */
const spread = <T>(all: readonly T[], most: number): T[] =>
  all.length <= most ? [...all] : Array.from({ length: most }, (_, at) => all[Math.floor((at * all.length) / most)]!);

async function decodeAll(paths: readonly string[], seconds: number, isRaw: boolean) {
  const parts: Buffer[] = [];
  const [ends, names]: [number[], string[]] = [[], []];
  let total = 0;
  const input = (path: string) =>
    isRaw && !path.endsWith('.wav') ? ['-f', 's16le', '-ar', '8000', '-ac', '1', '-i', path] : ['-i', path];
  const folder = await mkdtemp(join(tmpdir(), 'emanet-decode-'));
  try {
    // A process for each of thousands of short files would take most of the time.
    for (let first = 0; first < paths.length; first += 25) {
      const some = paths.slice(first, first + 25).map((path, at) => ({ path, to: join(folder, String(first + at)) }));
      const outputs = (of: typeof some) =>
        of.flatMap(({ to }, at) => [
          ...['-map', `${at}:a:0`, '-ac', '1', '-ar', String(mixRate), '-t', String(seconds), '-f', 's16le', to],
        ]);
      const decode = (of: typeof some) =>
        throughFfmpeg(['-y', ...of.flatMap(({ path }) => input(path)), ...outputs(of)]);
      await decode(some).catch(async () => {
        for (const one of some) await decode([one]).catch(() => undefined);
      });
      for (const { path, to } of some) {
        const bytes = await readFile(to).catch(() => Buffer.alloc(0));
        if (bytes.length < 2 * 0.15 * mixRate) continue;
        parts.push(bytes);
        total += bytes.length >> 1;
        ends.push(total);
        names.push(path.split('/').at(-1)!);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { bytes: Buffer.concat(parts), ends, names };
}

/** One sound of the source, at most `most` samples of it from a place chosen at random. */
export function oneSound({ samples, ends }: Sounds, random: () => number, most: number): Float32Array {
  const at = Math.floor(random() * ends.length);
  const from = at === 0 ? 0 : ends[at - 1]!;
  const room = Math.max(0, ends[at]! - from - most);
  const start = from + Math.floor(random() * room);
  return Float32Array.from(samples.subarray(start, Math.min(ends[at]!, start + most)), (sample) => sample / 32_768);
}

export const pickSource = (random: () => number, of: readonly Sounds[]): Sounds => pick(random, of);
