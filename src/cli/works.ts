import { present } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { formatDuration, listing, table } from './format.ts';
import { pick } from './language.ts';
import { createProgress } from './progress.ts';
import { mediaTypeOf } from './upload.ts';

const words = {
  works: { en: 'registered third-party works', tr: 'kütükteki üçüncü taraf eserler' },
  list: { en: 'registered works', tr: 'kütükteki eserler' },
  register: {
    en: 'register a work: sound, film or picture; only prints of it are kept',
    tr: 'eseri kütüğe ekle: ses, film ya da resim; yalnız izleri saklanır',
  },
  title: { en: 'title', tr: 'adı' },
  holder: { en: 'rights holder', tr: 'hak sahibi' },
  licence: { en: 'licence, when there is one', tr: 'varsa lisans' },
  terms: {
    en: 'address of the terms, e.g. of RightsStatements.org',
    tr: 'koşulların adresi, örneğin RightsStatements.org',
  },
  from: { en: 'first day of the licence, 2026-11-26', tr: 'lisansın ilk günü, 2026-11-26' },
  until: { en: 'last day of the licence', tr: 'lisansın son günü' },
  Kind: { en: 'Kind', tr: 'Tür' },
  sound: { en: 'sound', tr: 'ses' },
  film: { en: 'film', tr: 'film' },
  picture: { en: 'picture', tr: 'resim' },
  pages: { en: 'document', tr: 'belge' },
  pageCount: { en: '{n} pages', tr: '{n} sayfa' },
  Title: { en: 'Title', tr: 'Ad' },
  Holder: { en: 'Rights holder', tr: 'Hak sahibi' },
  Licence: { en: 'Licence', tr: 'Lisans' },
  Length: { en: 'Length', tr: 'Süre' },
  none: { en: 'No works yet.', tr: 'Henüz eser yok.' },
  sending: { en: 'Sending', tr: 'Gönderiliyor' },
};

export function workCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
  const works = cli.program.command('works').description(t.works);
  works
    .command('list')
    .description(t.list)
    .action(async () => {
      const answer = await (await cli.client()).call('listWorks');
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Title, t.Kind, t.Holder, t.Licence, t.Length],
              items.map((one) => [
                one.id,
                one.title,
                t[one.kind],
                one.rightsHolder,
                one.licence,
                formatDuration(one.durationMs, language),
              ]),
            ),
      );
    });
  works
    .command('register <file>')
    .description(t.register)
    .requiredOption('--title <text>', t.title)
    .requiredOption('--rights-holder <name>', t.holder)
    .option('--licence <text>', t.licence)
    .option('--terms <address>', t.terms)
    .option('--isrc <number>', 'ISRC (ISO 3901)')
    .option('--iswc <number>', 'ISWC (ISO 15707)')
    .option('--eidr <number>', 'EIDR (ISO 26324)')
    .option('--isbn <number>', 'ISBN (ISO 2108)')
    .option('--valid-from <day>', t.from)
    .option('--valid-until <day>', t.until)
    .action(
      async (path: string, options: { title: string; rightsHolder: string; [name: string]: string | undefined }) => {
        const client = await cli.client();
        const progress = createProgress(terminal, language, { label: t.sending, quiet: cli.isJson() });
        try {
          const input = { fields: present(options), file: { path, type: mediaTypeOf(path) } };
          const work = await client.upload('registerWork', input, { onProgress: progress.update });
          progress.end();
          cli.show(work, (one) =>
            listing([
              ['ID', one.id],
              [t.Title, one.title],
              [t.Length, formatDuration(one.durationMs, language)],
            ]),
          );
        } finally {
          progress.end();
        }
      },
    );
}
