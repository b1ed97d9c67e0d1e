/** What takes room in the object store. `other`: sealed objects that belong to nothing that is listed. */
export const storageKinds = ['recording', 'rendition', 'document', 'terms', 'scan_page', 'upload', 'other'] as const;
export type StorageKind = (typeof storageKinds)[number];
