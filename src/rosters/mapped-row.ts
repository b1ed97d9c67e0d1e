import type { Reason } from '../domain/reason.ts';
import type { ColumnMeaning } from '../domain/roster.ts';
import { classNameOf } from './class-name.ts';
import type { GridRow } from './grid.ts';
import type { Column, Columns } from './mapped-columns.ts';
import { lostName } from './names.ts';
import { formulaLike } from './notices.ts';
import { relationInHeading, relationOf } from './relation-words.ts';
import type { Provenance, RosterLink, RosterNotice } from './roster.ts';
import { telephone } from './telephone.ts';
import { tidy } from './words.ts';

export interface MappedRow {
  readonly from: Provenance;
  readonly name: string;
  readonly className: string;
  readonly schoolNumber: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly others: readonly NamedOther[];
  readonly notices: readonly RosterNotice[];
  /** Why the row cannot be read; empty if it can. */
  readonly reasons: readonly Reason[];
}

/** Somebody who is named beside the pupil. */
export interface NamedOther extends Pick<RosterLink, 'relation' | 'authority'> {
  readonly kind: 'guardian' | 'contact';
  readonly name: string;
  readonly email: string | null;
  readonly phone: string | null;
}

/** One row below the headings. */
export function readMappedRow(row: GridRow, columns: Columns, file: string): MappedRow {
  const from = { file, line: row.line };
  const cells = [...columns].flatMap(([meaning, several]) =>
    several.map((column) => ({ meaning, column, text: row.cells[column.at] ?? '' })),
  );
  const textsOf = (...meanings: readonly ColumnMeaning[]) =>
    meanings.flatMap((wanted) =>
      cells.filter(({ meaning, text }) => meaning === wanted && tidy(text) !== '').map(({ text }) => tidy(text)),
    );
  const textOf = (meaning: ColumnMeaning) => textsOf(meaning).join(' ') || null;
  const phoneOf = (meaning: ColumnMeaning) => telephone(textOf(meaning) ?? '');
  const name = (textsOf('name').length > 0 ? textsOf('name') : textsOf('given', 'family')).join(' ');
  const className = classNameOf(textsOf('class').join(' / '));
  const guardian = (number: 1 | 2): NamedOther[] => {
    const named = textOf(`guardian${number}.name`);
    if (named === null) return [];
    const said = columns.has(`guardian${number}.relation`)
      ? relationOf(textOf(`guardian${number}.relation`) ?? '')
      : relationInHeading(columns.get(`guardian${number}.name`)?.[0]?.heading ?? '');
    const kind = said.authority === 'none' ? 'contact' : 'guardian';
    const email = textOf(`guardian${number}.email`);
    return [{ ...said, kind, name: named, email, phone: phoneOf(`guardian${number}.phone`) }];
  };
  const contact = textOf('contact.name');
  const nobodysWord = { kind: 'contact', relation: 'other', authority: 'none', email: null, phone: null } as const;
  return {
    from,
    name,
    className,
    schoolNumber: textOf('school_number'),
    email: textOf('email'),
    phone: phoneOf('phone'),
    others: [...guardian(1), ...guardian(2), ...(contact === null ? [] : [{ ...nobodysWord, name: contact }])],
    notices: cells.flatMap(({ meaning, column, text }) => noticesOf(row, meaning, column, text, from)),
    reasons: [
      ...cells.flatMap(({ meaning, column, text }) => reasonsOf(meaning, column, text, from)),
      ...missing(columns, 'class', className, from),
      ...missing(columns, columns.has('name') ? 'name' : 'given', name, from),
    ],
  };
}

const isName = (meaning: ColumnMeaning) => /^(?:name|given|family)$|\.name$/.test(meaning);
const isPhone = (meaning: ColumnMeaning) => meaning.endsWith('phone');

function noticesOf(
  { formulas }: GridRow,
  meaning: ColumnMeaning,
  { heading, at }: Column,
  text: string,
  from: Provenance,
): RosterNotice[] {
  if (formulas?.includes(at)) return [{ code: 'FORMULA_WITHOUT_RESULT', params: { column: heading }, from }];
  return isPhone(meaning) ? [] : formulaLike(text, heading, from);
}

/** Several lines in a cell are several rows that a quotation mark has glued together. */
function reasonsOf(meaning: ColumnMeaning, { heading }: Column, text: string, from: Provenance): Reason[] {
  const { file, line } = from;
  if (/[\r\n]/.test(text)) return [{ code: 'ROSTER_CELL_UNREADABLE', params: { file, line, column: heading } }];
  return isName(meaning) ? lostName(text, heading, from) : [];
}

function missing(columns: Columns, meaning: ColumnMeaning, value: string, { file, line }: Provenance): Reason[] {
  const column = columns.get(meaning)?.[0]?.heading ?? '';
  return value === '' ? [{ code: 'ROSTER_CELL_EMPTY', params: { file, line, column } }] : [];
}
