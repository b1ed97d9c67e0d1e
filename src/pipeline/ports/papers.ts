import type { Readable } from 'node:stream';
import type { SheetCode } from '../../domain/sheet-code.ts';

/** Writes documents for people to take away. */
export interface Papers {
  /** @throws Refusal `NOT_PRINTABLE` if a report that is exact has a letter that cannot be drawn. */
  pdf(report: Report): Promise<Buffer>;
  /** One ZIP file of these, in their order, as a stream; an error of a member breaks it off. */
  zip(
    files: readonly { readonly name: string; readonly octets: Uint8Array | AsyncIterable<Uint8Array> }[],
    at: Date,
  ): Readable;
  /**
   * One PDF of sheets to be printed, signed and scanned: A4, black on white, with a code on every page that finds the sheet.
   * @throws Refusal `NOT_PRINTABLE` with every name and text that cannot be printed; `INVALID_REQUEST`: a sheet is too long.
   */
  sheets(sheets: readonly PaperSheet[], options: SheetOptions): Promise<PrintedSheets>;
}

export interface Report {
  /** BCP 47. */
  readonly language: string;
  readonly title: string;
  readonly at: Date;
  /** At the foot of every page, before its number. */
  readonly foot: string;
  readonly blocks: readonly ReportBlock[];
  /** A letter that the fonts lack is a refusal and not a box: for papers that somebody has to be able to rely on. */
  readonly isExact?: boolean;
}

export type ReportBlock =
  | { readonly heading: string }
  | { readonly text: string }
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  /** `widths` are parts of the width of the page. `isLarge`: in the size of the text, for few rows. */
  | {
      readonly header: readonly string[];
      readonly widths: readonly number[];
      readonly rows: readonly string[][];
      readonly isLarge?: boolean;
    };

export interface PrintedSheets {
  readonly pdf: Buffer;
  /** Of each sheet, in their order. */
  readonly pages: readonly number[];
}

export interface SheetOptions {
  /** Scheme, host and perhaps port in the code on each page. */
  readonly origin: string;
  readonly at: Date;
  /** Each sheet begins on a page of its own paper: behind an odd number of pages comes an empty one. */
  readonly isTwoSided: boolean;
}

/** A sheet for one signer and one subject, in words. */
export interface PaperSheet {
  /** BCP 47. */
  readonly language: string;
  readonly code: SheetCode;
  readonly title: string;
  /** Names in it: a letter of theirs that cannot be printed is told as theirs. */
  readonly names: readonly string[];
  /** Under the title on every page, beside the code: a page that went astray says whose it is. */
  readonly head: readonly string[];
  readonly pageText: (page: number, pages: number) => string;
  readonly blocks: readonly SheetBlock[];
}

export type SheetBlock =
  | { readonly heading: string }
  | { readonly text: string }
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  /** A box to tick, and what the tick says. */
  | { readonly tick: string }
  /** One box for each choice. */
  | { readonly question: string; readonly choices: readonly string[] }
  /** Lines to write on, beside each other; `share` is a part of the width of the page. */
  | { readonly blanks: readonly { readonly label: string; readonly share: number }[] }
  /** On one page, and within a frame if it is `framed`. */
  | { readonly together: readonly SheetBlock[]; readonly framed: boolean };
