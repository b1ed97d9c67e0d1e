import type { AnswerOf, Client } from '../client/api-client.ts';
import { mustHave } from '../domain/must-have.ts';
import { type LessonKind, lessonKinds } from '../domain/retention.ts';
import { textsIn } from '../language/catalogue.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, plain, table } from './format.ts';
import { waitingText } from './waiting-text.ts';

export function retentionCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.retention;
  const parse = argumentsIn(language);
  const retention = cli.program.command('retention').description(t.retention);
  type Policy = AnswerOf<'listPolicies'>['items'][number];
  const kindOf = (one: Policy) => (one.kind === null ? t.any : textsIn(language).labels.lessonKind[one.kind]);
  const yearOf = (year: number | null) => (year === null ? t.any : `${year}–${year + 1}`);
  const keepOf = (one: Policy) => (one.keepDays === null ? formatTime(one.keepUntil) : `${one.keepDays} ${t.keepDays}`);

  retention
    .command('policies')
    .description(t.policies)
    .action(async () => {
      cli.show(await (await cli.client()).call('listPolicies'), ({ items }) =>
        items.length === 0
          ? t.noPolicies
          : table(
              ['ID', t.Kind, t.Year, t.Keep],
              items.map((one) => [one.id, kindOf(one), yearOf(one.schoolYear), keepOf(one)]),
            ),
      );
    });
  retention
    .command('add')
    .description(t.add)
    .option('--kind <kind>', `${t.kind} (${lessonKinds.join(', ')})`, parse.choice(lessonKinds))
    .option('--year <year>', t.year, parse.wholeNumber)
    .option('--days <n>', t.days, parse.wholeNumber)
    .option('--until <date>', t.until, parse.until)
    .action(async (options: { kind?: LessonKind; year?: number; days?: number; until?: string }) => {
      const body = present({
        kind: options.kind,
        schoolYear: options.year,
        keepDays: options.days,
        keepUntil: options.until,
      });
      cli.show(await (await cli.client()).call('addPolicy', { body }), ({ policy: one, waiting }) =>
        one === null
          ? waitingText(mustHave(waiting, 'policy and no change that waits'), language)
          : listing([
              ['ID', one.id],
              [t.Kind, kindOf(one)],
              [t.Year, yearOf(one.schoolYear)],
              [t.Keep, keepOf(one)],
            ]),
      );
    });
  retention
    .command('remove <id>')
    .description(t.remove)
    .action(async (policyId: string) => {
      const { waiting } = await (await cli.client()).call('removePolicy', { params: { policyId } });
      cli.show({ removed: waiting === null, waiting }, () =>
        waiting === null ? t.removed : waitingText(waiting, language),
      );
    });
  retention
    .command('changes')
    .description(t.changes)
    .action(async () => {
      cli.show(await (await cli.client()).call('listRetentionChanges'), ({ items }) =>
        items.length === 0
          ? t.noChanges
          : table(
              ['ID', t.Takes, t.AskedBy, t.What],
              items.map((one) => [
                one.id,
                formatTime(one.effectiveAt),
                plain(one.requestedByName ?? ''),
                plain(one.sentence),
              ]),
            ),
      );
    });
  retention
    .command('confirm <id>')
    .description(t.confirm)
    .action(async (changeId: string) => {
      await (await cli.client()).call('confirmRetentionChange', { params: { changeId } });
      cli.show({ confirmed: true }, () => t.confirmed);
    });
  retention
    .command('call-back <id>')
    .description(t.callBack)
    .action(async (changeId: string) => {
      await (await cli.client()).call('callBackRetentionChange', { params: { changeId } });
      cli.show({ calledBack: true }, () => t.calledBack);
    });
  retention
    .command('preview')
    .description(t.preview)
    .option('--days <n>', t.ahead, parse.wholeNumber, 7)
    .action(async (options: { days: number }) => {
      cli.show(await (await cli.client()).call('previewRetention', { query: { days: options.days } }), ({ items }) =>
        items.length === 0
          ? t.noPreview
          : table(
              [t.Erased, t.Lesson, t.Date, t.Recording, t.Why, t.Hold],
              items.map((one) => [
                formatTime(one.erasesAt),
                one.lessonTitle,
                formatTime(one.lessonAt),
                one.recordingId,
                one.reason?.text ?? '',
                one.holds.map((hold) => hold.text).join(' '),
              ]),
            ),
      );
    });
  holdCommands(cli, retention);
}

function holdCommands(cli: CommandLine, retention: CommandLine['program']): void {
  const { language } = cli;
  const t = textsIn(language).cli.retention;
  const parse = argumentsIn(language);
  retention
    .command('holds')
    .description(t.holds)
    .action(async () => {
      cli.show(await (await cli.client()).call('listHolds'), ({ items }) =>
        items.length === 0
          ? t.noHolds
          : table(
              ['ID', t.Lesson, t.Recording, t.Why, t.Ends, t.Review],
              items.map((one) => [
                one.id,
                one.lessonTitle,
                one.recordingId ?? t.any,
                one.reason,
                formatTime(one.endsAt),
                formatTime(one.reviewAt),
              ]),
            ),
      );
    });
  retention
    .command('hold')
    .description(t.hold)
    .option('--recording <id>', t.recording)
    .option('--lesson <id>', t.lesson)
    .requiredOption('--why <text>', t.why)
    .option('--until <date>', t.holdUntil, parse.until)
    .option('--review <date>', t.review, parse.when)
    .action(async (options: { recording?: string; lesson?: string; why: string; until?: string; review?: string }) => {
      const body = present({ reason: options.why, endsAt: options.until, reviewAt: options.review });
      const { recording: recordingId, lesson: lessonId } = options;
      const ask =
        recordingId !== undefined && lessonId === undefined
          ? (client: Client) => client.call('holdRecording', { params: { recordingId }, body })
          : lessonId !== undefined && recordingId === undefined
            ? (client: Client) => client.call('holdLesson', { params: { lessonId }, body })
            : null;
      if (ask === null) throw new UsageError(t.either);
      cli.show(await ask(await cli.client()), (one) =>
        listing([
          ['ID', one.id],
          [t.Why, one.reason],
          [t.Ends, one.endsAt && formatTime(one.endsAt)],
          [t.Review, one.reviewAt && formatTime(one.reviewAt)],
        ]),
      );
    });
  retention
    .command('lift <id>')
    .description(t.lift)
    .requiredOption('--why <text>', t.why)
    .action(async (holdId: string, body: { why: string }) => {
      await (await cli.client()).call('liftHold', { params: { holdId }, body });
      cli.show({ lifted: true }, () => t.lifted);
    });
}
