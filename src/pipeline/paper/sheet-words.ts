import type { Language } from '../../domain/language.ts';
import type { Relation } from '../../domain/person.ts';
import type { SheetCode } from '../../domain/sheet-code.ts';
import type { Terms } from '../../domain/terms.ts';
import type { PaperSheet } from '../ports/papers.ts';

/** What one signer is asked about one subject, on paper. */
export interface SheetToPrint {
  readonly code: SheetCode;
  /** In which the signer reads. */
  readonly language: Language;
  readonly terms: Terms;
  /** Whom it is about; the class as the school calls it, null for somebody who is in none. */
  readonly subject: { readonly name: string; readonly className: string | null };
  /** Whom it is addressed to; null: whoever signs writes the name. `self`: the subject, who is of age or signs as well. */
  readonly signer: { readonly name: string; readonly relation: Relation | 'self' } | null;
  readonly withdrawal: {
    /** Where a yes is taken back in person, with whatever leads there: a room, a telephone number. */
    readonly office: string;
    /** Of a page where it is taken back; null: there is none. */
    readonly address: string | null;
  };
}

/** The boxes of a sheet, in its words. */
export interface SheetBoxes {
  readonly notice: string;
  readonly consent: string;
  /** In the order of the terms. */
  readonly questions: readonly string[];
  readonly yes: string;
  readonly no: string;
  /** Of the frame for the office. */
  readonly beforeLesson: string;
}

/** The words of sheets, which the edge knows. */
export interface SheetWords {
  write(sheet: SheetToPrint): PaperSheet;
  boxes(terms: Terms, language: Language): SheetBoxes;
}
