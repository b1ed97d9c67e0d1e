import type { AuditEntry } from './entry.ts';
import type { ExportedEntry } from './export-format.ts';

export const csvHeader =
  'seq,at,actor_kind,actor_id,action,outcome,object_kind,object_id,lesson_id,recording_id,details,leaf_hash\r\n';

/** One entry as a line of CSV (RFC 4180), safe to open in a spreadsheet. */
export function toCsvLine(row: ExportedEntry): string {
  const entry = JSON.parse(row.canonical) as AuditEntry;
  const { actor, object } = entry;
  const cells = [
    row.seq,
    entry.at,
    actor.kind,
    actor.id,
    entry.action,
    entry.outcome,
    object?.kind,
    object?.id,
    object?.lessonId,
    object?.recordingId,
  ];
  return `${[...cells, JSON.stringify(entry.details ?? {}), row.leaf].map(toCell).join(',')}\r\n`;
}

/**
 * Spreadsheets run cells that begin with these characters; an apostrophe in front makes them text (OWASP, CSV
 * injection).
 */
export function toCell(value: unknown): string {
  const raw = value === undefined || value === null ? '' : String(value);
  const text = /^[=+\-@\t\r\n|%]/.test(raw) && !/^-?\d+(\.\d+)?$/.test(raw) ? `'${raw}` : raw;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
