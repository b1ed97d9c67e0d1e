/** The languages that Emanet speaks, by BCP 47 tag. The first is the default. */
export const languageTags = ['tr', 'en'] as const;

export type Language = (typeof languageTags)[number];

export const isLanguage = (tag: unknown): tag is Language => (languageTags as readonly unknown[]).includes(tag);
