import { textsIn } from '../language/catalogue.ts';
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
}
