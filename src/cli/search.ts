import { textsIn } from '../language/catalogue.ts';
import type { CommandLine } from './command-line.ts';
import { formatTime, table } from './format.ts';

export function searchCommand(cli: CommandLine): void {
  const t = textsIn(cli.language).cli.search;
  const { labels } = textsIn(cli.language);
  cli.program
    .command('search <words...>')
    .description(t.search)
    .action(async (words: string[]) => {
      const answer = await (await cli.client()).call('search', { query: { text: words.join(' ') } });
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.nothing
          : table(
              [t.Kind, t.Title, t.Detail, t.At, 'ID'],
              items.map(({ kind, title, detail, at, id }) => [
                labels.searchKind[kind],
                title,
                detail ?? '',
                formatTime(at),
                id,
              ]),
            ),
      );
    });
}
