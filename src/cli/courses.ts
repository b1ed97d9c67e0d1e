import { readFile } from 'node:fs/promises';
import type { AnswerOf } from '../client/api-client.ts';
import { createCourse as createCourseBody } from '../contract/course.ts';
import { type CourseState, courseStates } from '../domain/course-state.ts';
import {
  type Audience,
  audiences,
  type ParticipantKind,
  type Purpose,
  participantKinds,
  purposes,
  type Route,
  routes,
} from '../domain/permission.ts';
import { type LessonKind, lessonKinds } from '../domain/retention.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes, formatTime, listing, plain, table } from './format.ts';
import { saveStream } from './save-stream.ts';
import { ask } from './terminal.ts';

type Changed = AnswerOf<'changeCourse'>;

/** A name with an address, as `Name <contact>`. */
interface Named {
  readonly name: string;
  readonly contact: string;
}

interface FactOptions {
  readonly title?: string;
  readonly reason?: string;
  readonly channel?: string;
  readonly supervisor?: string;
  readonly from?: string;
  readonly until?: string;
  readonly keptUntil?: string;
  readonly purpose?: Purpose[];
  readonly audience?: Audience[];
  readonly site?: Named[];
}

export function courseCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.courses;
  const { labels } = textsIn(language);
  const parse = argumentsIn(language);
  const courses = cli.program.command('courses').description(t.courses);

  const named = (text: string, before: Named[] = []): Named[] => {
    const [, name, contact] = /^(.+?)\s*<(.+)>$/.exec(text) ?? [];
    if (name === undefined || contact === undefined) throw new UsageError(t.badName);
    return [...before, { name, contact }];
  };
  const courseText = (one: AnswerOf<'getCourse'>) =>
    listing([
      ['ID', one.id],
      [t.Title, one.title],
      [t.Reason, one.reason],
      [t.Days, `${one.from} – ${one.until} (${one.timeZone})`],
      [t.KeptUntil, one.keptUntil],
      [t.Supervisor, one.supervisorName],
      [t.Channel, one.channelName],
      [t.Purposes, one.purposes.map((purpose) => labels.purpose[purpose]).join(', ')],
      [t.Audiences, one.audiences.map((audience) => labels.audience[audience]).join(', ')],
      [t.Classes, one.classes.map(({ name }) => name).join(', ')],
      [t.Sites, one.sites.map(({ id, name }) => `${name} (${id})`).join(', ')],
      [t.People, one.participants],
      [t.Lessons, one.lessons],
    ]);
  const withFacts = (command: ReturnType<typeof courses.command>) =>
    command
      .option('--title <text>', t.title)
      .option('--reason <text>', t.reason)
      .option('--channel <id>', t.channel)
      .option('--supervisor <name>', t.supervisor)
      .option('--from <day>', t.from)
      .option('--until <day>', t.until)
      .option('--purpose <purposes>', `${t.purpose} (${purposes.join(', ')})`, parse.choices(purposes))
      .option('--audience <audiences>', `${t.audience} (${audiences.join(', ')})`, parse.choices(audiences))
      .option('--site <site>', t.site, named);
  const factsOf = ({ channel, supervisor, purpose, audience, site: _, ...same }: FactOptions) =>
    present({ ...same, channelId: channel, supervisorName: supervisor, purposes: purpose, audiences: audience });

  courses
    .command('list')
    .description(t.list)
    .option('--cursor <id>', t.cursor)
    .action(async (options: { cursor?: string }) => {
      cli.show(await (await cli.client()).call('listCourses', { query: present(options) }), ({ items, next }) =>
        items.length === 0
          ? t.none
          : [
              table(
                ['ID', t.Title, t.Classes, t.People, t.Lessons],
                items.map((one) => [one.id, one.title, one.classes.join(', '), one.participants, one.lessons]),
              ),
              ...(next ? [fill(t.more, { cursor: next })] : []),
            ].join('\n'),
      );
    });

  withFacts(courses.command('open').description(t.open))
    .option('--file <file>', t.file)
    .option('--kept-until <day>', t.keptUntil)
    .option('--class <ids...>', t.class)
    .option('--person <ids...>', t.person)
    .action(async (options: FactOptions & { file?: string; class?: string[]; person?: string[] }) => {
      const { file, class: classIds, person: personIds, ...facts } = options;
      const body =
        file === undefined
          ? { ...neededFor(facts), ...present({ sites: facts.site, classIds, personIds }) }
          : await readCourse(file);
      cli.show(await (await cli.client()).call('createCourse', { body }), courseText);
    });

  courses
    .command('show <id>')
    .description(t.show)
    .action(async (courseId: string) =>
      cli.show(await (await cli.client()).call('getCourse', { params: { courseId } }), courseText),
    );

  courses
    .command('people <id>')
    .description(t.people)
    .option('--state <state>', `${t.state} (${courseStates.join(', ')})`, parse.choice(courseStates))
    .option('--class <id>', t.ofClass)
    .option('--csv <file>', t.csv)
    .action(async (courseId: string, options: { state?: CourseState; class?: string; csv?: string }) => {
      const client = await cli.client();
      const asked = { params: { courseId }, query: present({ state: options.state, classId: options.class }) };
      if (options.csv !== undefined) {
        const file = options.csv;
        const { stream } = await client.download('exportCourse', asked);
        const bytes = await saveStream(stream, file);
        cli.show({ file, bytes }, () => fill(t.written, { file, size: formatBytes(bytes, language) }));
        return;
      }
      cli.show(await client.call('viewCourse', asked), viewText);
    });

  const viewText = ({ counts, rows }: AnswerOf<'viewCourse'>) =>
    [
      courseStates
        .filter((state) => (counts[state] ?? 0) > 0)
        .map((state) => `${textsIn(language).labels.courseState[state]}: ${counts[state]}`)
        .join(' · ') || t.nobody,
      '',
      table(
        ['ID', t.Name, t.Class, t.State, t.Signers, t.Next],
        rows.map((row) => [
          row.id,
          row.name,
          row.className,
          row.stateText,
          row.signers.map(({ name }) => name).join(', '),
          row.nextText,
        ]),
      ),
    ].join('\n');

  courses
    .command('ask <id>')
    .description(t.ask)
    .action(async (courseId: string) => {
      cli.show(await (await cli.client()).call('askCourse', { params: { courseId } }), (asked) =>
        [
          fill(t.asked, { requests: asked.requests, mailed: asked.mailed }),
          ...(asked.unreachable.length > 0 ? [t.unreachable] : []),
          ...asked.unreachable.map(({ signer, subject }) => `  ${plain(signer)} – ${plain(subject)}`),
        ].join('\n'),
      );
    });
  courses
    .command('remind <id>')
    .description(t.remind)
    .option('--participant <id>', t.participant)
    .action(async (courseId: string, options: { participant?: string }) => {
      const body = present({ participantId: options.participant });
      cli.show(await (await cli.client()).call('remindCourse', { params: { courseId }, body }), ({ mailed }) =>
        fill(t.reminded, { mailed }),
      );
    });

  withFacts(courses.command('change <id>').description(t.change))
    .option('--kept-until <day|never>', t.keptUntil)
    .option('--site-contact <site>', t.siteContact, named)
    .option('--take-texts', t.takeTexts)
    .option('--confirm <terms>', t.confirm)
    .action(
      async (
        courseId: string,
        options: FactOptions & { siteContact?: Named[]; takeTexts?: true; confirm?: string },
      ) => {
        const { confirm, takeTexts, siteContact, ...facts } = options;
        const change = {
          ...factsOf(facts),
          ...(facts.keptUntil === 'never' ? { keptUntil: null } : {}),
          ...present({
            takeTexts,
            addSites: facts.site,
            changeSites: siteContact?.map(({ name: id, contact }) => ({ id, contact })),
          }),
        };
        if (Object.keys(change).length === 0) throw new UsageError(t.nothing);
        const client = await cli.client();
        const send = (terms: string | undefined) =>
          client.call('changeCourse', { params: { courseId }, body: { ...change, ...present({ confirm: terms }) } });
        let outcome = await send(confirm);
        if (!outcome.saved && cli.isInteractive()) {
          cli.tell(changeText(outcome));
          if ((await ask(terminal, `${t.question} `)).toLocaleLowerCase(language) !== t.word)
            throw new UsageError(t.kept);
          outcome = await send(outcome.terms);
        }
        cli.show(outcome, (one) =>
          one.saved ? changeText(one) : `${changeText(one)}\n\n${fill(t.notYet, { terms: one.terms })}`,
        );
        if (!outcome.saved) cli.setExitCode(1);
      },
    );

  const changeText = ({ saved, changes, voids }: Changed) =>
    [
      ...(saved ? [t.saved] : []),
      ...(changes.length > 0
        ? [fill(t.changes, { fields: changes.map((field) => labels.termsField[field]).join(', ') })]
        : []),
      ...(voids.length > 0 ? [fill(saved ? t.voided : t.voids, { n: voids.length })] : []),
      ...voids.map(({ subject, signer }) => `  ${plain(signer)} – ${plain(subject)}`),
    ].join('\n');

  courses
    .command('lessons <id>')
    .description(t.lessons)
    .action(async (courseId: string) => {
      cli.show(await (await cli.client()).call('listCourseLessons', { params: { courseId } }), ({ items }) =>
        items.length === 0
          ? t.noLessons
          : table(
              ['ID', t.Title, t.When, t.Recordings],
              items.map((one) => [one.id, one.title, formatTime(one.plannedStart), one.recordings]),
            ),
      );
    });
  courses
    .command('add-lesson <id>')
    .description(t.addLesson)
    .requiredOption('--start <time>', t.start, parse.when)
    .requiredOption('--end <time>', t.end, parse.when)
    .option('--title <text>', t.lessonTitle)
    .option('--kind <kind>', `${t.kind} (${lessonKinds.join(', ')})`, parse.choice(lessonKinds))
    .action(async (courseId: string, options: { start: string; end: string; title?: string; kind?: LessonKind }) => {
      const { start: plannedStart, end: plannedEnd, ...more } = options;
      const body = { plannedStart, plannedEnd, ...present(more) };
      cli.show(await (await cli.client()).call('addLesson', { params: { courseId }, body }), (one) =>
        listing([
          ['ID', one.id],
          [t.Title, one.title],
          [t.When, `${formatTime(one.plannedStart)} – ${formatTime(one.plannedEnd)}`],
        ]),
      );
    });

  courses
    .command('add-people <id>')
    .description(t.addPeople)
    .option('--class <ids...>', t.class)
    .option('--person <ids...>', t.person)
    .option('--name <name>', t.name)
    .option('--kind <kind>', `${t.kind} (${participantKinds.join(', ')})`, parse.choice(participantKinds))
    .option('--minor', t.minor)
    .option('--guardian <guardian>', t.guardian, named)
    .option('--since <time>', t.since, parse.when)
    .action(
      async (
        courseId: string,
        options: {
          class?: string[];
          person?: string[];
          name?: string;
          kind?: ParticipantKind;
          minor?: true;
          guardian?: Named[];
          since?: string;
        },
      ) => {
        const { name, kind = 'pupil', minor, guardian: guardians = [] } = options;
        const people = name === undefined ? undefined : [{ name, kind, isMinor: minor === true, guardians }];
        const added = present({ classIds: options.class, personIds: options.person, people });
        if (Object.keys(added).length === 0) throw new UsageError(t.nobodyGiven);
        const body = { ...added, ...present({ from: options.since }) };
        cli.show(await (await cli.client()).call('addPeople', { params: { courseId }, body }), (answer) =>
          fill(t.added, { n: answer.added }),
        );
      },
    );
  courses
    .command('remove <id> <participant>')
    .description(t.remove)
    .action(async (courseId: string, participantId: string) => {
      await (await cli.client()).call('removeParticipant', { params: { courseId, participantId } });
      cli.show({ removed: participantId }, () => t.removed);
    });
  courses
    .command('seat <lesson> <participant>')
    .description(t.seat)
    .requiredOption('--unrecorded <yes|no>', t.unrecorded, parse.yesNo)
    .action(async (lessonId: string, participantId: string, { unrecorded }: { unrecorded: boolean }) => {
      await (await cli.client()).call('markSeat', { params: { lessonId, participantId }, body: { unrecorded } });
      cli.show({ participant: participantId, unrecorded }, () => (unrecorded ? t.seatUnrecorded : t.seatRecorded));
    });

  courses
    .command('objection <lesson> <participant>')
    .description(t.objection)
    .option('--guardian <id>', t.objector)
    .requiredOption('--route <route>', `${t.route} (${routes.join(', ')})`, parse.choice(routes))
    .option('--lift', t.lift)
    .action(
      async (lessonId: string, participantId: string, options: { guardian?: string; route: Route; lift?: true }) => {
        const { guardian: guardianId, ...rest } = options;
        const body = { participantId, ...present({ guardianId, lift: rest.lift }), route: rest.route };
        await (await cli.client()).call('noteObjection', { params: { lessonId }, body });
        cli.show({ participant: participantId, ...rest }, () => (rest.lift ? t.objectionLifted : t.objectionNoted));
      },
    );

  /** @throws UsageError that names the missing options. */
  function neededFor(facts: FactOptions) {
    const { title, reason, channel, supervisor, from, until } = facts;
    if (!title || !reason || !channel || !supervisor || !from || !until) {
      const needed = Object.entries({ title, reason, channel, supervisor, from, until });
      const missing = needed.filter(([, value]) => !value).map(([name]) => `--${name}`);
      throw new UsageError(fill(t.need, { missing: missing.join(', ') }));
    }
    return { ...factsOf(facts), title, reason, channelId: channel, supervisorName: supervisor, from, until };
  }

  /** @throws UsageError that names the fields: the file is checked before anything is sent. */
  async function readCourse(file: string) {
    let value: unknown;
    try {
      value = JSON.parse(await readFile(file, 'utf8'));
    } catch (error) {
      if (error instanceof SyntaxError) throw new UsageError(fill(t.badFile, { file, why: error.message }));
      throw error;
    }
    const checked = createCourseBody.safeParse(value);
    if (checked.success) return value as Parameters<typeof createCourseBody.parse>[0] & ReturnType<typeof neededFor>;
    const why = checked.error.issues.map((issue) => `${issue.path.join('.') || '–'}: ${issue.message}`).join('; ');
    throw new UsageError(fill(t.badFile, { file, why }));
  }
}
