import type { AnswerOf } from '../client/api-client.ts';
import {
  type Audience,
  audiences,
  capacities,
  type Purpose,
  purposes,
  type Route,
  routes,
  type SignerCapacity,
} from '../domain/permission.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatBytes, formatTime, listing, plain, table } from './format.ts';
import { createProgress } from './progress.ts';
import { saveStream } from './save-stream.ts';

type Permission = AnswerOf<'recordPermission'>;
interface SignatureOptions {
  readonly purpose?: Purpose[];
  readonly releaseTo?: Audience[];
  readonly route: Route;
  readonly signer?: string;
  readonly capacity?: SignerCapacity;
  readonly guardian?: string;
  readonly signed?: string;
  readonly until?: string;
}

export function permissionCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.permissions;
  const { permissionStatus: statusNames, purpose: purposeNames } = textsIn(language).labels;
  const purposesText = (purposes: readonly Purpose[]) => purposes.map((one) => purposeNames[one]).join(', ');
  const parse = argumentsIn(language);
  const permissions = cli.program.command('permissions').description(t.permissions);

  const one = (permission: Permission) =>
    listing([
      ['ID', permission.id],
      [t.Status, statusNames[permission.status]],
      [t.Purposes, purposesText(permission.purposes)],
      [t.Signer, permission.signerName],
      [t.Signed, formatTime(permission.signedAt)],
      [t.Until, formatTime(permission.validUntil)],
      [t.Document, permission.documentSha256 ? t.sealed : null],
    ]);

  permissions
    .command('list <lesson>')
    .description(t.list)
    .action(async (lessonId: string) => {
      const client = await cli.client();
      const [answer, lesson] = [
        await client.call('listPermissions', { params: { lessonId } }),
        await client.call('getLesson', { params: { lessonId } }),
      ];
      const names = new Map([...lesson.sites, ...lesson.participants].map((subject) => [subject.id, subject.name]));
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.none
          : table(
              ['ID', t.Subject, t.Status, t.Purposes, t.Signer, t.Signed, t.Until, t.Document],
              items.map((row) => [
                row.id,
                names.get(row.participantId ?? row.siteId ?? '') ?? null,
                statusNames[row.status],
                purposesText(row.purposes),
                row.signerName,
                formatTime(row.signedAt),
                formatTime(row.validUntil),
                row.documentSha256 ? t.sealed : null,
              ]),
            ),
      );
    });

  const signature = (command: ReturnType<typeof permissions.command>, isRequired: boolean) => {
    const option = (flags: string, text: string, parser?: (text: string) => unknown) => {
      const made = command.createOption(flags, text).makeOptionMandatory(isRequired);
      command.addOption(parser ? made.argParser(parser) : made);
    };
    command
      .option('--purpose <purposes>', `${t.purpose} (${purposes.join(', ')})`, parse.choices(purposes))
      .option('--release-to <audiences>', `${t.releaseTo} (${audiences.join(', ')})`, parse.choices(audiences))
      .option('--route <route>', `${t.route} (${routes.join(', ')})`, parse.choice(routes), 'paper' as const)
      .option('--guardian <id>', t.guardian)
      .option('--until <date>', t.until, parse.until);
    option('--signer <name>', t.signer);
    option('--capacity <capacity>', `${t.capacity} (${capacities.join(', ')})`, parse.choice(capacities));
    option('--signed <time>', t.signed, parse.when);
    return command;
  };
  const signatureBody = (options: SignatureOptions) =>
    present({
      purposes: options.purpose,
      releaseTo: options.releaseTo,
      route: options.route,
      signerName: options.signer,
      signerCapacity: options.capacity,
      guardianId: options.guardian,
      signedAt: options.signed,
      validUntil: options.until,
    });
  const statuses = ['requested', 'granted', 'refused'] as const;
  const answers = ['granted', 'refused'] as const;

  signature(
    permissions
      .command('record <lesson>')
      .description(t.record)
      .option('--site <id>', t.site)
      .option('--participant <id>', t.participant)
      .requiredOption('--status <status>', `${t.status} (${statuses.join(', ')})`, parse.choice(statuses)),
    false,
  ).action(
    async (
      lessonId: string,
      options: SignatureOptions & { site?: string; participant?: string; status: (typeof statuses)[number] },
    ) => {
      if ((options.site === undefined) === (options.participant === undefined)) throw new UsageError(t.oneSubject);
      const body = {
        ...signatureBody(options),
        status: options.status,
        noticeLanguage: language,
        ...present({ siteId: options.site, participantId: options.participant }),
      };
      cli.show(await (await cli.client()).call('recordPermission', { params: { lessonId }, body }), one);
    },
  );

  signature(
    permissions
      .command('answer <id>')
      .description(t.answer)
      .requiredOption('--status <status>', `${t.status} (${answers.join(', ')})`, parse.choice(answers)),
    true,
  ).action(
    async (
      permissionId: string,
      options: SignatureOptions & {
        status: (typeof answers)[number];
        signer: string;
        capacity: SignerCapacity;
        signed: string;
      },
    ) => {
      const body = {
        ...signatureBody(options),
        signerName: options.signer,
        signerCapacity: options.capacity,
        signedAt: options.signed,
        status: options.status,
      };
      cli.show(await (await cli.client()).call('answerPermission', { params: { permissionId }, body }), one);
    },
  );

  permissions
    .command('withdraw <id>')
    .description(t.withdraw)
    .option('--note <text>', t.note)
    .option('--route <route>', `${t.route} (${routes.join(', ')})`, parse.choice(routes))
    .option('--preview', t.preview)
    .action(async (permissionId: string, options: { note?: string; route?: Route; preview?: true }) => {
      const client = await cli.client();
      if (options.preview) {
        cli.show(await client.call('previewWithdrawal', { params: { permissionId } }), stopsText);
        return;
      }
      const body = present({ note: options.note, route: options.route });
      cli.show(await client.call('withdrawPermission', { params: { permissionId }, body }), one);
    });
  const stopsText = ({ subject, recorded, upcoming }: AnswerOf<'previewWithdrawal'>) =>
    [
      fill(recorded.length === 0 ? t.stopsNothing : t.stops, { subject }),
      ...recorded.map(({ title, plannedStart }) => `  ${plain(title)}, ${formatTime(plannedStart)}`),
      fill(t.goesOn, { n: upcoming }),
    ].join('\n');

  permissions
    .command('invalidate <id>')
    .description(t.invalidate)
    .requiredOption('--note <text>', t.invalidNote)
    .action(async (permissionId: string, body: { note: string }) => {
      cli.show(await (await cli.client()).call('invalidatePermission', { params: { permissionId }, body }), one);
    });

  const document = permissions.command('document').description(t.document);
  document
    .command('put <id> <file>')
    .description(t.put)
    .action(async (permissionId: string, path: string) => {
      const progress = createProgress(terminal, language, { label: t.sending, quiet: cli.isJson() });
      try {
        const client = await cli.client();
        const input = { params: { permissionId }, file: { path } };
        cli.show(await client.upload('putDocument', input, { onProgress: progress.update }), one);
      } finally {
        progress.end();
      }
    });
  document
    .command('get <id>')
    .description(t.get)
    .requiredOption('-o, --output <file>', t.output)
    .action((permissionId: string, { output }: { output: string }) => save('getDocument', permissionId, output));
  permissions
    .command('receipt <id>')
    .description(t.receipt)
    .requiredOption('-o, --output <file>', t.output)
    .action((permissionId: string, { output }: { output: string }) => save('getReceipt', permissionId, output));

  async function save(what: 'getDocument' | 'getReceipt', permissionId: string, file: string) {
    const { stream } = await (await cli.client()).download(what, { params: { permissionId } });
    const bytes = await saveStream(stream, file);
    cli.show({ file, bytes }, () => fill(t.written, { file, size: formatBytes(bytes, language) }));
  }
}
