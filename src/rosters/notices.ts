import type { Provenance, RosterNotice } from './roster.ts';

/** A spreadsheet takes such text for a formula when it is exported to one (OWASP, CSV Injection). Kept, and told. */
export function formulaLike(text: string, column: string, from: Provenance): RosterNotice[] {
  return /^[=+\-@'\t\r]/.test(text)
    ? [{ code: 'FORMULA_LIKE_TEXT', params: { column, text: text.slice(0, 100) }, from }]
    : [];
}
