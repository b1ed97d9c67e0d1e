import { InvalidArgumentError } from 'commander';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { parseClock, parseWhen } from './format.ts';

/** Parsers of arguments, which refuse in the reader's language. */
export function argumentsIn(language: Language) {
  const t = textsIn(language).cli.arguments;
  const refuse = (why: string): never => {
    throw new InvalidArgumentError(why);
  };
  return {
    when: (text: string) => parseWhen(text) ?? refuse(t.date),
    until: (text: string) => parseWhen(text, 'end') ?? refuse(t.date),
    clock: (text: string) => parseClock(text) ?? refuse(t.clock),
    wholeNumber: (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : refuse(t.wholeNumber)),
    wholeNumberOrNever: (text: string) =>
      /^(never|hiç|hic)$/i.test(text)
        ? ('never' as const)
        : /^\d{1,9}$/.test(text)
          ? Number(text)
          : refuse(t.wholeNumberOrNever),
    monthDay: (text: string) => {
      const found = /^(\d{1,2})-(\d{1,2})$/.exec(text);
      return found ? { month: Number(found[1]), day: Number(found[2]) } : refuse(t.monthDay);
    },
    yesNo: (text: string) =>
      /^(yes|evet|true)$/i.test(text) ? true : /^(no|hayır|hayir|false)$/i.test(text) ? false : refuse(t.yesNo),
    /** An e-mail address and the one that takes its place: the option once for each. */
    address: (text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> => {
      const [, from, to] = /^([^\s=]+@[^\s=@]+)=([^\s=]+@[^\s=@]+)$/.exec(text.toLowerCase()) ?? [];
      return from === undefined || to === undefined ? refuse(t.address) : new Map([...before, [from, to]]);
    },
    /** Several values: the option once for each, or with commas between them. */
    choices:
      <T extends string>(allowed: readonly T[]) =>
      (text: string, before: T[] = []): T[] => [
        ...before,
        ...text.split(',').map((value) => {
          const found = allowed.find((one) => one === value.trim());
          return found ?? refuse(fill(t.chooseFrom, { allowed: allowed.join(', ') }));
        }),
      ],
    choice:
      <T extends string>(allowed: readonly T[]) =>
      (text: string): T =>
        allowed.find((one) => one === text) ?? refuse(fill(t.chooseFrom, { allowed: allowed.join(', ') })),
  };
}

/** The object without its undefined members, as request bodies need it. */
export function present<T extends object>(value: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof T]: Exclude<T[Key], undefined> };
}
