import { InvalidArgumentError } from 'commander';
import { parseClock, parseWhen } from './format.ts';
import type { Language } from './language.ts';

/** Parsers of arguments, which refuse in the reader's language. */
export function argumentsIn(language: Language) {
  const refuse = (tr: string, en: string): never => {
    throw new InvalidArgumentError(language === 'tr' ? tr : en);
  };
  return {
    when: (text: string) =>
      parseWhen(text) ?? refuse('Tarih: 2026-03-31 ya da 2026-03-31T10:30.', 'A date: 2026-03-31 or 2026-03-31T10:30.'),
    until: (text: string) =>
      parseWhen(text, 'end') ??
      refuse('Tarih: 2026-03-31 ya da 2026-03-31T10:30.', 'A date: 2026-03-31 or 2026-03-31T10:30.'),
    clock: (text: string) =>
      parseClock(text) ?? refuse('Süre: 95, 1:35 ya da 1:02:03.', 'A time in the recording: 95, 1:35 or 1:02:03.'),
    wholeNumber: (text: string) =>
      /^\d{1,9}$/.test(text) ? Number(text) : refuse('Bir tam sayı olmalı.', 'It has to be a whole number.'),
    wholeNumberOrNever: (text: string) =>
      /^(never|hiç|hic)$/i.test(text)
        ? ('never' as const)
        : /^\d{1,9}$/.test(text)
          ? Number(text)
          : refuse('Bir tam sayı ya da hiç.', 'A whole number, or never.'),
    monthDay: (text: string) => {
      const found = /^(\d{1,2})-(\d{1,2})$/.exec(text);
      return found
        ? { month: Number(found[1]), day: Number(found[2]) }
        : refuse('Ay ve gün: 9-1.', 'A month and a day: 9-1.');
    },
    yesNo: (text: string) =>
      /^(yes|evet|true)$/i.test(text)
        ? true
        : /^(no|hayır|hayir|false)$/i.test(text)
          ? false
          : refuse('evet ya da hayır.', 'yes or no.'),
    /** Several values: the option once for each, or with commas between them. */
    choices:
      <T extends string>(allowed: readonly T[]) =>
      (text: string, before: T[] = []): T[] => [
        ...before,
        ...text.split(',').map((value) => {
          const found = allowed.find((one) => one === value.trim());
          return found ?? refuse(`Seçenekler: ${allowed.join(', ')}.`, `Choose from: ${allowed.join(', ')}.`);
        }),
      ],
    choice:
      <T extends string>(allowed: readonly T[]) =>
      (text: string): T =>
        allowed.find((one) => one === text) ??
        refuse(`Seçenekler: ${allowed.join(', ')}.`, `Choose from: ${allowed.join(', ')}.`),
  };
}

/** The object without what is undefined, as request bodies want it. */
export function present<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}
