import { type StaffRole, schoolRoles, staffRoles } from '../domain/ids.ts';
import { textsIn } from '../language/catalogue.ts';
import { showSessions } from './account.ts';
import { argumentsIn, present } from './arguments.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { formatTime, listing, table } from './format.ts';

export function staffCommands(cli: CommandLine): void {
  const { language } = cli;
  const t = textsIn(language).cli.staff;
  const names = textsIn(language).labels.staffRole;
  const rolesText = (roles: readonly StaffRole[]) => roles.map((role) => names[role]).join(', ');
  const parse = argumentsIn(language);
  const staff = cli.program.command('staff').description(t.staff);

  staff
    .command('list')
    .description(t.list)
    .action(async () => {
      const client = await cli.client();
      const [people, invitations] = [
        (await client.call('listStaff')).items,
        (await client.call('listInvitations')).items,
      ];
      const open = invitations.filter((one) => one.acceptedAt === null && one.revokedAt === null);
      cli.show({ people, invitations: open }, () =>
        table(
          ['ID', t.name, t.email, t.roles, t.factor, t.state],
          [
            ...people.map((one) => [
              one.id,
              one.name,
              one.email,
              rolesText(one.roles),
              one.secondFactor ? t.yes : t.no,
              one.disabledAt ? t.disabled : t.active,
            ]),
            ...open.map((one) => [
              one.id,
              one.name,
              one.email,
              rolesText(one.roles),
              null,
              `${t.invited} → ${formatTime(one.expiresAt)}`,
            ]),
          ],
        ),
      );
    });

  staff
    .command('invite')
    .description(t.invite)
    .requiredOption('--email <address>', t.email)
    .requiredOption('--name <name>', t.name)
    .requiredOption('--role <roles>', `${t.roleOption} (${schoolRoles.join(', ')})`, parse.choices(schoolRoles))
    .option('--days <number>', t.daysOption, parse.wholeNumber, 7)
    .action(async (options: { email: string; name: string; role: StaffRole[]; days: number }) => {
      const client = await cli.client();
      const { role: roles, ...rest } = options;
      const invitation = await client.call('invite', { body: { ...rest, roles } });
      cli.show(
        invitation,
        ({ token, expiresAt, email }) =>
          `${listing([
            [t.email, email],
            [t.link, `${client.baseUrl}/#invitation=${token}`],
            [t.ends, formatTime(expiresAt)],
          ])}\n${t.once}`,
      );
    });

  staff
    .command('change <id>')
    .description(t.change)
    .option('--role <roles>', `${t.roleOption} (${staffRoles.join(', ')})`, parse.choices(staffRoles))
    .option('--disable', t.disable)
    .option('--enable', t.enable)
    .action(async (userId: string, options: { role?: StaffRole[]; disable?: true; enable?: true }) => {
      if (!options.role && !options.disable && !options.enable) throw new UsageError(t.nothing);
      const disabled = options.disable ? true : options.enable ? false : undefined;
      const body = present({ roles: options.role, disabled });
      const person = await (await cli.client()).call('changeStaff', { params: { userId }, body });
      cli.show(person, (one) =>
        listing([
          [t.name, one.name],
          [t.roles, rolesText(one.roles)],
          [t.state, one.disabledAt ? t.disabled : t.active],
        ]),
      );
    });

  staff
    .command('revoke-invitation <id>')
    .description(t.revoke)
    .action(async (invitationId: string) => {
      await (await cli.client()).call('revokeInvitation', { params: { invitationId } });
      cli.show({ revoked: true }, () => t.revoked);
    });

  staff
    .command('reset-password <id>')
    .description(t.resetPassword)
    .action(async (userId: string) => {
      const sent = await (await cli.client()).call('sendPasswordReset', { params: { userId } });
      cli.show(sent, ({ url }) => (url === null ? t.sentByMail : `${listing([[t.link, url]])}\n${t.once}`));
    });

  staff
    .command('reset-second-factor <id>')
    .description(t.resetFactor)
    .action(async (userId: string) => {
      const reset = await (await cli.client()).call('askForFactorReset', { params: { userId } });
      cli.show(reset, ({ id }) => `${listing([['ID', id]])}\n${t.resetAsked}`);
    });

  staff
    .command('second-factor-resets')
    .description(t.resets)
    .action(async () => {
      const answer = await (await cli.client()).call('listFactorResets');
      cli.show(answer, ({ items }) =>
        items.length === 0
          ? t.noResets
          : table(
              ['ID', t.name, t.email, t.asked],
              items.map((one) => [one.id, one.user.name, one.user.email, formatTime(one.requestedAt)]),
            ),
      );
    });

  staff
    .command('confirm-reset <id>')
    .description(t.confirmReset)
    .action(async (resetId: string) => {
      await (await cli.client()).call('confirmFactorReset', { params: { resetId } });
      cli.show({ reset: true }, () => t.resetDone);
    });

  staff
    .command('cancel-reset <id>')
    .description(t.cancelReset)
    .action(async (resetId: string) => {
      await (await cli.client()).call('cancelFactorReset', { params: { resetId } });
      cli.show({ cancelled: true }, () => t.resetCancelled);
    });

  staff
    .command('sessions <id>')
    .description(t.sessions)
    .action(async (userId: string) =>
      showSessions(cli, await (await cli.client()).call('listSessionsOf', { params: { userId } })),
    );

  staff
    .command('end-sessions <id>')
    .description(t.endSessions)
    .option('--session <id>', t.oneSession)
    .action(async (userId: string, { session: sessionId }: { session?: string }) => {
      const client = await cli.client();
      if (sessionId) await client.call('endSessionOf', { params: { userId, sessionId } });
      else await client.call('endSessionsOf', { params: { userId } });
      cli.show({ ended: true }, () => t.sessionsEnded);
    });
}
