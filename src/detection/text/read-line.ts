/** A line of text that was read, with its box in pixels and how sure the reader is, 0 to 1. Attacker-controlled. */
export interface ReadLine {
  readonly text: string;
  readonly confidence: number;
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
}

/**
 * The kind of picture given to Tesseract: text of any colour anywhere on it; nothing but dark letters on white, anywhere;
 * or one line of them.
 */
export type Layout = 'anywhere' | 'letters' | 'line';

/** What a reader is given: a picture with letters anywhere, or one that holds nothing but dark letters on white. */
export type PictureKind = 'page' | 'letters';

/** Lines read at least this surely are not read again. */
export const sureEnough = 0.8;
/** Maximum number of lines kept of one picture. */
export const maxLines = 500;
export const maxTextLength = 500;
