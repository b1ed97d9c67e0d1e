import { textsIn } from '../language/catalogue.ts';
import type { CommandLine } from './command-line.ts';
import { formatTime, table } from './format.ts';

export function homeCommand(cli: CommandLine): void {
  const t = textsIn(cli.language).cli.home;
  const { labels } = textsIn(cli.language);
  cli.program
    .command('home')
    .description(t.home)
    .action(async () => {
      cli.show(await (await cli.client()).call('getHome'), ({ items }) =>
        items.length === 0
          ? t.nothing
          : table(
              [t.What, t.Count, t.Since],
              items.map(({ kind, count, since }) => [labels.waiting[kind], count, formatTime(since)]),
            ),
      );
    });
}
