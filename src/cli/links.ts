import type { AnswerOf } from '../client/api-client.ts';
import { type LinkState, linkStates } from '../domain/link-rules.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, table } from './format.ts';

export function linkCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.links;
  const links = cli.program.command('links').description(t.links);
  const showAll = ({ items, next }: AnswerOf<'listAllLinks'>) =>
    items.length === 0
      ? t.none
      : [
          table(
            ['ID', t.Viewer, t.Lesson, t.Until, t.State, t.Used, t.Last],
            items.map((one) => [
              one.id,
              one.viewerName,
              one.lesson.title,
              formatTime(one.endsAt),
              textsIn(language).labels.linkState[one.state],
              one.timesUsed,
              formatTime(one.lastUsedAt),
            ]),
          ),
          ...(next === null ? [] : [`--cursor ${next}`]),
        ].join('\n');
  links
    .command('list [release]')
    .description(t.list)
    .option('--state <state>', t.state, argumentsIn(language).choice(linkStates))
    .option('--cursor <cursor>', t.cursor)
    .action(async (releaseId: string | undefined, options: { state?: LinkState; cursor?: string }) => {
      const client = await cli.client();
      if (releaseId === undefined) return cli.show(await client.call('listAllLinks', { query: options }), showAll);
      const answer = await client.call('listLinks', { params: { releaseId } });
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Viewer, t.Until, t.State, t.Used, t.Last],
              items.map((one) => [
                one.id,
                one.viewerName,
                formatTime(one.expiresAt),
                one.revokedAt ? t.revoked : t.valid,
                one.timesUsed,
                formatTime(one.lastUsedAt),
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
    .command('revoke [ids...]')
    .description(t.revoke)
    .option('--all-open', t.allOpen)
    .action(async (linkIds: string[], options: { allOpen?: true }) => {
      if ((linkIds.length === 0) === (options.allOpen === undefined)) throw new UsageError(t.whichOrAll);
      const client = await cli.client();
      const [linkId] = linkIds;
      if (linkIds.length === 1 && linkId !== undefined) {
        await client.call('revokeLink', { params: { linkId } });
        return cli.show({ revoked: true }, () => t.isRevoked);
      }
      const body = options.allOpen ? { allOpen: true as const } : { linkIds };
      cli.show(await client.call('revokeLinks', { body }), ({ revoked }) => fill(t.areRevoked, { n: revoked }));
    });
}
