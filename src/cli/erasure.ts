import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, plain } from './format.ts';
import { recordingText } from './show-recording.ts';
import { ask } from './terminal.ts';
import { waitingText } from './waiting-text.ts';

const causes = ['request', 'withdrawal'] as const;

export function erasureCommands(cli: CommandLine, recordings: Command): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.erasure;
  const parse = argumentsIn(language);
  recordings
    .command('erase <id>')
    .description(t.erase)
    .requiredOption('--why <text>', t.why)
    .option('--because <cause>', `${t.because} (${causes.join(', ')})`, parse.choice(causes), 'request' as const)
    .option('--yes', t.yes)
    .action(async (recordingId: string, options: { why: string; because: (typeof causes)[number]; yes?: true }) => {
      const client = await cli.client();
      if (!options.yes) {
        if (!cli.isInteractive()) throw new UsageError(t.notAsked);
        const { lessonTitle, createdAt } = await client.call('getRecording', { params: { recordingId } });
        const values = { title: plain(lessonTitle), date: formatTime(createdAt), word: t.word };
        if ((await ask(terminal, fill(t.question, values))) !== t.word) throw new UsageError(t.kept);
      }
      const body = { note: options.why, why: options.because };
      const recording = await client.call('eraseRecording', { params: { recordingId }, body });
      cli.show(recording, (one) =>
        one.erasureAsked ? waitingText(one.erasureAsked, language) : recordingText(one, language),
      );
    });
  recordings
    .command('certificate <id>')
    .description(t.certificate)
    .option('--output <file>', t.output)
    .action(async (recordingId: string, options: { output?: string }) => {
      const found = await (await cli.client()).call('getCertificate', { params: { recordingId } });
      const { output } = options;
      if (output === undefined) {
        cli.show(found, ({ certificate }) => JSON.stringify(JSON.parse(certificate), null, 2));
        return;
      }
      // Exactly the signed bytes: no line end is added.
      await writeFile(output, found.certificate);
      await writeFile(`${output}.asc`, found.signature);
      if (found.publicKey !== null) await writeFile(`${output}.key.asc`, found.publicKey);
      cli.show({ file: output, signedBy: found.signedBy }, ({ file }) => fill(t.wrote, { file }));
    });
  recordings
    .command('re-seal <id>')
    .description(t.reSeal)
    .requiredOption('--why <text>', t.reSealWhy)
    .action(async (recordingId: string, body: { why: string }) => {
      const recording = await (await cli.client()).call('reSealRecording', { params: { recordingId }, body });
      cli.show(recording, (one) => recordingText(one, language));
    });
}
