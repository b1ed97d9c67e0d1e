import type { Command } from 'commander';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes, formatTime, plain, table } from './format.ts';
import { fill, pick } from './language.ts';
import { saveStream } from './save-stream.ts';
import { ask } from './terminal.ts';

const words = {
  viewers: { en: 'who saw this recording?', tr: 'bu kaydı kim izledi?' },
  child: {
    en: 'what happened to this child’s data? By name, or by the id of a participant',
    tr: 'bu çocuğun verisine ne oldu? Adıyla ya da katılımcı kimliğiyle',
  },
  evidence: {
    en: 'the evidence about a recording or a participant in one file, which emanet-verify checks',
    tr: 'bir kayıt ya da katılımcı hakkındaki kanıt, emanet-verify’ın denetleyebildiği tek dosyada',
  },
  anomalies: { en: 'what stands out on the log', tr: 'günlükte göze çarpanlar' },
  forget: {
    en: 'erase the key of a person (staff, participant, viewer, invitation): the log no longer tells who it was',
    tr: 'bir kişinin anahtarını sil (staff, participant, viewer, invitation): günlük artık kim olduğunu söylemez',
  },
  recording: { en: 'id of a recording', tr: 'kaydın kimliği' },
  participant: { en: 'id of a participant', tr: 'katılımcının kimliği' },
  output: { en: 'file to write', tr: 'yazılacak dosya' },
  days: { en: 'of so many days', tr: 'kaç günün' },
  limit: { en: 'how many entries', tr: 'kaç kayıt' },
  yes: { en: 'do not ask', tr: 'sorma' },
  oneOf: { en: 'Give either --recording or --participant.', tr: 'Ya --recording ya --participant verin.' },
  Who: { en: 'Who', tr: 'Kim' },
  First: { en: 'First', tr: 'İlk' },
  Last: { en: 'Last', tr: 'Son' },
  Seconds: { en: 'Seconds (roughly)', tr: 'Saniyeler (yaklaşık)' },
  Exports: { en: 'Exports', tr: 'Dışa aktarma' },
  Stills: { en: 'Stills', tr: 'Bölüm görseli' },
  Documents: { en: 'Documents of the lesson', tr: 'Dersin imzalı belgeleri' },
  Lesson: { en: 'Lesson', tr: 'Ders' },
  When: { en: 'When', tr: 'Zaman' },
  What: { en: 'What happened', tr: 'Ne oldu' },
  Rule: { en: 'What stands out', tr: 'Göze çarpan' },
  Count: { en: 'Count', tr: 'Sayı' },
  Entries: { en: 'Entries', tr: 'Kayıtlar' },
  nobody: { en: 'Nobody has seen it.', tr: 'Kimse izlemedi.' },
  nothing: { en: 'Nothing stands out.', tr: 'Göze çarpan bir şey yok.' },
  unknown: { en: 'not signed in', tr: 'oturumsuz' },
  written: {
    en: '{file}: {size}. Check it with: emanet audit verify {file}',
    tr: '{file}: {size}. Denetlemek için: emanet audit verify {file}',
  },
  question: {
    en: 'From now on nobody can tell who {id} was. This cannot be undone. Type {word} to go on: ',
    tr: 'Bundan sonra {id} kimdi, kimse bilemez. Geri alınamaz. Sürdürmek için {word} yazın: ',
  },
  word: { en: 'forget', tr: 'unut' },
  kept: {
    en: 'Nothing was erased. Without a terminal, say --yes.',
    tr: 'Hiçbir şey silinmedi. Uçbirim yoksa --yes deyin.',
  },
  forgotten: { en: 'The key is erased.', tr: 'Anahtar silindi.' },
};

const kinds = ['staff', 'participant', 'viewer', 'invitation'] as const;
type Persons = readonly { readonly pseudonym: string; readonly name: string | null }[];

/** Who a pseudonym stands for, itself when nobody can tell, `otherwise` when nobody is named. */
export function nameIn<T extends string | null>(
  persons: Persons,
  id: string | null | undefined,
  otherwise: T,
): string | T {
  const known = persons.find(({ pseudonym }) => pseudonym === id)?.name ?? id;
  return known === null || known === undefined ? otherwise : plain(known);
}

/** Questions that auditors ask most, each one call. */
export function oversightCommands(cli: CommandLine, audit: Command): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
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
      cli.show(answer, ({ participants, entries, persons }) =>
        [
          table(
            [t.Who, t.Lesson, t.When, 'id'],
            participants.map((one) => [
              plain(one.name),
              plain(one.lesson.title),
              formatTime(one.lesson.plannedStart),
              one.id,
            ]),
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
        if ((recording === undefined) === (participant === undefined)) throw new UsageError(t.oneOf);
        const params = {
          about: recording === undefined ? ('participant' as const) : ('recording' as const),
          subjectId: (recording ?? participant)!,
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
      const params = { kind: parse.choice(kinds)(kind), personId };
      if (!options.yes) {
        if (!cli.isInteractive()) throw new UsageError(t.kept);
        const { word } = t;
        if ((await ask(terminal, fill(t.question, { id: personId, word }))) !== word) throw new UsageError(t.kept);
      }
      await (await cli.client()).call('forgetPerson', { params });
      cli.show({ ...params, forgotten: true }, () => t.forgotten);
    });
}
