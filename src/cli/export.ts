import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Command } from 'commander';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes } from './format.ts';
import { saveStream } from './save-stream.ts';

type Format = 'openpgp' | 'gnupg' | 'media';
const formats = ['openpgp', 'gnupg', 'media'] as const;
const tellEveryMs = 2_000;

export function exportCommand(cli: CommandLine, parent: Command): void {
  const { language } = cli;
  const t = textsIn(language).cli.export;
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
