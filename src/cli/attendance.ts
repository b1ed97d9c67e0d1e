import { readFile } from 'node:fs/promises';
import type { AnswerOf } from '../client/api-client.ts';
import { type AttendeeDecisionKind, attendeeDecisionKinds } from '../domain/attendance/decision.ts';
import { type RemovalWay, removalWays } from '../domain/attendance/remove-person.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, plain, table } from './format.ts';

type Attendance = AnswerOf<'getAttendance'>;

interface AddOptions {
  readonly dayOrder?: 'day_first' | 'month_first';
  readonly date?: string;
  readonly timeZone?: string;
  readonly mapping?: string;
}

interface SettleOptions {
  readonly line?: number;
  readonly as?: AttendeeDecisionKind;
  readonly person?: string;
  readonly sure?: true;
  readonly why?: string;
  readonly report?: string;
}

interface SpokeOptions {
  readonly line: number;
  readonly report?: string;
  readonly at?: number;
}

interface RemoveOptions {
  readonly person: string;
  readonly why: string;
  readonly how?: RemovalWay;
  readonly recordedFrom?: string;
}

export function attendanceCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.attendance;
  const { labels } = textsIn(language);
  const parse = argumentsIn(language);
  const attendance = cli.program.command('attendance').description(t.attendance);
  const who = ({ decision, candidates }: Attendance['rows'][number]): string => {
    const names = (persons: readonly { readonly name: string | null }[]) =>
      persons.map(({ name }) => plain(name ?? '–')).join(', ');
    if (decision === null) return names(candidates) || '–';
    return decision.kind === 'persons' ? names(decision.persons) : labels.attendeeDecision[decision.kind];
  };
  const shown = ({ reports, rows, missing }: Attendance) =>
    [
      reports.length === 0
        ? t.none
        : table(
            [t.Report, t.Tool, t.File, t.Rows],
            reports.map((one) => [one.id, labels.attendanceTool[one.tool], plain(one.fileName), one.rows]),
          ),
      ...(rows.length === 0
        ? []
        : [
            table(
              [t.Line, t.Name, t.In, t.Out, t.State, t.Who],
              rows.map((row) => [
                row.line,
                plain(row.name),
                row.joinedAt === null ? '–' : formatTime(row.joinedAt),
                row.leftAt === null ? '–' : formatTime(row.leftAt),
                row.decision === null ? labels.attendeeState[row.state] : t.settled,
                who(row),
              ]),
            ),
          ]),
      missing.length === 0 ? t.complete : [t.missing, ...missing.map(({ text }) => `  - ${plain(text)}`)].join('\n'),
    ].join('\n\n');
  const find = async (lessonId: string) => (await cli.client()).call('getAttendance', { params: { lessonId } });

  attendance
    .command('add <lesson> <file>')
    .description(t.add)
    .option('--day-order <day_first|month_first>', t.dayOrder, parse.choice(['day_first', 'month_first'] as const))
    .option('--date <day>', t.date)
    .option('--time-zone <zone>', t.timeZone)
    .option('--mapping <file>', t.mapping)
    .action(async (lessonId: string, path: string, { mapping, ...options }: AddOptions) => {
      const written = mapping === undefined ? undefined : await readFile(mapping, 'utf8');
      const taken = await (await cli.client()).upload('takeAttendanceReport', {
        params: { lessonId },
        fields: present({ ...options, mapping: written }),
        file: { path },
      });
      cli.show(taken, ({ outcome, rows, quarantined, questions, table: columns }) => {
        if (outcome === 'question') return [t.asks, ...questions.map(({ text }) => `  - ${plain(text)}`)].join('\n');
        if (outcome === 'mapping')
          return [t.asksColumns, JSON.stringify(columns?.suggested ?? {}, null, 2)].map(plain).join('\n');
        const recordings = quarantined.length;
        return recordings > 0 ? fill(t.takenAndClosed, { rows, recordings }) : fill(t.taken, { rows });
      });
    });
  attendance
    .command('show <lesson>')
    .description(t.show)
    .action(async (lessonId: string) => cli.show(await find(lessonId), shown));
  attendance
    .command('settle <lesson>')
    .description(t.settle)
    .option('--sure', t.sure)
    .option('--line <n>', t.lineOption, parse.wholeNumber)
    .option('--report <id>', t.reportOption)
    .option('--as <kind>', t.as, parse.choice(attendeeDecisionKinds))
    .option('--person <ids>', t.person)
    .option('--why <words>', t.why)
    .action(async (lessonId: string, options: SettleOptions) => {
      const found = await find(lessonId);
      const rows = options.sure ? sureRows(found) : [oneRow(found, options, t.unknownLine)];
      if (rows.length === 0) throw new UsageError(t.noneSure);
      const body = { rows };
      cli.show(await (await cli.client()).call('decideAttendees', { params: { lessonId }, body }), shown);
    });
  attendance
    .command('undo <lesson>')
    .description(t.undo)
    .requiredOption('--line <n>', t.lineOption, parse.wholeNumber)
    .option('--report <id>', t.reportOption)
    .action(async (lessonId: string, options: SettleOptions) => {
      const body = { rowIds: [rowOf(await find(lessonId), options, t.unknownLine).id] };
      cli.show(await (await cli.client()).call('undoAttendees', { params: { lessonId }, body }), shown);
    });
  attendance
    .command('spoke <recording> <file>')
    .description(t.spoke)
    .requiredOption('--line <n>', t.lineOption, parse.wholeNumber)
    .option('--report <id>', t.reportOption)
    .option('--at <ms>', t.audioAt, parse.wholeNumber)
    .action(async (recordingId: string, path: string, { at, ...options }: SpokeOptions) => {
      const client = await cli.client();
      const { lessonId } = await client.call('getRecording', { params: { recordingId } });
      const { id: rowId } = rowOf(await find(lessonId), options, t.unknownLine);
      const heard = await client.upload('takeVoice', {
        params: { recordingId },
        fields: present({ rowId, atMs: at }),
        file: { path },
      });
      cli.show(heard, ({ stretches, heardMs }) => fill(t.heard, { stretches, seconds: Math.ceil(heardMs / 1_000) }));
    });
  attendance
    .command('remove <lesson> <report>')
    .description(t.remove)
    .requiredOption('--why <words>', t.why)
    .action(async (lessonId: string, reportId: string, { why }: { readonly why: string }) => {
      await (await cli.client()).call('removeAttendanceReport', { params: { lessonId, reportId }, body: { why } });
      cli.show(null, () => t.removed);
    });
  attendance
    .command('remove-persons <recording>')
    .description(t.removePersons)
    .requiredOption('--person <ids>', t.person)
    .requiredOption('--why <words>', t.why)
    .option('--how <way>', t.how, parse.choice(removalWays))
    .option('--recorded-from <time>', t.recordedFrom)
    .action(async (recordingId: string, { person, why, how, recordedFrom }: RemoveOptions) => {
      const body = { personIds: person.split(','), why, ...present({ how, recordedFrom }) };
      cli.show(await (await cli.client()).call('removePersons', { params: { recordingId }, body }), ({ segments }) =>
        fill(t.segments, { segments }),
      );
    });
}

/** Everything that the page ticks beforehand. */
const sureRows = ({ rows }: Attendance) =>
  rows
    .filter(({ decision, isTicked }) => decision === null && isTicked)
    .map(({ id, candidates }) => ({
      rowId: id,
      kind: 'persons' as const,
      personIds: candidates.slice(0, 1).map((one) => one.id),
    }));

function rowOf({ rows }: Attendance, { line, report }: SettleOptions, unknown: string) {
  const found = rows.filter((row) => row.line === line && (report === undefined || row.reportId === report));
  const [row] = found;
  if (row === undefined || found.length > 1) throw new UsageError(unknown);
  return row;
}

function oneRow(found: Attendance, options: SettleOptions, unknown: string) {
  const row = rowOf(found, options, unknown);
  const { as: kind = 'persons', person, why } = options;
  const persons = person?.split(',') ?? (kind === 'persons' ? row.candidates.slice(0, 1).map(({ id }) => id) : []);
  return { rowId: row.id, kind, personIds: persons, ...(why === undefined ? {} : { why }) };
}
