import { textsIn } from '../language/catalogue.ts';
import type { CommandLine } from './command-line.ts';
import { formatBytes, formatTime, listing, table } from './format.ts';

/** What an administrator looks at of the installation as a whole. */
export function installationCommands(cli: CommandLine): void {
  const t = textsIn(cli.language).cli.installation;
  const { labels } = textsIn(cli.language);
  const yesNo = (value: boolean) => (value ? t.yes : t.no);
  cli.program
    .command('settings')
    .description(t.settings)
    .action(async () =>
      cli.show(await (await cli.client()).call('listSettings'), ({ items }) =>
        table(
          [t.Setting, t.Value, t.Set],
          items.map((one) => [one.name, one.value ?? (one.isSecret ? t.secret : ''), yesNo(one.isSet)]),
        ),
      ),
    );
  cli.program
    .command('mail')
    .description(t.mail)
    .action(async () =>
      cli.show(await (await cli.client()).call('getMail'), ({ undeliverable, ...mail }) =>
        [
          listing([
            [t.sends, yesNo(mail.sendsMail)],
            [t.bounces, yesNo(mail.readsBounces)],
            [t.tested, formatTime(mail.testedAt)],
            [t.waitingForSigners, mail.waitingForSigners],
            [t.waitingForStaff, mail.waitingForStaff],
            [t.oldest, formatTime(mail.oldestWaiting)],
            [t.last, formatTime(mail.lastSent)],
            [t.undeliverable, undeliverable.count],
          ]),
          ...(undeliverable.items.length === 0
            ? []
            : [
                table(
                  [t.Person, t.Address, t.Since, t.Why],
                  undeliverable.items.map((one) => [
                    one.person.name,
                    one.address ?? '',
                    formatTime(one.since),
                    one.why ?? '',
                  ]),
                ),
              ]),
        ].join('\n'),
      ),
    );
  cli.program
    .command('storage')
    .description(t.storage)
    .action(async () =>
      cli.show(await (await cli.client()).call('getStorage'), ({ items, objects, bytes }) =>
        table(
          [t.Kind, t.Objects, t.Size],
          [
            ...items.map((one) => [labels.storageKind[one.kind], one.objects, formatBytes(one.bytes, cli.language)]),
            [t.all, objects, formatBytes(bytes, cli.language)],
          ],
        ),
      ),
    );
  cli.program
    .command('first-steps')
    .description(t.firstSteps)
    .action(async () =>
      cli.show(await (await cli.client()).call('listFirstSteps'), ({ items }) =>
        table(
          [t.Step, t.Done, t.Since],
          items.map((one) => [labels.firstStep[one.step], yesNo(one.done), formatTime(one.at)]),
        ),
      ),
    );
}
