import type { Command } from 'commander';
import { personKinds } from '../domain/audit-event.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes, formatTime, plain, table } from './format.ts';
import { saveStream } from './save-stream.ts';
import { ask } from './terminal.ts';

type Persons = readonly { readonly pseudonym: string; readonly name: string | null }[];

/** The person behind a pseudonym; the pseudonym itself if it cannot be traced; `otherwise` if no person is named. */
export function nameIn<T extends string | null>(
  persons: Persons,
  id: string | null | undefined,
  otherwise: T,
): string | T {
  const known = persons.find(({ pseudonym }) => pseudonym === id)?.name ?? id;
  return known === null || known === undefined ? otherwise : plain(known);
}

/** The questions that auditors ask most, each one call. */
export function oversightCommands(cli: CommandLine, audit: Command): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.oversight;
  const parse = argumentsIn(language);

  audit
    .command('viewers <recording>')
    .description(t.viewers)
    .action(async (recordingId: string) => {
      const answer = await (await cli.client()).call('readViewers', { params: { recordingId } });
      cli.show(answer, ({ accesses, persons }) =>
        accesses.length === 0
          ? t.nobody
          : table(
              [t.Who, t.First, t.Last, t.Seconds, t.Exports, t.Stills, t.Documents],
              accesses.map((one) => [
                nameIn(persons, one.actor.id, t.unknown),
                formatTime(one.firstAt),
                formatTime(one.lastAt),
                one.seconds.map(([from, until]) => `${from}–${until}`).join(', '),
                one.exports,
                one.stills,
                one.documents,
              ]),
            ),
      );
    });

  audit
    .command('child <who>')
    .description(t.child)
    .option('--limit <number>', t.limit, parse.wholeNumber, 100)
    .action(async (who: string, { limit }: { limit: number }) => {
      const isId = /^[0-9a-f-]{36}$/i.test(who);
      const query = { ...(isId ? { id: who } : { name: who }), limit };
      const answer = await (await cli.client()).call('readParticipant', { query });
      cli.show(answer, ({ records, participants, entries, persons }) =>
        [
          table(
            [t.Who, t.CameFrom, 'id'],
            records.flatMap((one) =>
              (one.imports.length > 0 ? one.imports : [null]).map((from) => [
                plain(one.name),
                from &&
                  `${plain(from.fileName ?? from.file ?? '')}, ${from.line ?? ''} (${formatTime(from.importedAt)})`,
                one.personId,
              ]),
            ),
          ),
          '',
          table(
            [t.Who, t.AskedFor, t.Asked, t.When, t.Mails, t.Sheets],
            records.flatMap((one) =>
              one.requests.map((request) => [
                plain(one.name),
                plain(request.course),
                request.signer && plain(request.signer),
                formatTime(request.askedAt),
                request.mails.map(({ addressMask, state }) => `${plain(addressMask)} ${state}`).join(', '),
                request.sheets
                  .map(({ code, scans }) => `${code} ${scans.map(({ state }) => state).join(' ')}`)
                  .join(', '),
              ]),
            ),
          ),
          '',
          table(
            [t.Who, t.Receipt, t.When, 'sha256'],
            records.flatMap((one) =>
              one.receipts.map((receipt) => [
                plain(one.name),
                receipt.evidenceId,
                formatTime(receipt.at),
                receipt.sha256,
              ]),
            ),
          ),
          '',
          table(
            [t.Who, t.Lesson, t.When, 'id'],
            participants.flatMap((one) =>
              one.lessons.map((lesson) => [
                plain(one.name),
                plain(lesson.title),
                formatTime(lesson.plannedStart),
                one.id,
              ]),
            ),
          ),
          '',
          table(
            ['#', t.When, t.What, t.Who],
            entries.map(({ seq, entry, sentence }) => {
              const { at, actor } = entry as { at?: string; actor?: { id?: string } };
              return [seq, formatTime(at ?? null), sentence, nameIn(persons, actor?.id, t.unknown)];
            }),
          ),
        ].join('\n'),
      );
    });

  audit
    .command('evidence')
    .description(t.evidence)
    .option('--recording <id>', t.recording)
    .option('--participant <id>', t.participant)
    .requiredOption('-o, --output <file>', t.output)
    .action(
      async ({ recording, participant, output }: { recording?: string; participant?: string; output: string }) => {
        const subjectId = recording ?? participant;
        if (subjectId === undefined || (recording !== undefined && participant !== undefined))
          throw new UsageError(t.oneOf);
        const params = {
          about: recording === undefined ? ('participant' as const) : ('recording' as const),
          subjectId,
        };
        const { stream } = await (await cli.client()).download('makeEvidencePack', { params });
        const bytes = await saveStream(stream, output);
        cli.show({ file: output, bytes }, () => fill(t.written, { file: output, size: formatBytes(bytes, language) }));
      },
    );

  audit
    .command('anomalies')
    .description(t.anomalies)
    .option('--days <number>', t.days, parse.wholeNumber, 30)
    .action(async ({ days }: { days: number }) => {
      const answer = await (await cli.client()).call('readAnomalies', { query: { days } });
      cli.show(answer, ({ anomalies, persons, rules }) =>
        anomalies.length === 0
          ? t.nothing
          : table(
              [t.Rule, t.Who, t.Last, t.Count, t.Entries],
              anomalies.map((one) => [
                rules.find(({ rule }) => rule === one.rule)?.sentence ?? one.rule,
                nameIn(persons, one.actor, t.unknown),
                formatTime(one.lastAt),
                one.count,
                one.entries.slice(0, 5).join(', '),
              ]),
            ),
      );
    });

  audit
    .command('forget <kind> <id>')
    .description(t.forget)
    .option('--yes', t.yes)
    .action(async (kind: string, personId: string, options: { yes?: true }) => {
      const params = { kind: parse.choice(personKinds)(kind), personId };
      if (!options.yes) {
        if (!cli.isInteractive()) throw new UsageError(t.kept);
        const { word } = t;
        if ((await ask(terminal, fill(t.question, { id: personId, word }))) !== word) throw new UsageError(t.kept);
      }
      await (await cli.client()).call('forgetPerson', { params });
      cli.show({ ...params, forgotten: true }, () => t.forgotten);
    });
}
