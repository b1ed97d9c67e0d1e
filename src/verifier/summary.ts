import type { PackManifest } from '../audit/evidence.ts';
import type { ReceiptSummary } from '../audit/receipt.ts';
import type { ExportSummary } from '../audit/verify-export.ts';
import type { TilesSummary } from '../audit/verify-tiles.ts';

/** A summary of the file: an exported log, an evidence pack, the tiles of a published log, or a receipt. */
export type Summary =
  | ({ readonly kind: 'export' } & ExportSummary)
  | ({ readonly kind: 'pack'; readonly about: PackManifest['about'] } & ExportSummary)
  | ({ readonly kind: 'receipt' } & ReceiptSummary)
  | ({ readonly kind: 'tiles'; readonly key: string; readonly isKeyKnown: boolean } & TilesSummary);
