/** No language is known: BCP 47. */
export const unknownLanguage = 'und';

/** The language of a tag, without script and country and in its shortest form (`tur`, `tr-TR`: `tr`); null for no tag. */
export function captionsLanguage(tag: string | null | undefined): string | null {
  const language = /^([a-z]{2,3})(?:[-_][a-z\d-]{1,30})?$/i.exec(tag ?? '')?.[1]?.toLowerCase();
  return language === undefined ? null : (Intl.getCanonicalLocales(language)[0]?.split('-')[0] ?? language);
}

/** A language in its own words, as players show it; null where it is not known. */
export function languageLabel(language: string): string | null {
  if (language === unknownLanguage) return null;
  const name = new Intl.DisplayNames([language], { type: 'language', fallback: 'none' }).of(language);
  return name ? name.charAt(0).toLocaleUpperCase(language) + name.slice(1) : null;
}
