import type { Reason } from '../domain/reason.ts';
import { below, type PlacedCell, type PlacedRow } from './placed-row.ts';
import type { Provenance } from './roster.ts';
import { plain, tidy } from './words.ts';

export interface Block {
  /** The class as the title writes it, without "class list" behind it. */
  readonly title: string;
  readonly schoolName: string | null;
  readonly headings: readonly string[];
  /** Heading of the column of names. */
  readonly nameHeading: string;
  readonly pupils: readonly ListedPupil[];
  readonly reasons: readonly Reason[];
}

export interface ListedPupil {
  readonly number: string;
  readonly given: string;
  readonly family: string;
  readonly from: Provenance;
}

const titleForm = /^(.+?)\s+S[ıi]n[ıi]f\s+Listesi\s*$/iu;
const schoolForm = /\/\s*([^/]+?)\s+Müdürlüğü\s*$/iu;
const columnNames = { row: 's no', number: 'ogrenci no', given: 'adi', family: 'soyadi' } as const;
const totalForm = /^toplam ogrenci sayisi(?: (\d+))?$/;

type Columns = Readonly<Record<keyof typeof columnNames, number>>;

/** Whether rows have a title and headings as the report has them. */
export const isEOkul = (rows: readonly PlacedRow[]): boolean =>
  rows.some((row) => linesOf(row).some((line) => titleForm.test(line))) && rows.some((row) => columnsOf(row) !== null);

/** One block for each title; what stands between a count and the next title belongs to the page. */
export function readBlocks(rows: readonly PlacedRow[]): Block[] {
  const blocks: OpenBlock[] = [];
  let school: string | null = null;
  for (const row of rows) {
    for (const line of linesOf(row)) {
      school = schoolForm.exec(line)?.[1] ?? school;
      const title = titleForm.exec(line)?.[1];
      if (title === undefined) continue;
      const last = blocks.at(-1);
      // The next page of a class that is not counted yet repeats its title.
      if (last !== undefined && last.title === tidy(title) && !last.isCounted()) last.turnPage();
      else blocks.push(openBlock(tidy(title), school === null ? null : tidy(school)));
    }
    blocks.at(-1)?.take(row);
  }
  return blocks.map((block) => block.close());
}

const linesOf = ({ cells }: PlacedRow): string[] => cells.flatMap(({ text }) => text.split(/\r\n|\r|\n/));

function columnsOf({ cells }: PlacedRow): Columns | null {
  const words = cells.map(({ text }) => plain(text));
  const [row, number, given, family] = [
    words.indexOf(columnNames.row),
    words.indexOf(columnNames.number),
    words.indexOf(columnNames.given),
    words.indexOf(columnNames.family),
  ] as const;
  return Math.min(row, number, given, family) < 0 ? null : { row, number, given, family };
}

type OpenBlock = ReturnType<typeof openBlock>;

function openBlock(title: string, schoolName: string | null) {
  const pupils: ListedPupil[] = [];
  const reasons: Reason[] = [];
  let headings: readonly PlacedCell[] = [];
  let columns: Columns | null = null;
  let isCounted = false;
  const takePupil = (row: PlacedRow, { row: at, number, given, family }: Columns) => {
    const { file, line } = row.from;
    const cells = below(headings, row);
    const [place = '', school = '', ...names] = [cells[at], cells[number], cells[given], cells[family]];
    const [first = '', last = ''] = names.map((name) => name ?? '');
    if (!/^\d+$/.test(place) || school === '' || first === '' || last === '')
      reasons.push({ code: 'ROSTER_ROW_UNREADABLE', params: { file, line } });
    else pupils.push({ number: school, given: first, family: last, from: row.from });
  };
  return {
    title,
    isCounted: () => isCounted,
    /** What follows are teachers, until the headings come again. */
    turnPage(): void {
      columns = null;
    },
    take(row: PlacedRow): void {
      const found = columnsOf(row);
      const stated = statedTotal(row);
      if (found !== null) [columns, headings] = [found, row.cells];
      else if (stated !== null) {
        const { file, line } = row.from;
        isCounted = true;
        if (stated !== pupils.length && reasons.length === 0)
          reasons.push({ code: 'ROSTER_COUNT_DIFFERS', params: { file, line, stated, found: pupils.length } });
      } else if (columns !== null && !isCounted && row.cells.length > 0 && !isPaper(row)) takePupil(row, columns);
    },
    close: (): Block => ({
      title,
      schoolName,
      headings: headings.map(({ text }) => tidy(text)),
      nameHeading: tidy(headings[columns?.given ?? 0]?.text ?? ''),
      pupils,
      reasons,
    }),
  };
}

/** What stands on every page: the letterhead, and the number of the report. */
const isPaper = (row: PlacedRow): boolean =>
  row.cells.some(({ text }) => /\bOOG\d+R\d+\b/.test(text)) ||
  linesOf(row).every((line) => letterhead.test(plain(line)) || schoolForm.test(line));
const letterhead = /^t ?c$|(?:valiligi|kaymakamligi)$/;

/** The count at the end of a block stands behind its words, in their cell or the next. */
function statedTotal({ cells }: PlacedRow): number | null {
  for (const [index, { text }] of cells.entries()) {
    const found = totalForm.exec(plain(text));
    if (found !== null) return wholeNumber(found[1] ?? plain(cells[index + 1]?.text ?? ''));
  }
  const [, total] = /toplam ogrenci sayisi (\d+)$/.exec(plain(cells.map(({ text }) => text).join(' '))) ?? [];
  return total === undefined ? null : wholeNumber(total);
}

const wholeNumber = (text: string): number | null => (/^\d{1,6}$/.test(text) ? Number(text) : null);
