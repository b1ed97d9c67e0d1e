import type { AnswerOf } from '../client/api-client.ts';
import { type RankedSource, rankedSources } from '../domain/detection-rules.ts';
import { type WatchedKind, watchedKinds } from '../domain/watched-names.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { table } from './format.ts';

export function detectionCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.detection;
  const parse = argumentsIn(language);
  const group = cli.program.command('detection').description(t.detection);
  const asText = ({ watchedNames, least, gapMs }: AnswerOf<'getDetectionRules'>) =>
    [
      table(
        [t.Kind, t.Name],
        watchedNames.map(({ kind, name }) => [kind, name]),
      ),
      table(
        [t.Source, t.Least],
        rankedSources.map((source) => [source, `${Math.round(least[source] * 100)} %`]),
      ),
      fill(t.Gap, { n: gapMs / 1000 }),
    ].join('\n\n');
  group
    .command('show')
    .description(t.show)
    .action(async () => cli.show(await (await cli.client()).call('getDetectionRules'), asText));
  group
    .command('set')
    .description(t.set)
    .option('--least <source=percent>', t.least, (text: string, all: string[]) => [...all, text], [])
    .option('--gap <seconds>', t.gap, parse.wholeNumber)
    .action(async ({ least, gap }: { least: string[]; gap?: number }) => {
      if (least.length === 0 && gap === undefined) throw new UsageError(t.nothing);
      const body = {
        ...(least.length > 0 ? { least: Object.fromEntries(least.map(parseLeast)) } : {}),
        ...(gap === undefined ? {} : { gapMs: gap * 1000 }),
      };
      cli.show(await (await cli.client()).call('changeDetectionRules', { body }), asText);
    });
  group
    .command('reset')
    .description(t.reset)
    .action(async () => cli.show(await (await cli.client()).call('resetDetectionRules'), asText));
  group
    .command('add-name <name>')
    .description(t.addName)
    .requiredOption('--kind <kind>', fill(t.kind, { kinds: watchedKinds.join(', ') }), parse.choice(watchedKinds))
    .action(async (name: string, { kind }: { kind: WatchedKind }) => {
      const client = await cli.client();
      const { watchedNames } = await client.call('getDetectionRules');
      const body = { watchedNames: [...watchedNames.filter((each) => each.name !== name), { name, kind }] };
      cli.show(await client.call('changeDetectionRules', { body }), asText);
    });
  group
    .command('remove-name <name>')
    .description(t.removeName)
    .action(async (name: string) => {
      const client = await cli.client();
      const { watchedNames } = await client.call('getDetectionRules');
      const left = watchedNames.filter((each) => each.name !== name);
      if (left.length === watchedNames.length) throw new UsageError(fill(t.noName, { name }));
      cli.show(await client.call('changeDetectionRules', { body: { watchedNames: left } }), asText);
    });

  function parseLeast(text: string): [RankedSource, number] {
    const [source = '', percent = ''] = text.split('=');
    const share = Number(percent) / 100;
    const isRight = (rankedSources as readonly string[]).includes(source) && /^\d+$/.test(percent) && share <= 0.95;
    if (!isRight) throw new UsageError(fill(t.wrongLeast, { text, sources: rankedSources.join(', ') }));
    return [source as RankedSource, share];
  }
}
