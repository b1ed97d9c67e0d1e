import { buffer } from 'node:stream/consumers';
import type { MediaSource } from '../../pipeline/ports/media.ts';
import type { ArchiveReader } from '../../pipeline/ports/readers.ts';
import { documentType, tooLarge } from './spreadsheet-refusals.ts';

const maxParts = 500;
const maxUnpackedBytes = 50 * 1024 ** 2;

/**
 * Looks at every part of an .xlsx before the library sees it. No spreadsheet writes a document type (ECMA-376-2, 6.1.4
 * forbids it), and entities come only with one.
 * @throws Refusal `ROSTER_UNREADABLE`, `TOO_LARGE`, and what the archive reader throws.
 */
export async function checkParts(archives: ArchiveReader, source: MediaSource, signal?: AbortSignal): Promise<void> {
  const archive = await archives.open(source, signal ? { signal } : {});
  const bytes = archive.entries.reduce((sum, entry) => sum + entry.bytes, 0);
  if (archive.entries.length > maxParts || bytes > maxUnpackedBytes) throw tooLarge();
  for (const entry of archive.entries) {
    // Every letter of it is ASCII: zeros between are those of UTF-16.
    const text = (await buffer(archive.read(entry))).toString('latin1').replaceAll('\0', '');
    if (/<!\s*(?:DOCTYPE|ENTITY)/i.test(text)) throw documentType(entry.name);
  }
}
