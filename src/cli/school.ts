import type { AnswerOf } from '../client/api-client.ts';
import { type SchoolRole, schoolRoles } from '../domain/ids.ts';
import { type AttendanceRule, attendanceRules } from '../domain/permission.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, table } from './format.ts';
import { schoolPermissionCommands } from './school-permission.ts';
import { waitingText } from './waiting-text.ts';

interface SchoolOptions {
  readonly name?: string;
  readonly allGuardians?: boolean;
  readonly pupilSignature?: boolean;
  readonly secondFactor?: SchoolRole[];
  readonly yearStart?: { readonly month: number; readonly day: number };
  readonly graceDays?: number;
  readonly eraseOnWithdrawalDays?: number | 'never';
  readonly linkDays?: number;
  readonly longestLinkDays?: number;
  readonly attendance?: AttendanceRule;
}

export function schoolCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.school;
  const parse = argumentsIn(language);
  const school = cli.program.command('school').description(t.school);
  const yesNo = (value: boolean) => (value ? t.yes : t.no);
  const showSchool = (found: AnswerOf<'getSchool'>) =>
    listing([
      [t.name, found.name],
      [t.all, yesNo(found.requireAllGuardians)],
      [t.factor, found.secondFactorRoles.map((role) => textsIn(language).labels.staffRole[role]).join(', ')],
      [t.pupil, yesNo(found.requirePupilSignature)],
      [t.yearStart, `${found.yearStartMonth}-${found.yearStartDay}`],
      [t.grace, found.expiredGraceDays],
      [t.withdrawal, found.eraseOnWithdrawalDays ?? t.never],
      [t.linkDays, found.linkDays],
      [t.longestLinkDays, found.longestLinkDays],
      [t.attendance, textsIn(language).labels.attendanceRule[found.attendance]],
    ]);

  school
    .command('show')
    .description(t.show)
    .action(async () => cli.show(await (await cli.client()).call('getSchool'), showSchool));
  school
    .command('set')
    .description(t.set)
    .option('--name <name>', t.name)
    .option('--all-guardians <yes|no>', t.all, parse.yesNo)
    .option('--pupil-signature <yes|no>', t.pupil, parse.yesNo)
    .option('--second-factor <roles>', t.factor, parse.choices(schoolRoles))
    .option('--year-start <month-day>', t.yearStart, parse.monthDay)
    .option('--grace-days <n>', t.grace, parse.wholeNumber)
    .option('--erase-on-withdrawal-days <n|never>', t.withdrawal, parse.wholeNumberOrNever)
    .option('--link-days <n>', t.linkDays, parse.wholeNumber)
    .option('--longest-link-days <n>', t.longestLinkDays, parse.wholeNumber)
    .option('--attendance <upload|release|never>', t.attendance, parse.choice(attendanceRules))
    .action(async (options: SchoolOptions) => {
      const body = present({
        name: options.name,
        requireAllGuardians: options.allGuardians,
        requirePupilSignature: options.pupilSignature,
        secondFactorRoles: options.secondFactor,
        yearStartMonth: options.yearStart?.month,
        yearStartDay: options.yearStart?.day,
        expiredGraceDays: options.graceDays,
        eraseOnWithdrawalDays: options.eraseOnWithdrawalDays === 'never' ? null : options.eraseOnWithdrawalDays,
        linkDays: options.linkDays,
        longestLinkDays: options.longestLinkDays,
        attendance: options.attendance,
      });
      if (Object.keys(body).length === 0) throw new UsageError(t.nothing);
      cli.show(await (await cli.client()).call('changeSchool', { body }), ({ waiting, ...changed }) =>
        [showSchool(changed), ...(waiting ? [waitingText(waiting, language)] : [])].join('\n'),
      );
    });
  schoolPermissionCommands(cli, school);

  const channels = cli.program.command('channels').description(t.channels);
  const lastDay = (assessments: readonly { validUntil: string }[]) =>
    formatTime(
      assessments
        .map((one) => one.validUntil)
        .sort()
        .at(-1) ?? null,
    );
  channels
    .command('list')
    .description(t.list)
    .action(async () => {
      const answer = await (await cli.client()).call('listChannels');
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.name, t.approved, t.assessed],
              items.map((one) => [one.id, one.name, yesNo(one.approved), lastDay(one.assessments)]),
            ),
      );
    });
  channels
    .command('approve <name>')
    .description(t.approve)
    .action(async (name: string) => {
      const channel = await (await cli.client()).call('approveChannel', { body: { name } });
      cli.show(channel, (one) =>
        listing([
          ['ID', one.id],
          [t.name, one.name],
        ]),
      );
    });
  channels
    .command('assess <id>')
    .description(t.assess)
    .requiredOption('--by <name>', t.by)
    .requiredOption('--summary <text>', t.summary)
    .requiredOption('--from <date>', t.from, parse.when)
    .requiredOption('--until <date>', t.until, parse.until)
    .action(async (channelId: string, options: { by: string; summary: string; from: string; until: string }) => {
      const body = {
        assessedBy: options.by,
        summary: options.summary,
        validFrom: options.from,
        validUntil: options.until,
      };
      const channel = await (await cli.client()).call('assessChannel', { params: { channelId }, body });
      cli.show(channel, (one) =>
        listing([
          ['ID', one.id],
          [t.name, one.name],
          [t.assessed, lastDay(one.assessments)],
        ]),
      );
    });
  channels
    .command('withdraw <id>')
    .description(t.withdraw)
    .option('--why <text>', t.why)
    .action(async (channelId: string, { why }: { why?: string }) => {
      const client = await cli.client();
      const params = { channelId };
      if (why !== undefined)
        return cli.show(await client.call('withdrawChannel', { params, body: { why } }), () => t.isWithdrawn);
      cli.show(await client.call('previewChannelWithdrawal', { params }), ({ recordings, recordedLessons, upcoming }) =>
        fill(t.wouldStop, { recordings, lessons: recordedLessons, upcoming }),
      );
    });
}
