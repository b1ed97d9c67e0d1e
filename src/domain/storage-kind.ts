/** What takes room in the object store. `other`: sealed objects that belong to nothing that is listed. */
export const storageKinds = [
  'recording',
  'rendition',
  'captions',
  'document',
  'terms',
  'scan_page',
  'attendance',
  'upload',
  'other',
] as const;
export type StorageKind = (typeof storageKinds)[number];
