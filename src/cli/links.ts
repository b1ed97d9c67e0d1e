import { textsIn } from '../language/catalogue.ts';
import { argumentsIn } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { formatTime, listing, table } from './format.ts';

export function linkCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.links;
  const links = cli.program.command('links').description(t.links);
  links
    .command('list <release>')
    .description(t.list)
    .action(async (releaseId: string) => {
      const answer = await (await cli.client()).call('listLinks', { params: { releaseId } });
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Viewer, t.Until, t.State],
              items.map((one) => [
                one.id,
                one.viewerName,
                formatTime(one.expiresAt),
                one.revokedAt ? t.revoked : t.valid,
              ]),
            ),
      );
    });
  links
    .command('create <release>')
    .description(t.create)
    .requiredOption('--viewer <name>', t.viewer)
    .option('--until <date>', t.until, argumentsIn(language).until)
    .action(async (releaseId: string, options: { viewer: string; until?: string }) => {
      const body = { viewerName: options.viewer, ...(options.until ? { expiresAt: options.until } : {}) };
      const link = await (await cli.client()).call('createLink', { params: { releaseId }, body });
      cli.show(
        link,
        (one) =>
          `${listing([
            ['ID', one.id],
            [t.Viewer, one.viewerName],
            [t.Link, one.url],
            [t.Until, formatTime(one.expiresAt)],
          ])}\n${t.once}`,
      );
    });
  links
    .command('revoke <id>')
    .description(t.revoke)
    .action(async (linkId: string) => {
      await (await cli.client()).call('revokeLink', { params: { linkId } });
      cli.show({ revoked: true }, () => t.isRevoked);
    });
}
