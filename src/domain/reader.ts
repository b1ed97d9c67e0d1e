/** For whom a question is put into words: a grown-up, who may answer for a child, or a pupil of about twelve. */
export const readers = ['adult', 'child'] as const;
export type Reader = (typeof readers)[number];
