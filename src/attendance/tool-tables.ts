import type { AttendanceTool } from '../domain/attendance/row.ts';
import type { AttendanceMeaning, AttendanceNotice } from '../domain/attendance/told.ts';
import type { GridRow } from '../rosters/grid.ts';
import { plain } from '../rosters/words.ts';
import { meaningOf } from './headings.ts';
import type { RawReport, RawRow } from './raw-report.ts';
import { type Columns, readColumns, someWaitedAndConsented } from './read-columns.ts';
import type { Table } from './tables.ts';
import { parseWhen, type When } from './when.ts';

interface Layout {
  readonly tool: AttendanceTool;
  /** Headings, as `plain` gives them, that all have to be there. */
  readonly has: readonly RegExp[];
  /** Columns whose meaning the words alone do not tell. */
  readonly columns: Readonly<Partial<Record<AttendanceMeaning, RegExp>>>;
}

const join = /^join (?:time|date)$/;
const leave = /^leave (?:time|date)$/;

/** Layouts that are known from real reports or from code that writes them (docs/attendance.md). */
const layouts: readonly Layout[] = [
  {
    tool: 'webex',
    has: [/^meeting (?:name|start time)$/, /^(?:display name|name)$/, join, leave],
    columns: { name: /^(?:display name|name)$/, email: /^(?:attendee )?email$/, in: join, out: leave },
  },
  {
    tool: 'webex',
    has: [
      /^nome da reuniao$/,
      /^nome para exibicao|nome de exibicao$/,
      /^(?:horario|hora) de entrada$/,
      /^(?:horario|hora) de saida$/,
    ],
    columns: {
      name: /^nome (?:para|de) exibicao$/,
      email: /mail/,
      in: /^(?:horario|hora) de entrada$/,
      out: /^(?:horario|hora) de saida$/,
    },
  },
  {
    tool: 'bigbluebutton',
    has: [
      /^(?:activity score|aktivite puani|etkinlik puani)$/,
      /^(?:moderator|sorumlu)$/,
      /^(?:join|katil)$/,
      /^(?:left|ayril)$/,
    ],
    columns: {},
  },
  { tool: 'meet', has: [/^(?:first name|name)$/, /^email$/, /^time joined$/, /^time exited$/], columns: {} },
  {
    tool: 'zoom',
    has: [/^name(?: original name)?$/, /^(?:user )?email$/, join, leave, /^(?:total )?duration minutes$/],
    columns: {},
  },
  { tool: 'zoom', has: [/^name original name$/, /^(?:user )?email$/, /^(?:total )?duration minutes$/], columns: {} },
];

/** The report that one of the tables is, by its headings; undefined: no layout is known. @throws Refusal. */
export function readToolTable(tables: readonly Table[], file: string): RawReport | undefined {
  for (const table of tables) {
    const headings = table.headings.map(plain);
    const layout = layouts.find(({ has }) => has.every((form) => headings.some((one) => form.test(one))));
    if (layout === undefined) continue;
    const columns = columnsOf(table, headings, layout);
    const { tool } = layout;
    const connection = headings.indexOf('connection type');
    const read = readColumns(table, columns, {
      file,
      hasOriginalInBrackets: tool === 'zoom',
      isTelephone: (cells) => /^(?:call ?in|phone|pstn|audio only)$/.test(plain(cells[connection] ?? '')),
    });
    const rows = tool === 'bigbluebutton' ? read.filter((row) => !isNobody(row, table)) : read;
    const notices: AttendanceNotice[] = [];
    if (rows.length < read.length) notices.push('ROWS_OF_NOBODY');
    if (someWaitedAndConsented(table, columns)) notices.push('WAITED_AND_CONSENTED');
    if (tool === 'meet' || tool === 'bigbluebutton') notices.push('FIRST_AND_LAST_ONLY');
    return { tool, rows, ...factsOf(tables, table, tool), recorded: null, notices };
  }
  return undefined;
}

function columnsOf(table: Table, headings: readonly string[], { columns }: Layout): Columns {
  const found: Partial<Record<AttendanceMeaning, number>> = {};
  for (const [at, heading] of table.headings.entries()) {
    const meaning = meaningOf(heading);
    if (meaning !== null) found[meaning] ??= at;
  }
  for (const [meaning, form] of Object.entries(columns) as [AttendanceMeaning, RegExp][])
    found[meaning] = headings.findIndex((heading) => form.test(heading));
  return found;
}

/** The dashboard of BigBlueButton ends with a row of what nobody did: a name and nothing else. */
const isNobody = ({ line, email, joined, left }: RawRow, { rows }: Table): boolean =>
  email === null && joined === null && left === null && rows.some((row) => row.line === line && isNameOnly(row));
const isNameOnly = ({ cells }: GridRow): boolean => cells.slice(1).every((cell) => cell === '');

type Facts = Pick<RawReport, 'title' | 'statedCount' | 'statedStart' | 'statedEnd'>;

/** What stands in a table of its own above the rows (Zoom), or in every row (Webex). */
function factsOf(tables: readonly Table[], table: Table, tool: AttendanceTool): Facts {
  const source =
    tool === 'webex' ? table : tables.find((one) => one !== table && one.line > 0 && one.line < table.line);
  const [first] = source?.rows ?? [];
  const cellOf = (form: RegExp) => first?.cells[source?.headings.findIndex((one) => form.test(plain(one))) ?? -1] ?? '';
  const momentOf = (form: RegExp): When | null => parseWhen(cellOf(form)) ?? null;
  const count = cellOf(/^participants$/);
  return {
    title: cellOf(/^(?:topic|meeting name|nome da reuniao)$/) || null,
    statedCount: /^\d{1,6}$/.test(count) ? Number(count) : null,
    statedStart: momentOf(/^(?:meeting )?start time$/),
    statedEnd: momentOf(/^(?:meeting )?end time$/),
  };
}
