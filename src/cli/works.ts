import type { CommandLine } from './command-line.ts';
import { formatDuration, listing, table } from './format.ts';
import { fill, pick } from './language.ts';
import { type RegisteredWork, type RegisterOptions, registerWorks } from './register-works.ts';

const words = {
  works: { en: 'registered third-party works', tr: 'kütükteki üçüncü taraf eserler' },
  list: { en: 'registered works', tr: 'kütükteki eserler' },
  register: {
    en: 'register a file, a folder or a ZIP archive: sound, film, pictures, PDF; only prints are kept. What works.csv in it says of a file (file,title,rightsHolder,licence,terms,isrc,iswc,eidr,isbn,validFrom,validUntil) goes before the options',
    tr: 'bir dosyayı, klasörü ya da ZIP arşivini kütüğe ekle: ses, film, resim, PDF; yalnız izleri saklanır. İçindeki works.csv’nin bir dosya için söyledikleri (file,title,rightsHolder,licence,terms,isrc,iswc,eidr,isbn,validFrom,validUntil) seçeneklerden önce gelir',
  },
  title: { en: 'title of one file; its name when left out', tr: 'tek dosyanın adı; verilmezse dosya adı' },
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
  pageCount: { en: '{n} p.', tr: '{n} s.' },
  Title: { en: 'Title', tr: 'Ad' },
  Holder: { en: 'Rights holder', tr: 'Hak sahibi' },
  Licence: { en: 'Licence', tr: 'Lisans' },
  Length: { en: 'Length', tr: 'Süre' },
  none: { en: 'No works yet.', tr: 'Henüz eser yok.' },
};

export function workCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = pick(words, language);
  const lengthOf = ({ pages, durationMs }: Pick<RegisteredWork, 'pages' | 'durationMs'>) =>
    pages === null ? formatDuration(durationMs, language) : fill(t.pageCount, { n: pages });
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
              items.map((one) => [one.id, one.title, t[one.kind], one.rightsHolder, one.licence, lengthOf(one)]),
            ),
      );
    });
  works
    .command('register <path>')
    .description(t.register)
    .option('--title <text>', t.title)
    .option('--rights-holder <name>', t.holder)
    .option('--licence <text>', t.licence)
    .option('--terms <address>', t.terms)
    .option('--isrc <number>', 'ISRC (ISO 3901)')
    .option('--iswc <number>', 'ISWC (ISO 15707)')
    .option('--eidr <number>', 'EIDR (ISO 26324)')
    .option('--isbn <number>', 'ISBN (ISO 2108)')
    .option('--valid-from <day>', t.from)
    .option('--valid-until <day>', t.until)
    .action((path: string, options: RegisterOptions) =>
      registerWorks(cli, path, options, (one) =>
        listing([
          ['ID', one.id],
          [t.Title, one.title],
          [t.Length, lengthOf(one)],
        ]),
      ),
    );
}
