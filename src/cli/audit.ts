import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from '../client/api-client.ts';
import { type AuditAction, auditActions } from '../domain/audit-event.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { spokenFor } from '../verifier/messages.ts';
import { report } from '../verifier/report.ts';
import { Unusable, verifyFile } from '../verifier/verify-file.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatBytes, formatPercent, formatTime, table } from './format.ts';
import { nameIn, oversightCommands } from './oversight.ts';
import { saveStream } from './save-stream.ts';

const outcomes = ['done', 'refused', 'failed'] as const;
const formats = ['jsonl', 'csv'] as const;
interface FilterOptions {
  readonly from?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly person?: string;
  readonly text?: string;
  readonly action?: AuditAction;
  readonly outcome?: (typeof outcomes)[number];
  readonly object?: string;
  readonly recording?: string;
  readonly lesson?: string;
}
/** The fields of an entry that a table shows; a missing one stays empty. */
interface ShownEntry {
  readonly at?: string;
  readonly actor?: { readonly kind?: string; readonly id?: string };
  readonly outcome?: string;
  readonly object?: { readonly kind?: string; readonly id?: string };
}

export function auditCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.audit;
  const parse = argumentsIn(language);
  const audit = cli.program.command('audit').description(t.audit);
  const filtered = (name: string, description: string) =>
    audit
      .command(name)
      .description(description)
      .option('--from <time>', t.from, parse.when)
      .option('--until <time>', t.until, parse.when)
      .option('--actor <id>', t.actor)
      .option('--person <id>', t.person)
      .option('--action <action>', t.action, parse.choice(auditActions))
      .option('--outcome <outcome>', `${t.outcome} (${outcomes.join(', ')})`, parse.choice(outcomes))
      .option('--object <id>', t.object)
      .option('--recording <id>', t.recording)
      .option('--lesson <id>', t.lesson)
      .option('--text <words>', t.text);
  filtered('list', t.list)
    .option('--limit <number>', t.limit, parse.wholeNumber, 50)
    .option('--cursor <cursor>', t.cursor)
    .action(async (options: FilterOptions & { limit: number; cursor?: string }) => {
      const page = await (await cli.client()).call('readAudit', { query: present(options) });
      cli.show(page, ({ entries, persons, next }) =>
        entries.length === 0
          ? t.none
          : [
              table(
                ['#', t.When, t.What, t.Who, t.Outcome, t.On, t.Address],
                entries.map((row) => {
                  const entry = row.entry as ShownEntry;
                  const outcome = outcomes.find((one) => one === entry.outcome);
                  return [
                    row.seq,
                    formatTime(entry.at ?? null),
                    row.sentence,
                    nameIn(persons, entry.actor?.id, entry.actor?.kind ?? null),
                    outcome ? t[outcome] : null,
                    entry.object ? `${entry.object.kind} ${entry.object.id}` : null,
                    row.address,
                  ];
                }),
              ),
              ...(next ? [fill(t.more, { next })] : []),
            ].join('\n'),
      );
    });

  filtered('export', t.export)
    .option('--format <format>', `${t.format} (${formats.join(', ')})`, parse.choice(formats), 'jsonl' as const)
    .option('-o, --output <file>', t.output)
    .action(async ({ output, ...query }: FilterOptions & { format: (typeof formats)[number]; output?: string }) => {
      await exportTo(
        cli,
        await cli.client(),
        present(query),
        output,
        query.format === 'jsonl' ? t.written : t.writtenCsv,
      );
    });

  oversightCommands(cli, audit);

  audit
    .command('check')
    .description(t.check)
    .action(async () => {
      const answer = await (await cli.client()).call('checkAudit');
      cli.show(answer, ({ intact, entries, checkpoint, faults }) =>
        intact
          ? fill(t.intact, { entries, root: checkpoint.root })
          : [t.tampered, ...faults.map(({ sentence }) => `  ${sentence}`)].join('\n'),
      );
      if (!answer.intact) cli.setExitCode(exitCodes.refused);
    });

  audit
    .command('verify <file>')
    .description(t.verify)
    .option('--key <key>', t.key, collect, [])
    .option('--checkpoint <file>', t.checkpoint, collect, [])
    .action(async (file: string, { key, checkpoint }: { key: string[]; checkpoint: string[] }) => {
      const spoken = spokenFor(language);
      const found = await verifyFile(file, { keys: key, checkpoints: checkpoint }, spoken).catch((error: unknown) => {
        if (error instanceof Unusable) throw new UsageError(error.message);
        throw error;
      });
      const intact = found.faults.length === 0;
      cli.show({ intact, ...found }, () => report(found, spoken));
      if (!intact) cli.setExitCode(exitCodes.refused);
    });
}

const tellEveryMs = 2_000;

/** Reports the progress of an export on stderr; entries are lines, and there are about so many. */
function watched(cli: CommandLine, stream: Readable, total: number): Readable {
  let lines = 0;
  let told = performance.now();
  async function* pieces() {
    for await (const piece of stream as AsyncIterable<Buffer>) {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
      if (performance.now() - told > tellEveryMs) {
        told = performance.now();
        cli.tell(`${Math.min(lines, total)} / ${total} (${formatPercent(lines, total, cli.language)})`);
      }
      yield piece;
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}

const collect = (value: string, before: string[]) => [...before, value];

async function exportTo(
  cli: CommandLine,
  client: Client,
  query: NonNullable<Parameters<typeof client.download<'exportAudit'>>[1]['query']>,
  output: string | undefined,
  written: string,
): Promise<void> {
  const { stream: raw, headers } = await client.download('exportAudit', { query });
  const stream = watched(cli, raw, Number(headers.get('emanet-entries') ?? 0));
  if (output === undefined) return pipeline(stream, cli.terminal.stdout, { end: false });
  const bytes = await saveStream(stream, output);
  cli.show({ file: output, bytes }, () => fill(written, { file: output, size: formatBytes(bytes, cli.language) }));
}
