import { present } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { formatDuration, listing, table } from './format.ts';
import { pick } from './language.ts';
import { createProgress } from './progress.ts';
import { mediaTypeOf } from './upload.ts';

const words = {
  works: { en: 'registered third-party works', tr: 'kütükteki üçüncü taraf eserler' },
  list: { en: 'registered works', tr: 'kütükteki eserler' },
  register: {
    en: 'register a work; only its fingerprint is kept',
    tr: 'eseri kütüğe ekle; yalnız parmak izi saklanır',
  },
  title: { en: 'title', tr: 'adı' },
  holder: { en: 'rights holder', tr: 'hak sahibi' },
  licence: { en: 'licence, when there is one', tr: 'varsa lisans' },
  Title: { en: 'Title', tr: 'Ad' },
  Holder: { en: 'Rights holder', tr: 'Hak sahibi' },
  Licence: { en: 'Licence', tr: 'Lisans' },
  Length: { en: 'Length', tr: 'Süre' },
  none: { en: 'No works yet.', tr: 'Henüz eser yok.' },
  sending: { en: 'Sending', tr: 'Gönderiliyor' },
};

export function workCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
  const works = cli.program.command('works').description(t.works);
  works
    .command('list')
    .description(t.list)
    .action(async () => {
      const answer = await (await cli.client()).call('listWorks');
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Title, t.Holder, t.Licence, t.Length],
              items.map((one) => [
                one.id,
                one.title,
                one.rightsHolder,
                one.licence,
                formatDuration(one.durationMs, language),
              ]),
            ),
      );
    });
  works
    .command('register <file>')
    .description(t.register)
    .requiredOption('--title <text>', t.title)
    .requiredOption('--rights-holder <name>', t.holder)
    .option('--licence <text>', t.licence)
    .action(async (path: string, options: { title: string; rightsHolder: string; licence?: string }) => {
      const client = await cli.client();
      const progress = createProgress(terminal, language, { label: t.sending, quiet: cli.isJson() });
      try {
        const input = { fields: present(options), file: { path, type: mediaTypeOf(path) } };
        const work = await client.upload('registerWork', input, { onProgress: progress.update });
        progress.end();
        cli.show(work, (one) =>
          listing([
            ['ID', one.id],
            [t.Title, one.title],
            [t.Length, formatDuration(one.durationMs, language)],
          ]),
        );
      } finally {
        progress.end();
      }
    });
}
