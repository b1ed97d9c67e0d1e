import type { AnswerOf } from '../client/api-client.ts';
import { type ScanPageState, scanPageStates } from '../domain/scan-page.ts';
import { type SheetAnswer, sheetAnswers } from '../domain/sheet-reading.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { formatBytes, formatTime, listing, table } from './format.ts';
import { createProgress } from './progress.ts';
import { saveStream } from './save-stream.ts';

type Page = AnswerOf<'assignScanPage'>;

interface PrintOptions {
  readonly office: string;
  readonly output: string;
  readonly class?: string;
  readonly participant?: string;
  readonly everybody?: true;
  readonly again?: true;
  readonly twoSided?: true;
}

interface ReadOptions {
  readonly answers: SheetAnswer[];
  readonly noted?: true;
  readonly consented?: true;
  readonly signed?: true;
  readonly name?: string;
  readonly acceptName?: true;
  readonly date?: string;
  readonly received: string;
  readonly beforeLesson?: true;
}

export function sheetCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.sheets;
  const parse = argumentsIn(language);
  const sheets = cli.program.command('sheets').description(t.sheets);
  const written = (file: string, bytes: number) =>
    cli.show({ file, bytes }, () => fill(t.written, { file, size: formatBytes(bytes, language) }));

  sheets
    .command('print <course>')
    .description(t.print)
    .requiredOption('--office <text>', t.office)
    .requiredOption('-o, --output <file>', t.output)
    .option('--class <id>', t.classOption)
    .option('--participant <id>', t.participant)
    .option('--everybody', t.everybody)
    .option('--again', t.again)
    .option('--two-sided', t.twoSided)
    .action(async (courseId: string, options: PrintOptions) => {
      const { office, class: classId, participant: participantId, everybody, again, twoSided } = options;
      const body = { office, ...present({ classId, participantId, everybody, again, twoSided }) };
      const { stream } = await (await cli.client()).download('printSheets', { params: { courseId }, body });
      written(options.output, await saveStream(stream, options.output));
    });

  sheets
    .command('scan <file>')
    .description(t.scan)
    .option('--received <day>', t.received)
    .action(async (path: string, options: { received?: string }) => {
      const progress = createProgress(terminal, language, { label: t.sending, quiet: cli.isJson() });
      try {
        const input = { fields: present({ receivedOn: options.received }), file: { path } };
        const taken = await (await cli.client()).upload('takeScan', input, { onProgress: progress.update });
        cli.show(taken, ({ pages, assigned, unassigned, again }) =>
          fill(t.taken, { pages, assigned, unassigned, again }),
        );
      } finally {
        progress.end();
      }
    });

  sheets
    .command('list')
    .description(t.list)
    .option('--state <state>', `${t.State} (${scanPageStates.join(', ')})`, parse.choice(scanPageStates))
    .option('--course <id>', t.course)
    .option('--cursor <id>', t.cursor)
    .action(async (options: { state?: ScanPageState; course?: string; cursor?: string }) => {
      const { course: courseId, ...rest } = options;
      const answer = await (await cli.client()).call('listScanPages', { query: present({ ...rest, courseId }) });
      cli.show(answer, ({ items, next }) =>
        items.length === 0
          ? t.none
          : [
              table(
                ['ID', t.State, t.Subject, t.Class, t.Signer, t.Page, t.ReadBy],
                items.map((one) => [
                  one.id,
                  one.stateText,
                  one.sheet?.subject ?? one.foundText,
                  one.sheet?.className,
                  one.sheet?.signer,
                  one.sheet && `${one.sheet.page}/${one.sheet.pages}`,
                  one.readByName,
                ]),
              ),
              ...(next ? [fill(t.more, { cursor: next })] : []),
            ].join('\n'),
      );
    });

  const one = (page: Page) =>
    listing([
      ['ID', page.id],
      [t.State, page.stateText],
      [t.Found, page.foundText],
      [t.Course, page.sheet?.courseTitle ?? null],
      [t.Subject, page.sheet?.subject ?? null],
      [t.Signer, page.sheet?.signer ?? null],
      [t.Page, page.sheet && `${page.sheet.page}/${page.sheet.pages}`],
      [t.Answers, page.reading?.answers.map((answer) => t.answer[answer]).join(', ')],
      [t.Written, page.reading && [page.reading.name, page.reading.writtenDate].filter(Boolean).join(', ')],
      [t.Received, page.receivedOn],
      [t.ReadBy, page.readByName],
      [t.ReadAt, formatTime(page.readAt)],
      [t.Note, page.note],
    ]);

  sheets
    .command('show <page>')
    .description(t.show)
    .action(async (scanPageId: string) => {
      cli.show(await (await cli.client()).call('getScanPage', { params: { scanPageId } }), (page) =>
        [one(page), ...page.questions.map(({ text }, at) => `${at + 1}. ${text}`)].join('\n'),
      );
    });
  sheets
    .command('picture <page>')
    .description(t.picture)
    .requiredOption('-o, --output <file>', t.output)
    .action(async (scanPageId: string, options: { output: string }) => {
      const { stream } = await (await cli.client()).download('showScanPage', { params: { scanPageId } });
      written(options.output, await saveStream(stream, options.output));
    });
  sheets
    .command('assign <page> <code>')
    .description(t.assign)
    .requiredOption('--page <number>', t.pageOption, parse.wholeNumber)
    .action(async (scanPageId: string, code: string, options: { page: number }) => {
      const input = { params: { scanPageId }, body: { code, page: options.page } };
      cli.show(await (await cli.client()).call('assignScanPage', input), one);
    });
  sheets
    .command('read <page>')
    .description(t.read)
    .requiredOption('--answers <answers>', t.answers, parse.choices(sheetAnswers))
    .requiredOption('--received <day>', t.received)
    .option('--noted', t.noted)
    .option('--consented', t.consented)
    .option('--signed', t.signed)
    .option('--name <name>', t.name)
    .option('--accept-name', t.acceptName)
    .option('--date <day>', t.date)
    .option('--before-lesson', t.beforeLesson)
    .action(async (scanPageId: string, options: ReadOptions) => {
      const body = {
        answers: options.answers,
        isNoted: options.noted ?? false,
        isConsented: options.consented ?? false,
        isSigned: options.signed ?? false,
        name: options.name ?? '',
        acceptsName: options.acceptName ?? false,
        writtenDate: options.date ?? null,
        receivedOn: options.received,
        wasBeforeLesson: options.beforeLesson ?? false,
      };
      cli.show(await (await cli.client()).call('readSheet', { params: { scanPageId }, body }), one);
    });
  sheets
    .command('confirm <page>')
    .description(t.confirm)
    .requiredOption('--read-at <time>', t.readAtOption)
    .action(async (scanPageId: string, options: { readAt: string }) => {
      const input = { params: { scanPageId }, body: { readAt: options.readAt } };
      cli.show(await (await cli.client()).call('confirmSheet', input), one);
    });
  sheets
    .command('reject <page>')
    .description(t.reject)
    .requiredOption('--note <text>', t.noteOption)
    .action(async (scanPageId: string, options: { note: string }) => {
      const input = { params: { scanPageId }, body: { note: options.note } };
      cli.show(await (await cli.client()).call('rejectScanPage', input), one);
    });
}
