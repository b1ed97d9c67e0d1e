import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { AnswerOf } from '../client/api-client.ts';
import { languageTags } from '../domain/language.ts';
import { audiences, purposes } from '../domain/permission.ts';
import { textKinds } from '../domain/request.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { listing, table } from './format.ts';

type Rules = AnswerOf<'getPermissionRules'>;
type Least = Rules['leastAssurance'];

interface RuleOptions {
  readonly preset?: 'tr' | 'uk';
  readonly least?: string[];
  readonly answerDays?: number;
  readonly firstReminderDays?: number;
  readonly reminderDays?: number;
  readonly mostReminders?: number;
  readonly mailFrom?: number;
  readonly mailUntil?: number;
  readonly timeZone?: string;
}

/** How the school asks for permission, and the texts that its signers read. */
export function schoolPermissionCommands(cli: CommandLine, school: Command): void {
  const { language } = cli;
  const t = textsIn(language).cli.schoolPermission;
  const { labels } = textsIn(language);
  const parse = argumentsIn(language);
  const least = [...purposes.filter((one) => one !== 'release'), ...audiences];

  const rulesText = (rules: Rules) => {
    const { release, ...all } = rules.leastAssurance;
    return [
      listing([
        [t.preset, labels.rulePreset[rules.preset]],
        [t.answerDays, rules.answerDays],
        [t.firstReminderDays, rules.firstReminderDays],
        [t.reminderDays, rules.reminderDays],
        [t.mostReminders, rules.mostReminders],
        [t.mailHours, `${rules.mailFromHour}:00 – ${rules.mailUntilHour}:00`],
        [t.timeZone, rules.timeZone],
      ]),
      '',
      table(
        [t.For, t.Level, t.Meaning],
        [
          ...Object.entries(all).map(
            ([purpose, level]) => [labels.purpose[purpose as keyof typeof all], level] as const,
          ),
          ...audiences.map((one) => [`${labels.purpose.release}: ${labels.audience[one]}`, release[one]] as const),
        ].map(([name, level]) => [name, level, labels.assuranceLevel[level]]),
      ),
    ].join('\n');
  };

  school
    .command('permission-rules')
    .description(t.rules)
    .option('--preset <tr|uk>', t.presetOption, parse.choice(['tr', 'uk'] as const))
    .option('--least <for=level...>', `${t.least} (${least.join(', ')})`)
    .option('--answer-days <n>', t.answerDays, parse.wholeNumber)
    .option('--first-reminder-days <n>', t.firstReminderDays, parse.wholeNumber)
    .option('--reminder-days <n>', t.reminderDays, parse.wholeNumber)
    .option('--most-reminders <n>', t.mostReminders, parse.wholeNumber)
    .option('--mail-from <hour>', t.mailFrom, parse.wholeNumber)
    .option('--mail-until <hour>', t.mailUntil, parse.wholeNumber)
    .option('--time-zone <zone>', t.timeZone)
    .action(async (options: RuleOptions) => {
      const { least: pairs, mailFrom: mailFromHour, mailUntil: mailUntilHour, ...same } = options;
      const client = await cli.client();
      const chosen = present({ ...same, mailFromHour, mailUntilHour });
      if (pairs === undefined && Object.keys(chosen).length === 0) {
        cli.show(await client.call('getPermissionRules'), rulesText);
        return;
      }
      const levels = pairs?.map(readPair);
      const leastAssurance = levels && (await completed(levels, async () => client.call('getPermissionRules')));
      const body = { ...chosen, ...present({ leastAssurance }) };
      cli.show(await client.call('choosePermissionRules', { body }), rulesText);
    });

  /** @throws UsageError. */
  function readPair(pair: string): readonly [name: string, level: 1 | 2 | 3 | 4 | 5] {
    const [, name, written] = /^(\w+)=([1-5])$/.exec(pair) ?? [];
    const level = ([1, 2, 3, 4, 5] as const).find((one) => String(one) === written);
    if (level === undefined || !least.some((one) => one === name)) throw new UsageError(fill(t.badLeast, { pair }));
    return [name ?? '', level];
  }

  /** The levels of the audiences are sent together: those that are not named stay. */
  async function completed(levels: ReturnType<typeof readPair>[], now: () => Promise<Rules>): Promise<Partial<Least>> {
    const isAudience = ([name]: readonly [string, number]) => audiences.some((one) => one === name);
    const named = Object.fromEntries(levels.filter((one) => !isAudience(one)));
    const shown = levels.filter(isAudience);
    if (shown.length === 0) return named;
    return { ...named, release: { ...(await now()).leastAssurance.release, ...Object.fromEntries(shown) } };
  }

  const text = school.command('text').description(t.text);
  text
    .command('list')
    .description(t.textList)
    .action(async () => {
      cli.show(await (await cli.client()).call('listTexts'), ({ items }) =>
        table(
          [t.Kind, t.Language, t.Version, t.Origin],
          items.map((one) => [one.kind, one.language, one.version, one.isOwn ? t.own : t.shipped]),
        ),
      );
    });
  text
    .command('show <kind> <language>')
    .description(t.textShow)
    .action(async (kind: string, tag: string) => {
      const found = (await (await cli.client()).call('listTexts')).items.find(
        (one) => one.kind === kind && one.language === tag,
      );
      if (!found)
        throw new UsageError(fill(t.noText, { kinds: textKinds.join(', '), languages: languageTags.join(', ') }));
      cli.show(found, (one) => one.text);
    });
  text
    .command('set <kind> <language> <file>')
    .description(t.textSet)
    .action(async (kindGiven: string, tag: string, file: string) => {
      const kind = textKinds.find((one) => one === kindGiven);
      const of = languageTags.find((one) => one === tag);
      if (!kind || !of)
        throw new UsageError(fill(t.noText, { kinds: textKinds.join(', '), languages: languageTags.join(', ') }));
      const body = { kind, language: of, text: await readFile(file, 'utf8') };
      cli.show(await (await cli.client()).call('setText', { body }), ({ version }) => fill(t.textIsSet, { version }));
    });

  school
    .command('test-mail')
    .description(t.testMail)
    .action(async () => {
      await (await cli.client()).call('sendTestMail');
      cli.show({ queued: true }, () => t.testMailSent);
    });
}
