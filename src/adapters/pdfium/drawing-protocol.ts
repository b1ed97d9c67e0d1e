/** A page as it comes out of a drawing process: one byte a pixel, row by row, without a header. */
export const pageWidth = 320;
export const pageHeight = 180;
export const pageBytes = pageWidth * pageHeight;

/** In front of the PDF: how long it is, as a little-endian word of 32 bits. */
export const lengthBytes = 4;
export const maxPdfBytes = 400 * 1024 ** 2;
export const maxPages = 2_000;

/** What a drawing process writes once it can draw, before it reads: what it dies of afterwards lies in the PDF. */
export const readyByte = 0x52;

/** How a drawing process says why it does not draw, as its exit status. */
export const exitCodes = { encrypted: 10, unreadable: 11, tooManyPages: 12 } as const;
