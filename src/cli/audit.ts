import { pipeline } from 'node:stream/promises';
import type { ChainFault } from '../audit/chain.ts';
import type { Client } from '../client/api-client.ts';
import { type AuditAction, auditActions } from '../domain/audit-event.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatBytes, formatTime, table } from './format.ts';
import { fill, pick } from './language.ts';
import { saveStream } from './save-stream.ts';
import { UnusableExport, verifyExport } from './verify-export.ts';

const words = {
  audit: { en: 'the log: read, export, check', tr: 'günlük: oku, dışa aktar, denetle' },
  list: { en: 'the log, newest first', tr: 'günlük, en yeniden eskiye' },
  export: { en: 'export the log, oldest first', tr: 'günlüğü en eskiden yeniye dışa aktar' },
  check: { en: 'let the server recompute every hash', tr: 'sunucu bütün özetleri yeniden hesaplasın' },
  verify: {
    en: 'check an exported complete log (jsonl) on this computer: 0 intact, 1 tampered with, 2 not usable',
    tr: 'dışa aktarılmış tam günlüğü (jsonl) bu bilgisayarda denetle: 0 sağlam, 1 değiştirilmiş, 2 kullanılamaz',
  },
  head: { en: 'the last hash as you kept it elsewhere', tr: 'başka yerde sakladığınız son özet' },
  from: { en: 'from this time on', tr: 'bu zamandan başlayarak' },
  until: { en: 'before this time', tr: 'bu zamandan önce' },
  actor: { en: 'id of who acted', tr: 'yapanın kimliği' },
  action: { en: 'only this action, as recording.sealed', tr: 'yalnız bu eylem, recording.sealed gibi' },
  outcome: { en: 'only this outcome', tr: 'yalnız bu sonuç' },
  object: { en: 'id of what was acted on', tr: 'üzerinde işlem yapılanın kimliği' },
  recording: { en: 'id of a recording', tr: 'kaydın kimliği' },
  lesson: { en: 'id of a lesson', tr: 'dersin kimliği' },
  limit: { en: 'how many', tr: 'kaç tane' },
  cursor: { en: 'where the page before ended', tr: 'önceki sayfanın bittiği yer' },
  format: { en: 'jsonl can be verified; csv is for spreadsheets', tr: 'jsonl denetlenebilir; csv çizelge içindir' },
  output: { en: 'file to write; else standard output', tr: 'yazılacak dosya; verilmezse standart çıktı' },
  When: { en: 'When', tr: 'Zaman' },
  What: { en: 'What happened', tr: 'Ne oldu' },
  Who: { en: 'Who', tr: 'Kim' },
  Outcome: { en: 'Outcome', tr: 'Sonuç' },
  On: { en: 'On', tr: 'Neyin üzerinde' },
  Address: { en: 'Address', tr: 'Adres' },
  done: { en: 'done', tr: 'yapıldı' },
  refused: { en: 'refused', tr: 'reddedildi' },
  failed: { en: 'failed', tr: 'başarısız' },
  more: { en: 'There is more: --cursor {next}', tr: 'Devamı var: --cursor {next}' },
  none: { en: 'No entries.', tr: 'Kayıt yok.' },
  written: {
    en: '{file}: {size}. Check it with: emanet audit verify {file}',
    tr: '{file}: {size}. Denetlemek için: emanet audit verify {file}',
  },
  writtenCsv: { en: '{file}: {size}', tr: '{file}: {size}' },
  intact: { en: 'Intact: {entries} entries. Last hash: {hash}', tr: 'Sağlam: {entries} kayıt. Son özet: {hash}' },
  tampered: { en: 'Tampered with. Faults:', tr: 'Değiştirilmiş. Kusurlar:' },
  fault: { en: '  entry {seq}: {what}', tr: '  {seq} numaralı kayıt: {what}' },
  NOT_CANONICAL: { en: 'its text is not in canonical form', tr: 'metni kurallı biçimde değil' },
  LEAF_HASH: { en: 'what it says was changed', tr: 'içeriği değiştirilmiş' },
  CHAIN_HASH: { en: 'it does not follow from the entries before it', tr: 'kendisinden önceki kayıtlarla bağı kopuk' },
  SEQUENCE: {
    en: 'entries before it are missing or in another order',
    tr: 'öncesinde eksik ya da yeri değişmiş kayıt var',
  },
  following: {
    en: '  … and the links of the chain that break with it.',
    tr: '  … ve bununla birlikte zincirin kopan bağları.',
  },
  otherHead: {
    en: 'The log ends with {hash}, not with the hash that you kept.',
    tr: 'Günlük {hash} ile bitiyor; sakladığınız özetle değil.',
  },
  unusable: {
    en: '{file} cannot be checked: line {line} is not an entry of the log.',
    tr: '{file} denetlenemiyor: {line}. satır bir günlük kaydı değil.',
  },
  empty: { en: '{file} cannot be checked: it is empty.', tr: '{file} denetlenemiyor: dosya boş.' },
};

const outcomes = ['done', 'refused', 'failed'] as const;
const formats = ['jsonl', 'csv'] as const;
interface FilterOptions {
  readonly from?: string;
  readonly until?: string;
  readonly actor?: string;
  readonly action?: AuditAction;
  readonly outcome?: (typeof outcomes)[number];
  readonly object?: string;
  readonly recording?: string;
  readonly lesson?: string;
}
/** An entry as far as a table shows it; what is missing in it stays empty. */
interface ShownEntry {
  readonly at?: string;
  readonly actor?: { readonly kind?: string; readonly id?: string };
  readonly outcome?: string;
  readonly object?: { readonly kind?: string; readonly id?: string };
}

export function auditCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = pick(words, language);
  const parse = argumentsIn(language);
  const audit = cli.program.command('audit').description(t.audit);
  const filtered = (name: string, description: string) =>
    audit
      .command(name)
      .description(description)
      .option('--from <time>', t.from, parse.when)
      .option('--until <time>', t.until, parse.when)
      .option('--actor <id>', t.actor)
      .option('--action <action>', t.action, parse.choice(Object.keys(auditActions) as AuditAction[]))
      .option('--outcome <outcome>', `${t.outcome} (${outcomes.join(', ')})`, parse.choice(outcomes))
      .option('--object <id>', t.object)
      .option('--recording <id>', t.recording)
      .option('--lesson <id>', t.lesson);
  const faultLines = (faults: readonly { seq: number; fault: string }[]) => {
    const roots = rootsOf(faults);
    const lines = roots.map(({ seq, fault }) => fill(t.fault, { seq, what: t[fault as ChainFault['fault']] ?? fault }));
    return roots.length === faults.length ? lines : [...lines, t.following];
  };

  filtered('list', t.list)
    .option('--limit <number>', t.limit, parse.wholeNumber, 50)
    .option('--cursor <cursor>', t.cursor)
    .action(async (options: FilterOptions & { limit: number; cursor?: string }) => {
      const page = await (await cli.client()).call('readAudit', { query: present(options) });
      cli.show(page, ({ entries, next }) =>
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
                    entry.actor?.id ?? entry.actor?.kind ?? null,
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

  audit
    .command('check')
    .description(t.check)
    .action(async () => {
      const answer = await (await cli.client()).call('checkAudit');
      cli.show(answer, ({ intact, entries, chainHash, faults }) =>
        intact ? fill(t.intact, { entries, hash: chainHash }) : [t.tampered, ...faultLines(faults)].join('\n'),
      );
      if (!answer.intact) cli.setExitCode(exitCodes.refused);
    });

  audit
    .command('verify <file>')
    .description(t.verify)
    .option('--head <hash>', t.head)
    .action(async (file: string, options: { head?: string }) => {
      const found = await verifyExport(file).catch((error: unknown) => {
        if (error instanceof UnusableExport)
          throw new UsageError(fill(error.line === 0 ? t.empty : t.unusable, { file, line: error.line }));
        throw error;
      });
      const isOtherHead = options.head !== undefined && options.head.toLowerCase() !== found.chainHash;
      const intact = found.faults.length === 0 && !isOtherHead;
      cli.show(
        { intact, ...found, ...(isOtherHead ? { expected: options.head } : {}) },
        ({ entries, chainHash, faults }) =>
          intact
            ? fill(t.intact, { entries, hash: chainHash })
            : [
                t.tampered,
                ...faultLines(faults),
                ...(isOtherHead ? [`  ${fill(t.otherHead, { hash: chainHash })}`] : []),
              ].join('\n'),
      );
      if (!intact) cli.setExitCode(exitCodes.refused);
    });
}

/** One change breaks the link of every entry from there on; a reader wants to know where it began. */
export function rootsOf<F extends { readonly fault: string }>(faults: readonly F[]): F[] {
  return faults.filter(({ fault }, index) => fault !== 'CHAIN_HASH' || index === 0);
}

async function exportTo(
  cli: CommandLine,
  client: Client,
  query: NonNullable<Parameters<typeof client.download<'exportAudit'>>[1]['query']>,
  output: string | undefined,
  written: string,
): Promise<void> {
  const { stream } = await client.download('exportAudit', { query });
  if (output === undefined) return pipeline(stream, cli.terminal.stdout, { end: false });
  const bytes = await saveStream(stream, output);
  cli.show({ file: output, bytes }, () => fill(written, { file: output, size: formatBytes(bytes, cli.language) }));
}
