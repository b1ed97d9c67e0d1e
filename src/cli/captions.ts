import { writeFile } from 'node:fs/promises';
import type { AnswerOf } from '../client/api-client.ts';
import { writeSrt, writeWebVtt } from '../domain/captions/write-captions.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, plain, table } from './format.ts';

type Captions = AnswerOf<'changeCaptions'>;

interface AddOptions {
  readonly language?: string;
  readonly replaces?: number;
  readonly upload?: true;
}

interface ShowOptions {
  readonly language: string;
  readonly version?: number;
  readonly srt?: true;
  readonly output?: string;
}

export function captionsCommands(cli: CommandLine): void {
  const { language: reader } = cli;
  const t = textsIn(reader).cli.captions;
  const parse = argumentsIn(reader);
  const captions = cli.program.command('captions').description(t.captions);
  const versionsText = ({ language, label, version, versions }: Captions) =>
    [
      `${plain(label)} (${language})`,
      table(
        [t.Version, t.Source, t.Cues, t.Names, t.Made],
        versions.map((one) => [
          one.number === version ? `${one.number} *` : one.number,
          one.sourceText,
          one.cues,
          one.showsSpeakers ? t.shown : t.hidden,
          formatTime(one.createdAt),
        ]),
      ),
      version === null ? t.removedState : t.current,
    ].join('\n');
  /** The version in force, for a change that is about it. */
  const current = async (recordingId: string, language: string): Promise<number | null> => {
    const { items } = await (await cli.client()).call('listCaptions', { params: { recordingId } });
    const found = items.find((one) => one.language === language);
    if (!found) throw new UsageError(fill(t.unknown, { language }));
    return found.version;
  };

  captions
    .command('add <recording> <file>')
    .description(t.add)
    .option('--language <code>', t.languageOption)
    .option('--replaces <version>', t.replaces, parse.wholeNumber)
    .option('--upload', t.upload)
    .action(async (id: string, path: string, { language, replaces, upload }: AddOptions) => {
      const client = await cli.client();
      const input = { fields: present({ language, replaces }), file: { path } };
      const taken = upload
        ? await client.upload('attachCaptions', { params: { uploadId: id }, ...input })
        : await client.upload('takeCaptions', { params: { recordingId: id }, ...input });
      cli.show(taken, ({ version, cues, notices }) =>
        [fill(t.taken, { cues, version }), ...notices.map(({ text }) => `  - ${text}`)].join('\n'),
      );
    });
  captions
    .command('list <recording>')
    .description(t.list)
    .action(async (recordingId: string) => {
      cli.show(await (await cli.client()).call('listCaptions', { params: { recordingId } }), ({ items }) =>
        items.length === 0 ? t.none : items.map(versionsText).join('\n\n'),
      );
    });
  captions
    .command('show <recording>')
    .description(t.show)
    .requiredOption('--language <code>', t.languageOf)
    .option('--version <number>', t.versionOption, parse.wholeNumber)
    .option('--srt', t.srt)
    .option('-o, --output <file>', t.output)
    .action(async (recordingId: string, { language, version, srt, output }: ShowOptions) => {
      const input = { params: { recordingId, language }, query: present({ version }) };
      const answer = await (await cli.client()).call('getCaptions', input);
      const text = (srt ? writeSrt : writeWebVtt)(answer.cues);
      if (output === undefined) return cli.show(answer, () => text.split('\n').map(plain).join('\n'));
      await writeFile(output, text, { mode: 0o600 });
      cli.show({ file: output, cues: answer.cues.length }, () =>
        fill(t.written, { file: output, cues: answer.cues.length }),
      );
    });
  captions
    .command('undo <recording>')
    .description(t.undo)
    .requiredOption('--language <code>', t.languageOf)
    .requiredOption('--to <version>', t.to, parse.wholeNumber)
    .action(async (recordingId: string, { language, to }: { language: string; to: number }) => {
      const body = { version: await current(recordingId, language), to };
      cli.show(
        await (await cli.client()).call('undoCaptions', { params: { recordingId, language }, body }),
        versionsText,
      );
    });
  captions
    .command('remove <recording>')
    .description(t.remove)
    .requiredOption('--language <code>', t.languageOf)
    .action(async (recordingId: string, { language }: { language: string }) => {
      const version = await current(recordingId, language);
      if (version === null) throw new UsageError(fill(t.unknown, { language }));
      const input = { params: { recordingId, language }, query: { version } };
      cli.show(await (await cli.client()).call('removeCaptions', input), versionsText);
    });
}
