import { pausableKinds } from '../domain/job-kind.ts';
import { textsIn } from '../language/catalogue.ts';
import { argumentsIn } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { formatTime, table } from './format.ts';

export function jobCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.jobs;
  const jobs = cli.program.command('jobs').description(t.jobs);
  jobs
    .command('list')
    .description(t.list)
    .action(async () => {
      const answer = await (await cli.client()).call('listJobs');
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Task, t.State, t.Tries, t.Next, t.Error],
              items.map((one) => [
                one.id,
                one.task,
                one.failed ? t.failed : one.running ? t.running : t.waiting,
                `${one.attempts}/${one.maxAttempts}`,
                formatTime(one.runAt),
                one.lastError,
              ]),
            ),
      );
    });
  jobs
    .command('retry <id>')
    .description(t.retry)
    .action(async (jobId: string) => {
      await (await cli.client()).call('retryJob', { params: { jobId } });
      cli.show({ retried: true }, () => t.again);
    });
  jobs
    .command('kinds')
    .description(t.kinds)
    .action(async () => {
      const { labels } = textsIn(language);
      cli.show(await (await cli.client()).call('listJobs'), ({ kinds }) =>
        table(
          ['', t.Kind, t.waiting, t.running, t.failed, t.Oldest, t.Paused],
          kinds.map((one) => [
            one.kind,
            labels.jobKind[one.kind],
            one.waiting,
            one.running,
            one.failed,
            formatTime(one.oldest),
            formatTime(one.pausedAt),
          ]),
        ),
      );
    });
  const choose = argumentsIn(language).choice(pausableKinds);
  for (const paused of [true, false])
    jobs
      .command(paused ? 'pause <kind>' : 'resume <kind>')
      .description(`${paused ? t.pause : t.resume} (${pausableKinds.join(', ')})`)
      .action(async (kind: string) => {
        const params = { jobKind: choose(kind) };
        await (await cli.client()).call('pauseJobs', { params, body: { paused } });
        cli.show({ paused }, () => (paused ? t.isPaused : t.isResumed));
      });
}
