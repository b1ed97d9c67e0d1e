import type { Readable } from 'node:stream';

/** Writes documents for people to take away. */
export interface Papers {
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
}

export type ReportBlock =
  | { readonly heading: string }
  | { readonly text: string }
  | { readonly facts: readonly (readonly [name: string, value: string])[] }
  /** `widths` are parts of the width of the page. */
  | { readonly header: readonly string[]; readonly widths: readonly number[]; readonly rows: readonly string[][] };
