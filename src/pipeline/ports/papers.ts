import type { Readable } from 'node:stream';

/** Writes documents for people to take away. */
export interface Papers {
  /** @throws Refusal `NOT_PRINTABLE` if a report that is exact has a letter that cannot be drawn. */
  pdf(report: Report): Promise<Buffer>;
  /** One ZIP file of these, in their order, as a stream; an error of a member breaks it off. */
  zip(
    files: readonly { readonly name: string; readonly octets: Uint8Array | AsyncIterable<Uint8Array> }[],
    at: Date,
  ): Readable;
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
