import { Refusal } from '../../domain/errors.ts';

/** What a reader of archives or PDFs says no to, as the refusal of a roster; the reasons stay. */
export const asRosterRefusal = (refusal: Refusal): Refusal =>
  refusal.code === 'TOO_LARGE' || refusal.code === 'ROSTER_UNREADABLE'
    ? refusal
    : new Refusal('ROSTER_UNREADABLE', { reasons: refusal.reasons, cause: refusal });
