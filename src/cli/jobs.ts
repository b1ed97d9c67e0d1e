import type { CommandLine } from './command-line.ts';
import { formatTime, table } from './format.ts';
import { pick } from './language.ts';

const words = {
  jobs: { en: 'work in the background', tr: 'arka plandaki işler' },
  list: { en: 'jobs that wait, run or keep failing', tr: 'bekleyen, süren ya da başarısız işler' },
  retry: { en: 'try a failed job again', tr: 'başarısız bir işi yeniden dene' },
  none: { en: 'No jobs: everything is done.', tr: 'İş yok: her şey bitti.' },
  Task: { en: 'Task', tr: 'İş' },
  State: { en: 'State', tr: 'Durum' },
  Tries: { en: 'Tries', tr: 'Deneme' },
  Next: { en: 'Next', tr: 'Sıradaki' },
  Error: { en: 'Last error', tr: 'Son hata' },
  failed: { en: 'failed', tr: 'başarısız' },
  running: { en: 'running', tr: 'sürüyor' },
  waiting: { en: 'waiting', tr: 'bekliyor' },
  again: { en: 'The job will be tried again.', tr: 'İş yeniden denenecek.' },
};

export function jobCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = pick(words, language);
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
