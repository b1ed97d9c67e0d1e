/** A page as it comes out of a drawing process: one byte a pixel, row by row, without a header. */
export const pageWidth = 320;
export const pageHeight = 180;
export const pageBytes = pageWidth * pageHeight;

/** In front of the PDF: its length, as a little-endian word of 32 bits. */
export const lengthBytes = 4;
export const maxPdfBytes = 400 * 1024 ** 2;
export const maxPages = 2_000;

/** A drawing process writes this once it can draw, before it reads: if it dies later, the PDF is the cause. */
export const readyByte = 0x52;

/** Exit statuses of a drawing process that does not draw, by reason. */
export const exitCodes = { encrypted: 10, unreadable: 11, tooManyPages: 12 } as const;

/** On its command line: pages in their own shape. In front of each come its width and height, words of 32 bits as above. */
export const scanMode = 'scan';
export const sizeBytes = 8;
/** Pixels of the longer side. */
export const scanSide = 2_400;
/** A class of 30 with sheets of six pages; each is looked at on its own. */
export const maxScanPages = 200;
