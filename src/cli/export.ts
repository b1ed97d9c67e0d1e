import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes } from './format.ts';
import { fill, pick } from './language.ts';
import { saveStream } from './save-stream.ts';

const words = {
  export: {
    en: 'take a recording away as one file (on the log)',
    tr: 'bir kaydı tek dosya olarak al (günlüğe yazılır)',
  },
  to: { en: 'file to write', tr: 'yazılacak dosya' },
  format: {
    en: 'openpgp: as it is sealed; gnupg: for GnuPG; media: in the clear',
    tr: 'openpgp: mühürlendiği gibi; gnupg: GnuPG için; media: şifresiz',
  },
  decrypted: { en: 'the same as --format media', tr: '--format media ile aynı' },
  recipient: { en: 'file with the public key to encrypt to', tr: 'şifreleneceği açık anahtarın dosyası' },
  needsRecipient: { en: '--format gnupg needs --recipient FILE', tr: '--format gnupg için --recipient DOSYA gerekir' },
  saved: { en: '{file}: {bytes}', tr: '{file}: {bytes}' },
};
type Format = 'openpgp' | 'gnupg' | 'media';
const formats = ['openpgp', 'gnupg', 'media'] as const;
const tellEveryMs = 2_000;

export function exportCommand(cli: CommandLine, parent: Command): void {
  const { language } = cli;
  const t = pick(words, language);
  parent
    .command('export <id>')
    .description(t.export)
    .requiredOption('--to <file>', t.to)
    .option('--format <format>', t.format, argumentsIn(language).choice(formats))
    .option('--decrypted', t.decrypted)
    .option('--recipient <file>', t.recipient)
    .action(
      async (recordingId: string, options: { to: string; format?: Format; decrypted?: true; recipient?: string }) => {
        const format = options.decrypted ? 'media' : (options.format ?? 'openpgp');
        if (format === 'gnupg' && !options.recipient) throw new UsageError(t.needsRecipient);
        const recipient = options.recipient && (await readFile(options.recipient, 'utf8'));
        const body = { format, ...(recipient ? { recipient } : {}) };
        const answer = await (await cli.client()).download('exportRecording', { params: { recordingId }, body });
        let done = 0;
        let told = performance.now();
        const counted = async function* () {
          for await (const piece of answer.stream) {
            done += piece.length;
            if (performance.now() - told > tellEveryMs) {
              told = performance.now();
              cli.tell(formatBytes(done, language));
            }
            yield piece;
          }
        };
        const bytes = await saveStream(Readable.from(counted(), { objectMode: false }), options.to);
        cli.show({ file: options.to, format, bytes }, () =>
          fill(t.saved, { file: options.to, bytes: formatBytes(bytes, language) }),
        );
      },
    );
}
