import type { AnswerOf } from '../client/api-client.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { CommandLine } from './command-line.ts';
import { formatBytes, formatTime, listing, table } from './format.ts';

/** Exit status 1 if anything is damaged, for monitors. */
export function integrityCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.integrity;
  const integrity = cli.program.command('integrity').description(t.integrity);
  const runText = (run: NonNullable<AnswerOf<'getIntegrity'>['scrub']>) => {
    const facts = {
      from: formatTime(run.startedAt),
      objects: run.objects,
      bytes: formatBytes(run.bytes, language),
    };
    return run.finishedAt ? fill(t.ended, { ...facts, to: formatTime(run.finishedAt) }) : fill(t.runs, facts);
  };
  integrity
    .command('show', { isDefault: true })
    .description(t.show)
    .action(async () => {
      const found = await (await cli.client()).call('getIntegrity');
      cli.show(found, ({ faults, objects, neverRead, scrub, reconcile }) =>
        [
          listing([
            [t.objects, objects],
            [t.never, neverRead],
            [t.pass, scrub && runText(scrub)],
            [t.compared, reconcile && formatTime(reconcile.startedAt)],
          ]),
          '',
          ...(faults.length === 0
            ? [t.whole]
            : [
                fill(t.bad, { count: faults.length }),
                table(
                  [t.Since, t.Code, t.What, t.Recording, t.Object],
                  faults.map((one) => [formatTime(one.since), one.code, one.detail, one.recordingId, one.key]),
                ),
              ]),
        ].join('\n'),
      );
      if (found.faults.length > 0) cli.setExitCode(1);
    });
  integrity
    .command('scrub')
    .description(t.scrub)
    .action(async () => {
      await (await cli.client()).call('startScrub');
      cli.show({ begun: true }, () => t.begun);
    });
}
