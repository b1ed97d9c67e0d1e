export type Language = 'tr' | 'en';

/** A text in both languages. */
export type Words = Readonly<Record<Language, string>>;

/** The texts of one group of commands in one language. */
export function pick<Key extends string>(words: Readonly<Record<Key, Words>>, language: Language): Record<Key, string> {
  const entries = Object.entries<Words>(words).map(([key, both]) => [key, both[language]]);
  return Object.fromEntries(entries) as Record<Key, string>;
}

/** `{name}` in a text becomes the value of that name. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** `--lang` wherever it stands, else what the system says (POSIX: LC_ALL before LANG), else English. */
export function chooseLanguage(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Language {
  for (const [index, argument] of argv.entries()) {
    const value = argument === '--lang' ? argv[index + 1] : /^--lang=(.*)$/.exec(argument)?.[1];
    if (value === 'tr' || value === 'en') return value;
  }
  return /^tr\b|^tr_/i.test(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'tr' : 'en';
}
