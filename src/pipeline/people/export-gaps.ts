import type { Id } from '../../domain/ids.ts';
import type { ExportGap, ExportGapKind } from '../../domain/person-export.ts';
import { VaultCorrupt } from '../../vault/errors.ts';
import type { ContactBook } from '../core/people-key.ts';

/** What belongs into the file about a person and could not be given. */
export interface Gap {
  readonly what: ExportGapKind;
  readonly id: Id;
  readonly why: ExportGap;
}

/** What was locked, or null and a gap that says so. */
export function opened(book: ContactBook, what: ExportGapKind, id: Id, locked: Uint8Array, gaps: Gap[]): string | null {
  try {
    return book.unlock(id, locked);
  } catch (error) {
    if (!(error instanceof VaultCorrupt)) throw error;
    gaps.push({ what, id, why: 'cannot_be_opened' });
    return null;
  }
}
