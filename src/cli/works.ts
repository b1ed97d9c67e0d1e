import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { CommandLine } from './command-line.ts';
import { formatDuration, listing, table } from './format.ts';
import { type RegisteredWork, type RegisterOptions, registerWorks } from './register-works.ts';

export function workCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.works;
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
