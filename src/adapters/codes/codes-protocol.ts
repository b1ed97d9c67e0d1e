/**
 * A picture goes in as width and height, little-endian words of 32 bits, and one byte a pixel, row by row. The process writes
 * a line of JSON for each code, `"ready"` before it reads the picture and `"end"` when all is told: what it dies of after
 * `"ready"` lies in the picture.
 */
export const headerBytes = 8;
export const ready = 'ready';
export const end = 'end';

/** In front of everything else on its command line: look at twice the size. */
export const enlarged = 'enlarged';

export const maxPixels = 3_200 * 3_200;
export const maxCodes = 16;

/** One code. */
export interface Told {
  readonly text: string;
  readonly corners: readonly { readonly x: number; readonly y: number }[];
}
