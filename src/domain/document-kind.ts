/** What a signed document may be: a scan, a photograph, or what an office program writes. */
export const documentKinds = ['pdf', 'jpeg', 'png', 'tiff', 'heic', 'odt'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** How the file is named when somebody takes it away. */
export const extensionOf: Readonly<Record<DocumentKind, string>> = {
  pdf: 'pdf',
  jpeg: 'jpg',
  png: 'png',
  tiff: 'tif',
  heic: 'heic',
  odt: 'odt',
};

/** Octets that `documentKindOf` looks at. */
export const headBytes = 64;

/**
 * The kind of a file by the beginning of its content, never by its name; null: no accepted kind. The file may still be
 * broken.
 */
export function documentKindOf(head: Uint8Array): DocumentKind | null {
  const text = (from: number, until: number) => String.fromCharCode(...head.subarray(from, until));
  if (text(0, 5) === '%PDF-') return 'pdf';
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (['II*\0', 'MM\0*'].includes(text(0, 4))) return 'tiff';
  if (text(4, 8) === 'ftyp' && heicBrands.includes(text(8, 12))) return 'heic';
  // OpenDocument 1.3, part 2, section 3.3: the first entry is named “mimetype” and is stored as it is.
  if (text(0, 4) === 'PK\x03\x04' && text(30, 38) === 'mimetype') return 'odt';
  return null;
}

/** ISO/IEC 23008-12, annex B and 10.2: still pictures. */
const heicBrands: readonly string[] = ['heic', 'heix', 'heim', 'heis', 'mif1', 'msf1'];
