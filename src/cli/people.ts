import type { AnswerOf } from '../client/api-client.ts';
import { type Language, languageTags } from '../domain/language.ts';
import {
  type Authority,
  authorities,
  type PersonRole,
  personRoles,
  type Relation,
  relations,
} from '../domain/person.ts';
import { type ColumnMeaning, columnMeanings, type RosterQuestionCode, rosterQuestions } from '../domain/roster.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, plain, table } from './format.ts';
import { asOneFile } from './pack-folder.ts';
import { personCommands } from './persons.ts';
import { ask } from './terminal.ts';

type Review = Extract<AnswerOf<'importRoster'>, { outcome: 'review' }>['review'];
type Table = Extract<AnswerOf<'importRoster'>, { outcome: 'mapping' }>['table'];

export function peopleCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.people;
  const { labels } = textsIn(language);
  const parse = argumentsIn(language);
  const rolesText = (roles: readonly PersonRole[]) => roles.map((role) => labels.personRole[role]).join(', ');

  rosterCommands(cli);

  const people = cli.program.command('people').description(t.people);
  people
    .command('list')
    .description(t.list)
    .option('--search <words>', t.search)
    .option('--role <role>', `${t.role} (${personRoles.join(', ')})`, parse.choice(personRoles))
    .option('--class <id>', t.classOption)
    .option('--cursor <text>', t.cursor)
    .action(async (options: { search?: string; role?: PersonRole; class?: string; cursor?: string }) => {
      const { class: classId, ...rest } = options;
      const answer = await (await cli.client()).call('listPersons', { query: present({ ...rest, classId }) });
      cli.show(answer, ({ items, next }) =>
        items.length === 0
          ? t.none
          : [
              table(
                ['ID', t.Name, t.Roles, t.Number, t.Classes],
                items.map((one) => [
                  one.id,
                  one.name,
                  rolesText(one.roles),
                  one.schoolNumber,
                  one.classes.map(({ name }) => name).join(', '),
                ]),
              ),
              ...(next ? [fill(t.more, { cursor: next })] : []),
            ].join('\n'),
      );
    });
  people
    .command('show <id>')
    .description(t.show)
    .action(async (personId: string) => {
      cli.show(await (await cli.client()).call('getPerson', { params: { personId } }), (one) =>
        [
          listing([
            ['ID', one.id],
            [t.Name, one.name],
            [t.Roles, rolesText(one.roles)],
            [t.Number, one.schoolNumber],
            ...one.contacts.map(({ kind, value }) => [labels.contactKind[kind], value] as const),
          ]),
          table(
            ['ID', t.Pupil, t.Guardian, t.Relation, t.Authority, t.Until],
            one.guardianships.map(({ id, pupil, guardian, relation, authority, until }) => [
              id,
              pupil.name,
              guardian.name,
              labels.relation[relation],
              labels.authority[authority],
              formatTime(until),
            ]),
          ),
        ].join('\n\n'),
      );
    });
  people
    .command('change <id>')
    .description(t.change)
    .option('--add-contact <address>', t.addContact)
    .option('--remove-contact <id>', t.removeContact)
    .option('--language <language>', t.language, parse.choice(languageTags))
    .option('--adult-from <day>', t.adultFrom)
    .action(
      async (
        personId: string,
        options: { addContact?: string; removeContact?: string; language?: Language; adultFrom?: string },
      ) => {
        const { removeContact: removeContactId, ...rest } = options;
        const body = present({ ...rest, removeContactId });
        cli.show(await (await cli.client()).call('changePerson', { params: { personId }, body }), (one) =>
          [
            listing([
              ['ID', one.id],
              [t.Name, one.name],
              ...one.contacts.map(({ id, kind, value }) => [labels.contactKind[kind], `${value} (${id})`] as const),
            ]),
            ...(one.link === null ? [] : [revokedText(one.link)]),
          ].join('\n\n'),
        );
      },
    );
  const revokedText = ({ links, mailed, answers }: AnswerOf<'revokeSignerLink'>) =>
    [
      fill(mailed ? t.linkRevoked : t.linkRevokedOnly, { links }),
      ...(answers.length === 0
        ? []
        : [
            t.answersByLink,
            table(
              ['ID', t.Person, t.Course, t.Answer, t.Since],
              answers.map((one) => [
                one.id,
                one.subject,
                one.course,
                labels.permissionStatus[one.status],
                formatTime(one.at),
              ]),
            ),
          ]),
    ].join('\n');
  people
    .command('revoke-link <id>')
    .description(t.revokeLink)
    .action(async (personId: string) => {
      cli.show(await (await cli.client()).call('revokeSignerLink', { params: { personId } }), revokedText);
    });
  people
    .command('guardianship <id>')
    .description(t.guardianship)
    .option('--relation <relation>', `${t.Relation} (${relations.join(', ')})`, parse.choice(relations))
    .option('--authority <authority>', `${t.Authority} (${authorities.join(', ')})`, parse.choice(authorities))
    .option('--end', t.end)
    .option('--why <text>', t.endWhy)
    .action(async (guardianshipId: string, options: DecisionOptions) => {
      const body = present(options);
      const decided = await (await cli.client()).call('decideGuardianship', { params: { guardianshipId }, body });
      cli.show(decided, (one) =>
        listing([
          ['ID', one.id],
          [t.Pupil, one.pupil.name],
          [t.Guardian, one.guardian.name],
          [t.Relation, labels.relation[one.relation]],
          [t.Authority, labels.authority[one.authority]],
          [t.Until, one.until && formatTime(one.until)],
        ]),
      );
    });

  personCommands(cli, people);

  cli.program
    .command('classes')
    .description(t.classes)
    .action(async () => {
      cli.show(await (await cli.client()).call('listClasses'), ({ items }) =>
        items.length === 0
          ? t.noClasses
          : table(
              ['ID', t.Class, t.Year, t.Pupils],
              items.map((one) => [one.id, one.name, `${one.schoolYear}–${one.schoolYear + 1}`, one.pupils]),
            ),
      );
    });

  const tasks = cli.program.command('tasks').description(t.tasks);
  tasks
    .command('list')
    .description(t.tasks)
    .action(async () => {
      cli.show(await (await cli.client()).call('listTasks'), ({ items }) =>
        items.length === 0
          ? t.noTasks
          : table(
              ['ID', t.Task, t.Person, t.Other, t.Since],
              items.map((one) => [
                one.id,
                labels.taskKind[one.kind],
                one.person.name,
                one.other?.name,
                formatTime(one.createdAt),
              ]),
            ),
      );
    });
  tasks
    .command('done <id>')
    .description(t.taskDone)
    .action(async (taskId: string) => {
      await (await cli.client()).call('finishTask', { params: { taskId } });
      cli.show({ done: taskId }, () => t.taskIsDone);
    });
}

interface DecisionOptions {
  readonly relation?: Relation;
  readonly authority?: Authority;
  readonly end?: true;
  readonly why?: string;
}

interface ImportOptions {
  readonly year?: number;
  readonly map?: readonly string[];
  readonly accept?: readonly RosterQuestionCode[];
  readonly yes?: true;
}

function rosterCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.people;
  const parse = argumentsIn(language);
  const rosters = cli.program.command('rosters').description(t.rosters);
  rosters
    .command('import <file>')
    .description(t.import)
    .option('--year <year>', t.yearOption, parse.wholeNumber)
    .option('--map <column=meaning...>', `${t.map} (${columnMeanings.join(', ')})`)
    .option('--accept <questions>', `${t.accept} (${rosterQuestions.join(', ')})`, parse.choices(rosterQuestions))
    .option('--yes', t.yes)
    .action((path: string, options: ImportOptions) =>
      asOneFile(
        path,
        (file) => importFile(file, options),
        () => new UsageError(fill(t.noCsv, { path })),
      ),
    );

  async function importFile(file: { readonly path: string; readonly name?: string }, options: ImportOptions) {
    const client = await cli.client();
    const mapping = options.map && readMapping(options.map, t.badMap);
    const send = (more: { confirm?: string; accepted?: readonly RosterQuestionCode[] }) =>
      client.upload('importRoster', {
        fields: present({
          schoolYear: options.year,
          mapping: mapping && JSON.stringify(mapping),
          confirm: more.confirm,
          accepted: more.accepted && JSON.stringify(more.accepted),
        }),
        file,
      });
    const first = await send({});
    if (first.outcome === 'mapping') {
      cli.show(first, ({ table: asked }) => mappingText(cli, asked));
      return;
    }
    const { review } = first;
    if (!options.yes && !cli.isInteractive()) {
      cli.show(first, () => `${reviewText(cli, review)}\n\n${t.notYet}`);
      return;
    }
    if (!cli.isJson()) cli.tell(reviewText(cli, review));
    if (!options.yes) {
      for (const { text } of review.questions) await agree(`${plain(text)} `);
      await agree(`${t.question} `);
    }
    const accepted = options.yes ? (options.accept ?? []) : [...new Set(review.questions.map(({ code }) => code))];
    cli.show(await send({ confirm: review.digest, accepted }), () =>
      fill(t.imported, { added: review.added.length, changed: review.changes.length, ended: review.ended.length }),
    );
  }

  /** @throws UsageError for anything but yes. */
  async function agree(question: string): Promise<void> {
    if ((await ask(terminal, question)).toLocaleLowerCase(language) !== t.word) throw new UsageError(t.kept);
  }
}

/** `Adı=given` several times. @throws UsageError. */
function readMapping(pairs: readonly string[], wrong: string): Record<string, ColumnMeaning | null> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.lastIndexOf('=');
      const [heading, meaning] = [pair.slice(0, at), pair.slice(at + 1)];
      const known = columnMeanings.find((one) => one === meaning);
      if (at < 1 || (known === undefined && meaning !== '')) throw new UsageError(fill(wrong, { pair }));
      return [heading, known ?? null];
    }),
  );
}

function mappingText({ language }: CommandLine, { headings, suggested, sample }: Table): string {
  const t = textsIn(language).cli.people;
  const names = textsIn(language).labels.columnMeaning;
  const meaningOf = (heading: string) => suggested[heading] ?? null;
  const rows = headings.map((heading, at) => {
    const meaning = meaningOf(heading);
    return [heading, meaning === null ? t.notRead : names[meaning], sample.map((row) => row[at] ?? '').join(' · ')];
  });
  const example = headings.map((heading) => `--map '${plain(heading)}=${meaningOf(heading) ?? ''}'`).join(' ');
  return [table([t.Column, t.Meaning, t.Sample], rows), '', t.mapThem, example].join('\n');
}

/** At most this many lines of each part: a school has thousands. */
const mostLines = 20;

function reviewText({ language }: CommandLine, review: Review): string {
  const t = textsIn(language).cli.people;
  const { labels } = textsIn(language);
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0
      ? []
      : [
          '',
          fill(title, { n: lines.length }),
          ...lines.slice(0, mostLines).map((line) => `  ${plain(line)}`),
          ...(lines.length > mostLines ? [`  … ${fill(t.andMore, { n: lines.length - mostLines })}`] : []),
        ];
  return [
    fill(t.review, { format: labels.rosterFormat[review.format], persons: review.persons }),
    ...part(
      t.added,
      review.added.map(({ name, classes }) => `${name}  ${classes.join(', ')}`),
    ),
    ...part(
      t.changed,
      review.changes.map(({ name, field, before, after }) =>
        [`${name}: ${labels.personField[field]}`, before, after].filter((one) => one !== null).join(' → '),
      ),
    ),
    ...part(
      t.ended,
      review.ended.map(({ name, className }) => `${name}  ${className}`),
    ),
    ...part(
      t.undecided,
      review.undecided.map(({ pupil, other }) => `${other} – ${pupil}`),
    ),
    ...part(
      t.unlisted,
      review.unlisted.map(({ pupil, guardian }) => `${guardian} – ${pupil}`),
    ),
    ...part(
      t.notices,
      review.notices.map(({ text, from }) => `${from.file}, ${from.line}: ${text}`),
    ),
    ...part(
      t.questions,
      review.questions.map(({ code, text }) => `${text} (${code})`),
    ),
    ...(review.dropped.length > 0 ? ['', fill(t.dropped, { names: review.dropped.map(plain).join(', ') })] : []),
  ].join('\n');
}
