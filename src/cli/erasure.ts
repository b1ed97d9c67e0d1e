import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, plain } from './format.ts';
import { fill, pick } from './language.ts';
import { recordingText } from './show-recording.ts';
import { ask } from './terminal.ts';
import { waitingText } from './waiting-text.ts';

const words = {
  erase: { en: 'ask for a recording to be erased for good', tr: 'kaydın kalıcı olarak silinmesini iste' },
  why: { en: 'why; it stands in the certificate', tr: 'neden; belgede yer alır' },
  because: { en: 'what made it necessary', tr: 'gerektiren şey' },
  yes: { en: 'do not ask', tr: 'sorma' },
  word: { en: 'erase', tr: 'sil' },
  question: {
    en: 'This erases “{title}” of {date} for good. Nobody can bring it back. Type “{word}” to go on: ',
    tr: '{date} tarihli “{title}” kalıcı olarak silinecek. Kimse geri getiremez. Sürdürmek için “{word}” yazın: ',
  },
  notAsked: {
    en: 'Nothing was erased. Without a terminal, say --yes.',
    tr: 'Hiçbir şey silinmedi. Uçbirim yoksa --yes deyin.',
  },
  kept: { en: 'Nothing was erased.', tr: 'Hiçbir şey silinmedi.' },
  certificate: { en: 'the certificate of an erasure', tr: 'bir silmenin belgesi' },
  output: { en: 'write FILE, FILE.asc and FILE.key.asc', tr: 'FILE, FILE.asc ve FILE.key.asc dosyalarını yaz' },
  wrote: {
    en: 'Written: {file}, its signature {file}.asc, the school’s key {file}.key.asc. To verify: sq verify --signer-file {file}.key.asc --signature-file {file}.asc {file}',
    tr: 'Yazıldı: {file}, imzası {file}.asc, okulun anahtarı {file}.key.asc. Doğrulamak için: sq verify --signer-file {file}.key.asc --signature-file {file}.asc {file}',
  },
  reSeal: {
    en: 'seal again under a new session key, after a compromise',
    tr: 'bir güvenlik ihlalinden sonra yeni anahtarla mühürle',
  },
  reSealWhy: { en: 'why', tr: 'neden' },
};

const causes = ['request', 'withdrawal'] as const;

export function erasureCommands(cli: CommandLine, recordings: Command): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
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
      // The very bytes that are signed: no line end is added.
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
