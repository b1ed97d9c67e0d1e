/** What a file is by its first bytes; its name says nothing. */
export type FileKind = 'empty' | 'archive' | 'xls' | 'pdf' | 'markup' | 'text';

/** Compound File Binary Format ([MS-CFB] 2.2), ZIP (APPNOTE 4.3.7), PDF (ISO 32000-2, 7.5.2). */
const signatures: readonly (readonly [FileKind, readonly number[]])[] = [
  ['archive', [0x50, 0x4b, 0x03, 0x04]],
  ['archive', [0x50, 0x4b, 0x05, 0x06]],
  ['xls', [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]],
  ['pdf', [0x25, 0x50, 0x44, 0x46, 0x2d]],
];

export function kindOf(bytes: Uint8Array): FileKind {
  if (bytes.length === 0) return 'empty';
  const found = signatures.find(([, signature]) => signature.every((byte, at) => bytes[at] === byte));
  if (found !== undefined) return found[0];
  const start = String.fromCharCode(...bytes.subarray(0, 64)).replaceAll('\0', '');
  return /^[^\x20-\x7e]*\s*<[!?a-z]/i.test(start) ? 'markup' : 'text';
}
