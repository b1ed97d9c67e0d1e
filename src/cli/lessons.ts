import { readFile } from 'node:fs/promises';
import type { AnswerOf } from '../client/api-client.ts';
import { createLesson as createLessonBody } from '../contract/lesson.ts';
import {
  type Audience,
  audiences,
  type ParticipantKind,
  participantKinds,
  type SiteKind,
  siteKinds,
} from '../domain/permission.ts';
import { type LessonKind, lessonKinds } from '../domain/retention.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, table } from './format.ts';

interface ChangeOptions {
  readonly title?: string;
  readonly kind?: LessonKind;
  readonly reason?: string;
  readonly supervisor?: string;
}

interface CreateOptions {
  readonly from?: string;
  readonly title?: string;
  readonly kind?: LessonKind;
  readonly reason?: string;
  readonly start?: string;
  readonly end?: string;
  readonly supervisor?: string;
  readonly channel?: string;
}

export function lessonCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.lessons;
  const { labels } = textsIn(language);
  const parse = argumentsIn(language);
  const lessons = cli.program.command('lessons').description(t.lessons);

  const lessonText = (one: AnswerOf<'getLesson'>) =>
    [
      listing([
        ['ID', one.id],
        [t.Title, one.title],
        [t.Kind, labels.lessonKind[one.kind]],
        [t.When, `${formatTime(one.plannedStart)} – ${formatTime(one.plannedEnd)}`],
        [t.Reason, one.reason],
        [t.Supervisor, one.supervisorName],
        [t.Channel, one.channelName],
        [t.Announced, one.announcedAt && `${formatTime(one.announcedAt)}, ${one.announcedBy}: ${one.announcedHow}`],
        [t.Recordings, one.recordings],
      ]),
      `\n${t.Sites}`,
      table(
        ['ID', t.Name, t.Kind, t.Contact],
        one.sites.map((site) => [site.id, site.name, labels.siteKind[site.kind], site.contact]),
      ),
      `\n${t.Participants}`,
      table(
        ['ID', t.Name, t.Kind, t.Guardians],
        one.participants.map((person) => [
          person.id,
          person.name,
          labels.participantKind[person.kind],
          person.isMinor ? person.guardians.map((guardian) => `${guardian.name} (${guardian.id})`).join(', ') : null,
        ]),
      ),
    ].join('\n');

  /** @throws UsageError that names the fields: the file is checked before anything is sent. */
  const readLesson = async (file: string) => {
    let value: unknown;
    try {
      value = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      if (error instanceof SyntaxError) throw new UsageError(fill(t.badFile, { file, why: error.message }));
      throw error;
    }
    const checked = createLessonBody.safeParse(value);
    if (!checked.success) {
      const why = checked.error.issues.map((issue) => `${issue.path.join('.') || '–'}: ${issue.message}`).join('; ');
      throw new UsageError(fill(t.badFile, { file, why }));
    }
    return value as Parameters<typeof createLessonBody.parse>[0] & CreateBody;
  };

  lessons
    .command('list')
    .description(t.list)
    .option('--words <words>', t.words)
    .option('--cursor <text>', t.cursor)
    .action(async (options: { words?: string; cursor?: string }) => {
      const answer = await (await cli.client()).call('listLessons', { query: present(options) });
      cli.show(answer, ({ items, next }) =>
        items.length === 0
          ? t.none
          : [
              table(
                ['ID', t.Title, t.When, t.Recordings],
                items.map((one) => [one.id, one.title, formatTime(one.plannedStart), one.recordings]),
              ),
              ...(next ? [fill(t.more, { cursor: next })] : []),
            ].join('\n'),
      );
    });

  lessons
    .command('create')
    .description(t.create)
    .option('--from <file>', t.from)
    .option('--title <text>', t.title)
    .option('--kind <kind>', `${t.kind} (${lessonKinds.join(', ')})`, parse.choice(lessonKinds))
    .option('--reason <text>', t.reason)
    .option('--start <time>', t.start, parse.when)
    .option('--end <time>', t.end, parse.when)
    .option('--supervisor <name>', t.supervisor)
    .option('--channel <id>', t.channel)
    .action(async (options: CreateOptions) => {
      const body = options.from !== undefined ? await readLesson(options.from) : bodyOf(options, t.need);
      cli.show(await (await cli.client()).call('createLesson', { body }), lessonText);
    });

  lessons
    .command('show <id>')
    .description(t.show)
    .action(async (lessonId: string) =>
      cli.show(await (await cli.client()).call('getLesson', { params: { lessonId } }), lessonText),
    );

  lessons
    .command('change <id>')
    .description(t.change)
    .option('--title <text>', t.title)
    .option('--kind <kind>', `${t.kind} (${lessonKinds.join(', ')})`, parse.choice(lessonKinds))
    .option('--reason <text>', t.reason)
    .option('--supervisor <name>', t.supervisor)
    .action(async (lessonId: string, options: ChangeOptions) => {
      const { title, kind, reason, supervisor: supervisorName } = options;
      const body = present({ title, kind, reason, supervisorName });
      if (Object.keys(body).length === 0) throw new UsageError(t.nothing);
      cli.show(await (await cli.client()).call('changeLesson', { params: { lessonId }, body }), lessonText);
    });

  lessons
    .command('announce <id>')
    .description(t.announce)
    .requiredOption('--at <time>', t.at, parse.when)
    .requiredOption('--by <name>', t.by)
    .requiredOption('--how <text>', t.how)
    .option('--second <clock>', t.second, parse.clock)
    .action(async (lessonId: string, { second, ...rest }: { at: string; by: string; how: string; second?: number }) => {
      const body = { ...rest, ...(second === undefined ? {} : { second: Math.floor(second / 1000) }) };
      cli.show(await (await cli.client()).call('announce', { params: { lessonId }, body }), lessonText);
    });

  lessons
    .command('add-site <id>')
    .description(t.addSite)
    .requiredOption('--name <name>', t.name)
    .requiredOption('--contact <contact>', t.contact)
    .option('--kind <kind>', `${t.kind} (${siteKinds.join(', ')})`, parse.choice(siteKinds), 'school' as const)
    .action(async (lessonId: string, body: { name: string; contact: string; kind: SiteKind }) => {
      const site = await (await cli.client()).call('addSite', { params: { lessonId }, body });
      cli.show(site, (one) =>
        listing([
          ['ID', one.id],
          [t.Name, one.name],
        ]),
      );
    });

  lessons
    .command('add-participant <id>')
    .description(t.addParticipant)
    .requiredOption('--name <name>', t.name)
    .option(
      '--kind <kind>',
      `${t.kind} (${participantKinds.join(', ')})`,
      parse.choice(participantKinds),
      'pupil' as const,
    )
    .option('--minor', t.minor)
    .option('--guardian <guardian>', t.guardian, (text: string, before: Guardian[] = []) => {
      const [, name, contact] = /^(.+?)\s*<(.+)>$/.exec(text) ?? [];
      if (name === undefined || contact === undefined) throw new UsageError(t.badGuardian);
      return [...before, { name, contact }];
    })
    .action(
      async (
        lessonId: string,
        options: { name: string; kind: ParticipantKind; minor?: true; guardian?: Guardian[] },
      ) => {
        const { name, kind, guardian: guardians = [] } = options;
        const body = { name, kind, isMinor: options.minor === true, guardians };
        const person = await (await cli.client()).call('addParticipant', { params: { lessonId }, body });
        cli.show(person, (one) =>
          listing([
            ['ID', one.id],
            [t.Name, one.name],
            ...one.guardians.map((guardian) => [guardian.name, guardian.id] as [string, string]),
          ]),
        );
      },
    );

  lessons
    .command('gate <id>')
    .description(t.gate)
    .option('--audience <audience>', `${t.audience} (${audiences.join(', ')})`, parse.choice(audiences))
    .action(async (lessonId: string, options: { audience?: Audience }) => {
      const gate = await (await cli.client()).call('getGate', {
        params: { lessonId },
        query: present({ audience: options.audience }),
      });
      cli.show(gate, ({ holds, reasons }) =>
        holds
          ? t.holds
          : [fill(t.refuses, { count: reasons.length }), ...reasons.map((reason) => `  - ${reason.text}`)].join('\n'),
      );
      if (!gate.holds) cli.setExitCode(1);
    });
}

interface Guardian {
  readonly name: string;
  readonly contact: string;
}

interface CreateBody {
  readonly title: string;
  readonly kind?: LessonKind;
  readonly reason: string;
  readonly plannedStart: string;
  readonly plannedEnd: string;
  readonly supervisorName: string;
  readonly channelId: string;
}

function bodyOf(options: CreateOptions, need: string): CreateBody {
  const { title, reason, start, end, supervisor, channel } = options;
  if (!title || !reason || !start || !end || !supervisor || !channel) {
    const needed = Object.entries({ title, reason, start, end, supervisor, channel });
    const missing = needed.filter(([, value]) => !value).map(([name]) => `--${name}`);
    throw new UsageError(fill(need, { missing: missing.join(', ') }));
  }
  return {
    title,
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    reason,
    plannedStart: start,
    plannedEnd: end,
    supervisorName: supervisor,
    channelId: channel,
  };
}
