/** A moment as a report writes it, before anybody knows the zone, or which of two numbers is the day. */
export type When =
  | { readonly kind: 'instant'; readonly ms: number; readonly hasSeconds: boolean }
  | {
      readonly kind: 'wall';
      /** Null: a time of day only. */
      readonly date: WrittenDate | null;
      /** Milliseconds since midnight on the clock. */
      readonly timeMs: number;
      readonly hasSeconds: boolean;
    };

/** `first` and `second` are day and month in an order that `isOpen` says is not told by the writing. Otherwise day, month. */
export interface WrittenDate {
  readonly year: number;
  readonly first: number;
  readonly second: number;
  readonly isOpen: boolean;
}

/** Before noon and after it, as reports abbreviate them, letters only and without marks. */
const beforeNoon = new Set(['am', 'oo', 'πμ', 'ص', '上午', '午前', '오전', 'fm', 'sa', 'de', 'dop', 'pd']);
const afterNoon = new Set(['pm', 'os', 'μμ', 'م', '下午', '午後', '오후', 'em', 'ch', 'du', 'odp', 'md']);

const withColons = /(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?![\d:])/;
const withDots = /(?<![\d.])(\d{1,2})\.(\d{2})(?:\.(\d{2}))?$/;
const zone = /(?:\s*\(?(?:UTC|GMT)\s*([+-]\d{1,2}(?::?\d{2})?)?\)?|\s*(Z)|\s?([+-]\d{2}:?\d{2}))$/i;

/** A cell as a moment; undefined: it is none. Digits of any script; months and halves of the day in many languages. */
export function parseWhen(cell: string): When | undefined {
  const text = cell
    .slice(0, 80)
    .normalize('NFKC')
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/\p{Nd}/gu, asciiDigit)
    .replaceAll(/\s+/gu, ' ')
    .replace(/(?<=\d)T(?=\d)/, ' ')
    .trim();
  const offset = zone.exec(text);
  const bare = offset === null ? text : text.slice(0, offset.index).trim();
  const found = withColons.exec(bare) ?? withDots.exec(bare);
  if (found === null) return undefined;
  const [whole, hours = '', minutes = '', seconds] = found;
  const beside = `${bare.slice(0, found.index)} ${bare.slice(found.index + whole.length)}`;
  const { rest, half } = takeHalf(beside);
  const hour = hourOf(Number(hours), half);
  if (hour === undefined || Number(minutes) > 59 || Number(seconds ?? 0) > 59) return undefined;
  const timeMs = ((hour * 60 + Number(minutes)) * 60 + Number(seconds ?? 0)) * 1_000;
  const hasSeconds = seconds !== undefined;
  const date = dateOf(rest);
  if (date === undefined) return undefined;
  if (offset === null || date === null || date.isOpen) return { kind: 'wall', date, timeMs, hasSeconds };
  const { year, first, second } = date;
  const ms = Date.UTC(year, second - 1, first) + timeMs - offsetMs(offset[1] ?? offset[3] ?? '');
  return { kind: 'instant', ms, hasSeconds };
}

/** Every block of ten digits in Unicode begins at a zero whose code point ends in 0 or 6, and its digits follow it. */
function asciiDigit(digit: string): string {
  if (digit <= '9') return digit;
  let zero = digit.codePointAt(0) ?? 0;
  const own = zero;
  while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && own - zero < 9) zero--;
  return String(own - zero);
}

const offsetMs = (text: string): number => {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(text) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000;
};

function takeHalf(text: string): { rest: string; half: 'am' | 'pm' | null } {
  let half: 'am' | 'pm' | null = null;
  const rest = text.replaceAll(/\p{L}[\p{L}\p{M}.]*(?: (?=m\.))?(?:m\.)?/gu, (word) => {
    const letters = lettersOf(word);
    if (half === null && (beforeNoon.has(letters) || afterNoon.has(letters))) {
      half = beforeNoon.has(letters) ? 'am' : 'pm';
      return ' ';
    }
    return word;
  });
  return { rest, half };
}

const lettersOf = (word: string): string =>
  word
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[^\p{L}]/gu, '')
    .replaceAll(/\u0131/g, 'i')
    .normalize('NFC');

function hourOf(hour: number, half: 'am' | 'pm' | null): number | undefined {
  if (half === null) return hour <= 23 ? hour : undefined;
  // Some reports write 13:05 PM, or 09:56:08 AM with a leading zero.
  if (hour > 12) return half === 'pm' && hour <= 23 ? hour : undefined;
  return (hour % 12) + (half === 'pm' ? 12 : 0);
}

/** Null: there is no date; undefined: there is something that is none. */
function dateOf(text: string): WrittenDate | null | undefined {
  const written = text
    .replaceAll(/[年月년월]/gu, '-')
    .replaceAll(/[日일]/gu, ' ')
    .replaceAll(/[,،、]/gu, ' ')
    .trim();
  if (!/\d/.test(written)) return /\p{L}{3}/u.test(written) ? undefined : null;
  const [, year, month, day] =
    /^(?:\D*\s)?(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})\.?(?:\s|$)/u.exec(written) ?? [];
  if (year !== undefined) return checked(Number(year), Number(day), Number(month), false);
  const [, first, sign, second, short] =
    /(?:^|\s)(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?:\s|\.|$)/u.exec(written) ?? [];
  // `26. 10. 23.` begins with the year in Korean, and with the day elsewhere.
  if (short?.length === 2 && /\d\.(?:\s|$)/u.test(written)) return undefined;
  if (first !== undefined) return checked(fullYear(short ?? ''), Number(first), Number(second), sign !== '.');
  return withMonthName(written);
}

const fullYear = (text: string): number => (text.length === 2 ? 2_000 : 0) + Number(text);

function checked(year: number, first: number, second: number, isOpen: boolean): WrittenDate | undefined {
  const isDay = (day: number, month: number) =>
    month >= 1 && month <= 12 && day >= 1 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (year < 2_000 || year > 2_199) return undefined;
  if (isDay(first, second) || (isOpen && isDay(second, first))) return { year, first, second, isOpen };
  return undefined;
}

function withMonthName(text: string): WrittenDate | undefined {
  const numbers = text.match(/\d+/g) ?? [];
  const year = numbers.find((one) => one.length === 4);
  const day = numbers.find((one) => one.length <= 2);
  if (year === undefined || day === undefined || numbers.length !== 2) return undefined;
  const months = new Set(
    (text.match(/\p{L}[\p{L}\p{M}.]*/gu) ?? []).flatMap((word) => {
      const named = monthsOf(lettersOf(word));
      return named.length === 1 ? named : [];
    }),
  );
  const [month] = months;
  return months.size === 1 && month !== undefined ? checked(Number(year), Number(day), month, false) : undefined;
}

const languages =
  'en tr de fr es it pt nl pl cs sk sl hr sr-Latn bs hu ro bg ru uk el sv da nb fi et lv lt sq az ar he fa id ms vi ca eu gl ga';
let monthNames: Map<string, Set<number>> | undefined;

/** The months that a word names in any language; listopad is October in one and November in another. */
function monthsOf(word: string): number[] {
  monthNames ??= namesOfMonths();
  return [...(monthNames.get(word) ?? [])];
}

function namesOfMonths(): Map<string, Set<number>> {
  const names = new Map<string, Set<number>>();
  for (const language of languages.split(' '))
    for (const month of ['long', 'short'] as const) {
      const options = { month, timeZone: 'UTC', calendar: 'gregory' } as const;
      const formats = [options, { ...options, day: 'numeric' as const }].map(
        (one) => new Intl.DateTimeFormat(language, one),
      );
      for (let at = 0; at < 12; at++)
        for (const format of formats)
          for (const { type, value } of format.formatToParts(Date.UTC(2026, at, 15))) {
            const word = lettersOf(value);
            if (type === 'month' && word !== '') names.set(word, new Set([...(names.get(word) ?? []), at + 1]));
          }
    }
  return names;
}
