import { isLanguage, type Language, languageTags } from '../domain/language.ts';

/** `--lang` anywhere among the arguments, else the language of the system (POSIX: LC_ALL before LANG), else English. */
export function chooseLanguage(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Language {
  for (const [index, argument] of argv.entries()) {
    const value = argument === '--lang' ? argv[index + 1] : /^--lang=(.*)$/.exec(argument)?.[1];
    if (isLanguage(value)) return value;
  }
  const system = (env.LC_ALL || env.LC_MESSAGES || env.LANG || '').toLowerCase();
  return languageTags.find((tag) => new RegExp(`^${tag}(\\b|_)`).test(system)) ?? 'en';
}
