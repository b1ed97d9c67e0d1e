/** A line of text that was read, with its box in pixels and how sure the reader is, 0 to 1. Attacker-controlled. */
export interface ReadLine {
  readonly text: string;
  readonly confidence: number;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/** The kind of picture given to the reader: text anywhere on it, or one line of text. */
export type Layout = 'anywhere' | 'line';

/** Maximum number of lines kept of one picture. */
export const maxLines = 500;
export const maxTextLength = 500;
