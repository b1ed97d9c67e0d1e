import { foldAscii } from './fold.ts';

/** A shown name, taken apart. */
export interface NameParts {
  /** What is left for a name, without marks of the tool, number and class. */
  readonly main: string;
  /** What stood in brackets and is no mark of the tool: a note, or the original name. */
  readonly notes: readonly string[];
  /** A number before or after the name, without leading zeros. */
  readonly number: string | null;
  /** A class before or after the name, as {@link foldClass} writes it. */
  readonly className: string | null;
}

/** What tools put in brackets behind a name, as `foldAscii` writes it. */
const toolMarks = new Set([
  ...'external,unverified,guest,ext,misafir,konuk,harici,dogrulanmamis,dogrulanmadi,gast,extern,nicht uberpruft'.split(
    ',',
  ),
  ...'nicht verifiziert,invite,externe,invitado,externo,ospite,esterno,convidado,gosc,host,co host,me,you,ben,siz'.split(
    ',',
  ),
  ...'ich,organizer,presenter,attendee,host me,co host me,toplanti sahibi,duzenleyen,sunucu,non verifie'.split(','),
  ...'she her,he him,they them,she her hers,he him his,they them theirs,sie ihr,er ihm,elle,il,ella,o onun'.split(','),
]);

const brackets = /[([（［]([^()[\]（）［］]*)[)\]）］]/gu;
const number = /^(\d{1,10})(?:\s*[-_.:)]\s*|\s+)(?=\D)|(?<=\D)(?:\s*[-_(]\s*|\s+)(\d{1,10})$/u;
const classPart = String.raw`\d{1,2}\s?[-/._]?\s?\p{L}|\d{1,2}[-/._ ](?:fen|ea|sos|sav)`;
const classBefore = new RegExp(String.raw`^(${classPart})(?:\s*[-_:]\s*|\s+)(?=\p{L})`, 'iu');
const classAfter = new RegExp(String.raw`(?<=\p{L})(?:\s*[-_:]\s*|\s+)(${classPart})$`, 'iu');

/** A class as it is compared: `7-A`, `7/a` and `7A` are one; 10/I and 10/İ are two. */
export const foldClass = (name: string): string =>
  name
    .normalize('NFC')
    .replaceAll(/[\s./_-]/gu, '')
    .toLocaleUpperCase('tr');

/** Takes a shown name apart. Deterministic; what it takes for a number or a class may be none. */
export function partsOfName(name: string): NameParts {
  const notes: string[] = [];
  let main = name
    .normalize('NFC')
    .replaceAll(brackets, (_, inside: string) => {
      const note = inside.trim();
      if (note !== '' && !toolMarks.has(foldAscii(note))) notes.push(note);
      return ' ';
    })
    .replaceAll(/\s+/gu, ' ')
    .trim();
  let className: string | null = null;
  let found: string | null = null;
  const takeClass = () => {
    const [whole, inside] = classBefore.exec(main) ?? classAfter.exec(main) ?? [];
    if (whole === undefined || inside === undefined) return;
    className = foldClass(inside);
    main = main.replace(whole, ' ').trim();
  };
  takeClass();
  const [whole, before, after] = number.exec(main) ?? [];
  if (whole !== undefined) {
    found = (before ?? after ?? '').replace(/^0+(?=\d)/, '');
    main = main.replace(whole, ' ').trim();
  }
  if (className === null) takeClass();
  return { main, notes, number: found, className };
}
