import { randomUUID } from 'node:crypto';
import { Refusal, type RefusalCode } from '../../domain/errors.ts';
import type { Reason } from '../../domain/reason.ts';
import { byName, isHidden, isWorkList, WorkLists } from '../../domain/work-files.ts';
import {
  emptyFolder,
  folderOf,
  limitBytes,
  openSealed,
  type StoredSealed,
  sealIntoStore,
} from '../core/sealed-object.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';
import type { Archive, ArchiveEntry } from '../ports/readers.ts';
import { registerWork, type WorkNeeds } from './register-work.ts';
import type { WorkFacts } from './work-facts.ts';
import { readWorkList } from './work-list.ts';

type Needs = WorkNeeds & Pick<Outside, 'archives' | 'tables'>;

/** Progress of an import, in this order: the number of files, the outcome of each, the totals. */
export type ImportLine =
  | { readonly kind: 'begun'; readonly files: number }
  | ImportedFile
  | { readonly kind: 'ended'; readonly registered: number; readonly known: number; readonly failed: number };

type ImportedFile =
  | {
      readonly kind: 'registered' | 'known';
      readonly file: string;
      readonly work: Awaited<ReturnType<typeof registerWork>>;
    }
  | { readonly kind: 'failed'; readonly file: string; readonly code: RefusalCode; readonly reasons: readonly Reason[] };

/** Refusals that concern one file and leave the others alone. */
const ofOneFile: readonly RefusalCode[] = ['NOT_MEDIA', 'MEDIA_NOT_ALLOWED', 'TOO_LARGE', 'INVALID_REQUEST'];
const maxListBytes = 4 * 1024 ** 2;

export interface ReceivedArchive {
  readonly sealed: StoredSealed;
  /** Destroys what was received. Repeatable. */
  discard(): Promise<void>;
}

/** Takes an archive into the vault, until it is discarded. @throws Refusal `TOO_LARGE`. */
export async function receiveArchive(
  outside: Needs,
  file: { bytes: AsyncIterable<Uint8Array>; signal: AbortSignal },
): Promise<ReceivedArchive> {
  const folder = folderOf('documents', randomUUID());
  const discard = async () => {
    await emptyFolder(outside, folder, new Date(outside.clock().getTime() + 1_000));
  };
  try {
    const bytes = limitBytes(file.bytes, outside.settings.maxRecordingBytes);
    return { sealed: await sealIntoStore(outside, folder, bytes, { signal: file.signal }), discard };
  } catch (error) {
    await discard();
    throw error;
  }
}

/**
 * Registers every file of a ZIP archive as a work, one after the other, in the order of their names. Files are unpacked
 * into the vault and nowhere else; their names are shown and never used as paths. A file that fails is reported with
 * its reason, and the others are registered. The same archive again registers what is not there yet: an interrupted
 * import is just started over. `describe` makes the facts of a work from the lists in the archive (`works.csv`).
 * @throws Refusal `NOT_MEDIA` when it is no archive, `TOO_LARGE` for too many files, `INVALID_REQUEST` for a list that
 * cannot be read: before the first file is registered.
 */
export async function* importWorks(
  outside: Needs,
  caller: Caller,
  received: ReceivedArchive,
  describe: (file: string, said: { readonly [fact: string]: string | undefined }) => WorkFacts,
  signal: AbortSignal,
): AsyncGenerator<ImportLine> {
  const source = await openSealed(outside, received.sealed, signal);
  try {
    const archive = await outside.archives.open(source, { signal });
    const entries = archive.entries.filter(({ name }) => !isHidden(name)).toSorted((a, b) => byName(a.name, b.name));
    const lists = await readLists(outside, archive, entries);
    const files = entries.filter(({ name }) => !isWorkList(name));
    yield { kind: 'begun', files: files.length };
    const counts = { registered: 0, known: 0, failed: 0 };
    let leftBytes = outside.settings.maxRecordingBytes;
    for (const entry of files) {
      const fits = entry.bytes <= leftBytes;
      if (fits) leftBytes -= entry.bytes;
      const line = await attempt(entry.name, async () => {
        if (!fits) throw expandsTooFar();
        const facts = describe(entry.name, lists.factsOf(entry.name));
        return registerWork(outside, caller, facts, { bytes: archive.read(entry), signal });
      });
      counts[line.kind]++;
      yield line;
    }
    for (const file of lists.missing()) {
      counts.failed++;
      yield { kind: 'failed', file, code: 'INVALID_REQUEST', reasons: [missingFile] };
    }
    yield { kind: 'ended', ...counts };
  } finally {
    source.close();
  }
}

async function attempt(file: string, register: () => ReturnType<typeof registerWork>): Promise<ImportedFile> {
  try {
    const work = await register();
    return { kind: work.known ? 'known' : 'registered', file, work };
  } catch (error) {
    if (error instanceof Refusal && ofOneFile.includes(error.code))
      return { kind: 'failed', file, code: error.code, reasons: error.reasons };
    throw error;
  }
}

async function readLists(outside: Needs, archive: Archive, entries: readonly ArchiveEntry[]): Promise<WorkLists> {
  const lists = new WorkLists();
  for (const entry of entries.filter(({ name }) => isWorkList(name))) {
    const pieces: Uint8Array[] = [];
    for await (const piece of limitBytes(archive.read(entry), maxListBytes)) pieces.push(Uint8Array.from(piece));
    lists.add(entry.name, readWorkList(outside, Buffer.concat(pieces).toString('utf8')));
  }
  return lists;
}

const expandsTooFar = (): Refusal =>
  new Refusal('TOO_LARGE', {
    reasons: [{ code: 'ARCHIVE_TOO_LARGE' }],
  });

export const missingFile: Reason = { code: 'LISTED_AND_MISSING' };
