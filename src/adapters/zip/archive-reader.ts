import { type Entry, fromRandomAccessReaderPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import { Refusal } from '../../domain/errors.ts';
import { mustHave } from '../../domain/must-have.ts';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { Archive, ArchiveEntry, ArchiveReader } from '../../pipeline/ports/readers.ts';
import { damagedArchive, tooManyEntries } from './archive-refusals.ts';
import { readEntry } from './read-entry.ts';
import { SourceReader } from './source-reader.ts';

const maxEntries = 10_000;

/** ZIP archives on yauzl, which reads them by ranges, from the directory at their end. */
export function createArchiveReader(): ArchiveReader {
  return { open };
}

async function open(source: MediaSource, { signal }: { signal?: AbortSignal } = {}): Promise<Archive> {
  const reader = new SourceReader(source, signal);
  try {
    // Names are decoded here and never used as paths; yauzl would refuse the whole archive because of one of them.
    const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
    const zip = await fromRandomAccessReaderPromise(reader, source.bytes, options);
    if (zip.entryCount > maxEntries) throw tooManyEntries(maxEntries);
    const entries = await readDirectory(zip);
    return {
      entries: [...entries.keys()],
      async *read(entry) {
        yield* readEntry(zip, reader, mustHave(entries.get(entry), 'such entry in this archive'), signal);
      },
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Refusal) throw error;
    throw reader.fault ?? damagedArchive(error);
  }
}

/** Files only; folders have no entry of their own, or one that ends with a slash. */
async function readDirectory(zip: ZipFile): Promise<Map<ArchiveEntry, Entry>> {
  const entries = new Map<ArchiveEntry, Entry>();
  for await (const entry of zip.eachEntry()) {
    const name = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false);
    if (!name.endsWith('/')) entries.set({ name: shown(name), bytes: entry.uncompressedSize }, entry);
  }
  return entries;
}

/** The name for display: without control and direction characters, at most 500 long. */
const shown = (name: string): string => name.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '').slice(0, 500);
