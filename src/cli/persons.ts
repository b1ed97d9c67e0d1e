import { Readable } from 'node:stream';
import type { Command } from 'commander';
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
import { type PersonErasureReason, personErasureReasons } from '../domain/person-erasure.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes, formatTime, listing, plain } from './format.ts';
import { saveStream } from './save-stream.ts';
import { ask } from './terminal.ts';

/** One person by hand: added, in classes, with who stands for them; their file, and their erasure. */
export function personCommands(cli: CommandLine, people: Command): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.people;
  const { labels } = textsIn(language);
  const parse = argumentsIn(language);

  people
    .command('add <name>')
    .description(t.add)
    .requiredOption('--role <roles>', `${t.roleOf} (${personRoles.join(', ')})`, parse.choices(personRoles))
    .option('--contact <addresses...>', t.addContact)
    .option('--class <ids...>', t.classOf)
    .option('--number <number>', t.numberOf)
    .option('--language <language>', t.language, parse.choice(languageTags))
    .option('--adult-from <day>', t.adultFrom)
    .action(async (name: string, options: AddOptions) => {
      const { role: roles, contact: contacts, class: classIds, number: schoolNumber, ...rest } = options;
      const body = { name, roles, ...present({ contacts, classIds, schoolNumber, ...rest }) };
      cli.show(await (await cli.client()).call('createPerson', { body }), (one) =>
        [
          listing([
            ['ID', one.id],
            [t.Name, one.name],
            [t.Roles, one.roles.map((role) => labels.personRole[role]).join(', ')],
            [t.Number, one.schoolNumber],
          ]),
          ...(one.namesakes.length > 0 ? [fill(t.namesakes, { n: one.namesakes.length })] : []),
          ...one.namesakes.map(
            ({ id, name: same, classes }) => `  ${plain(same)} ${classes.map(plain).join(', ')} (${id})`,
          ),
        ].join('\n'),
      );
    });
  people
    .command('add-guardian <pupil> <guardian>')
    .description(t.addGuardian)
    .requiredOption('--relation <relation>', `${t.Relation} (${relations.join(', ')})`, parse.choice(relations))
    .requiredOption('--authority <authority>', `${t.Authority} (${authorities.join(', ')})`, parse.choice(authorities))
    .action(async (personId: string, guardianId: string, options: { relation: Relation; authority: Authority }) => {
      const body = { guardianId, ...options };
      cli.show(await (await cli.client()).call('addGuardianship', { params: { personId }, body }), (one) =>
        [
          listing([
            ['ID', one.id],
            [t.Pupil, one.pupil.name],
            [t.Guardian, one.guardian.name],
            [t.Relation, labels.relation[one.relation]],
            [t.Authority, labels.authority[one.authority]],
          ]),
          ...(one.authority === options.authority ? [] : [t.undecidedYet]),
        ].join('\n'),
      );
    });
  people
    .command('join <id> <class>')
    .description(t.join)
    .action(async (personId: string, classId: string) => {
      await (await cli.client()).call('joinClass', { params: { personId, classId } });
      cli.show({ joined: classId }, () => t.joined);
    });
  people
    .command('leave <id> <class>')
    .description(t.leave)
    .action(async (personId: string, classId: string) => {
      await (await cli.client()).call('leaveClass', { params: { personId, classId } });
      cli.show({ left: classId }, () => t.hasLeft);
    });
  people
    .command('export <id>')
    .description(t.export)
    .requiredOption('--to <file>', t.to)
    .action(async (personId: string, { to }: { to: string }) => {
      const file = await (await cli.client()).call('exportPerson', { params: { personId } });
      const bytes = await saveStream(Readable.from([`${JSON.stringify(file, null, 2)}\n`], { objectMode: false }), to);
      cli.show({ file: to, bytes, gaps: file.gaps.length }, ({ gaps }) =>
        [
          fill(t.exported, { file: to, size: formatBytes(bytes, language) }),
          ...(gaps > 0 ? [fill(t.gaps, { n: gaps })] : []),
          ...file.notIncluded.map((one) => `- ${one.text}`),
        ].join('\n'),
      );
    });
  people
    .command('erase <id>')
    .description(t.erase)
    .option('--why <why>', `${t.why} (${personErasureReasons.join(', ')})`, parse.choice(personErasureReasons))
    .option('--yes', t.yesErase)
    .action(async (personId: string, options: { why?: PersonErasureReason; yes?: true }) => {
      const client = await cli.client();
      const params = { personId };
      const plan = await client.call('getPersonErasure', { params });
      const { why } = options;
      if (plan.erasure !== null || plan.blockers.length > 0 || why === undefined) {
        cli.show(plan, (one) => erasureText(cli, one));
        return;
      }
      if (!options.yes) {
        if (!cli.isInteractive()) throw new UsageError(t.notErased);
        cli.tell(erasureText(cli, plan));
        const question = fill(t.eraseQuestion, { name: plain(plan.name), word: t.eraseWord });
        if ((await ask(terminal, question)) !== t.eraseWord) throw new UsageError(t.kept);
      }
      const body = { why, confirm: plan.digest };
      cli.show(await client.call('erasePerson', { params, body }), (one) => erasureText(cli, one));
    });
}

interface AddOptions {
  readonly role: PersonRole[];
  readonly contact?: string[];
  readonly class?: string[];
  readonly number?: string;
  readonly language?: Language;
  readonly adultFrom?: string;
}

function erasureText({ language }: CommandLine, plan: AnswerOf<'getPersonErasure'>): string {
  const t = textsIn(language).cli.people;
  const { labels } = textsIn(language);
  const { erasure } = plan;
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${plain(line)}`)];
  if (erasure)
    return listing([
      [t.State, labels.erasureState[erasure.state]],
      [t.Reason, labels.personErasureReason[erasure.why]],
      [t.Since, formatTime(erasure.startedAt)],
      [t.StillInStore, erasure.objects],
      [t.StillNeeded, erasure.pseudonyms],
    ]);
  return [
    plain(plan.name),
    ...part(
      t.Against,
      plan.blockers.map(({ text }) => text),
    ),
    ...part(
      t.Goes,
      plan.goes.filter(({ count }) => count > 0).map(({ count, text }) => `${text}: ${count}`),
    ),
    ...part(
      t.Stays,
      plan.stays
        .filter(({ count }) => count !== 0)
        .map(({ count, text }) => (count === null ? text : `${count}: ${text}`)),
    ),
    ...part(
      t.NamedIn,
      plan.captions.map(
        ({ recordingId, title, at, isRead }) =>
          `${title}, ${formatTime(at)} (${recordingId})${isRead ? '' : `: ${t.captionsNotRead}`}`,
      ),
    ),
    ...part(
      t.Left,
      plan.left.map(({ name, id }) => `${name} (${id})`),
    ),
  ].join('\n');
}
