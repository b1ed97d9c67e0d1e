import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { CommandLine } from './command-line.ts';
import { formatDuration, formatTime, listing, table } from './format.ts';

export function runnerCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.runners;
  const { labels } = textsIn(language);
  const runners = cli.program.command('runners').description(t.runners);
  runners
    .command('list')
    .description(t.list)
    .action(async () =>
      cli.show(await (await cli.client()).call('listRunners'), ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Name, t.Can, t.Seen, t.Works, t.Done, t.Failed, t.State],
              items.map((one) => [
                one.id,
                one.name,
                one.capabilities.map((capability) => labels.runnerCapability[capability]).join(', '),
                formatTime(one.lastSeenAt),
                one.works === null ? null : `${one.works.recordingId} (${formatDuration(one.works.doneMs, language)})`,
                one.done,
                one.failed,
                one.disabledWhy !== null
                  ? fill(t.disabledWhy, { why: labels.runnerFault[one.disabledWhy] })
                  : one.isOutdated
                    ? t.outdated
                    : t.enabled,
              ]),
            ),
      ),
    );
  runners
    .command('add')
    .description(t.add)
    .action(async () => {
      const client = await cli.client();
      cli.show(
        await client.call('inviteRunner'),
        ({ token, expiresAt }) =>
          `${listing([
            [t.token, token],
            [t.ends, formatTime(expiresAt)],
          ])}\n${fill(t.once, { server: client.baseUrl, token })}`,
      );
    });
  for (const disabled of [true, false])
    runners
      .command(disabled ? 'disable <id>' : 'enable <id>')
      .description(disabled ? t.disable : t.enable)
      .action(async (runnerId: string) => {
        await (await cli.client()).call('changeRunner', { params: { runnerId }, body: { disabled } });
        cli.show({ disabled }, () => (disabled ? t.isDisabled : t.isEnabled));
      });
  runners
    .command('remove <id>')
    .description(t.remove)
    .action(async (runnerId: string) => {
      await (await cli.client()).call('removeRunner', { params: { runnerId } });
      cli.show({ removed: true }, () => t.isRemoved);
    });
}
