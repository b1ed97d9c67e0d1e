import { Command, CommanderError } from 'commander';
import { ApiProblem, FileChanged, ServerUnreachable, UnexpectedAnswer } from '../client/errors.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { StoreUnavailable } from '../pipeline/ports/object-store.ts';
import { accountCommands } from './account.ts';
import { attendanceCommands } from './attendance.ts';
import { auditCommands } from './audit.ts';
import { backupCommands } from './backup.ts';
import { captionsCommands } from './captions.ts';
import { chooseLanguage } from './choose-language.ts';
import { createCommandLine, exitCodes, UsageError } from './command-line.ts';
import { courseCommands } from './courses.ts';
import { UnreadableCredentials } from './credentials.ts';
import { detectionCommands } from './detection.ts';
import { doctorCommand } from './doctor.ts';
import { formatBytes, plain } from './format.ts';
import { homeCommand } from './home.ts';
import { installationCommands } from './installation.ts';
import { integrityCommands } from './integrity.ts';
import { Interrupted } from './interruption.ts';
import { jobCommands } from './jobs.ts';
import { keyCommands } from './keys.ts';
import { lessonCommands } from './lessons.ts';
import { linkCommands } from './links.ts';
import { openSessionBeside } from './open-session.ts';
import { peopleCommands } from './people.ts';
import { permissionCommands } from './permissions.ts';
import { recordingCommands } from './recordings.ts';
import { recoverCommand } from './recover.ts';
import { retentionCommands } from './retention.ts';
import { runnerCommands } from './runners.ts';
import { schoolCommands } from './school.ts';
import { searchCommand } from './search.ts';
import { sessionCommands } from './session.ts';
import { sheetCommands } from './sheets.ts';
import { staffCommands } from './staff.ts';
import { Cancelled, type Terminal } from './terminal.ts';
import { uploadsCommands } from './upload.ts';
import { workCommands } from './works.ts';

/** Runs one command and returns its exit status: see `exitCodes`. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const language = chooseLanguage(argv, terminal.env);
  let exitCode: number = exitCodes.ok;
  const { program, cli } = buildProgram(language, terminal, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' }).finally(() => cli.close());
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return exitCodes.ok;
    const isJson = argv.includes('--json');
    return report(error, terminal, language, isJson);
  }
}

function buildProgram(language: Language, terminal: Terminal, setExitCode: (code: number) => void) {
  const t = textsIn(language).cli.run;
  const program = new Command('emanet')
    .description(t.about)
    .option('--lang <tr|en>', t.lang)
    .option('--json', t.json)
    .option('--server <url>', t.server)
    .helpOption('-h, --help', t.help)
    .helpCommand('help [command]', t.help)
    .addHelpText('after', t.exits)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      // Wrong usage without a command shows the help here; errors are reported in one place, in the reader's language.
      writeErr: (text) => terminal.stderr.write(text),
      outputError: () => {},
    })
    .configureHelp({
      showGlobalOptions: true,
      styleTitle: (title) => ({ ...textsIn(language).cli.helpTitles })[title as 'Usage:'] ?? title,
    });
  const cli = createCommandLine(program, language, terminal, setExitCode, openSessionBeside);
  sessionCommands(cli);
  accountCommands(cli);
  staffCommands(cli);
  homeCommand(cli);
  searchCommand(cli);
  installationCommands(cli);
  schoolCommands(cli);
  lessonCommands(cli);
  courseCommands(cli);
  peopleCommands(cli);
  permissionCommands(cli);
  sheetCommands(cli);
  recordingCommands(cli);
  captionsCommands(cli);
  attendanceCommands(cli);
  retentionCommands(cli);
  uploadsCommands(cli);
  linkCommands(cli);
  detectionCommands(cli);
  workCommands(cli);
  auditCommands(cli);
  integrityCommands(cli);
  keyCommands(cli);
  recoverCommand(cli);
  backupCommands(cli);
  doctorCommand(cli);
  jobCommands(cli);
  runnerCommands(cli);
  return { program, cli };
}

/** One sentence and every reason, on stderr; with `--json` the whole of it as JSON. */
function report(error: unknown, { stderr }: Terminal, language: Language, isJson: boolean): number {
  const t = textsIn(language).cli.run;
  const say = (code: string, lines: readonly string[], more: object = {}) =>
    stderr.write(
      isJson
        ? `${JSON.stringify({ error: { code, message: lines[0], ...more } }, null, 2)}\n`
        : `${lines.join('\n')}\n`,
    );
  if (error instanceof ApiProblem) {
    const { code, title, reasons, requestId, status } = error;
    const lines = [plain(title), ...reasons.map((reason) => `  - ${plain(reason.text)}`)];
    if (code === 'INTERNAL') lines.push(fill(t.request, { id: requestId }));
    say(code, lines, { status, reasons, requestId });
    return exitCodes.refused;
  }
  if (error instanceof ServerUnreachable) {
    const why = error.message.replace(/^.*: /s, '');
    const sent = error.sentBytes ? formatBytes(error.sentBytes, language) : null;
    say('UNREACHABLE', [
      sent ? fill(t.broke, { server: error.baseUrl, sent, why }) : fill(t.unreachable, { server: error.baseUrl, why }),
    ]);
    return exitCodes.unreachable;
  }
  if (error instanceof UnexpectedAnswer) {
    say('UNEXPECTED_ANSWER', [fill(t.strange, { why: error.message })]);
    return exitCodes.unreachable;
  }
  if (error instanceof StoreUnavailable) {
    say('STORE_UNAVAILABLE', [fill(t.storeAway, { why: error.message })]);
    return exitCodes.unreachable;
  }
  if (error instanceof UsageError) {
    say('USAGE', [error.message]);
    return exitCodes.usage;
  }
  if (error instanceof UnreadableCredentials) {
    say('CREDENTIALS', [fill(t.badCredentials, { path: error.path })]);
    return exitCodes.usage;
  }
  if (error instanceof CommanderError) {
    // Commander shows the help by itself if a group is named without a command.
    if (error.code !== 'commander.help') say('USAGE', [usageText(error, language), t.seeHelp]);
    return exitCodes.usage;
  }
  if (error instanceof FileChanged) {
    say('FILE_CHANGED', [t.changed]);
    return exitCodes.usage;
  }
  if (error instanceof Interrupted) {
    say('INTERRUPTED', [error.message]);
    return error.exitCode;
  }
  if (error instanceof Cancelled) return exitCodes.cancelled;
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  if (path !== undefined && code && ['ENOENT', 'EACCES', 'EPERM', 'EISDIR', 'ENOTDIR'].includes(code)) {
    say(code, [fill(code === 'ENOENT' ? t.noFile : t.mayNot, { path })]);
    return exitCodes.usage;
  }
  say('FAULT', [fill(t.fault, { why: error instanceof Error ? error.message : String(error) })]);
  if (!isJson && error instanceof Error && error.stack) stderr.write(`${error.stack}\n`);
  return exitCodes.fault;
}

/**
 * Commander's sentences are English. Its codes and the quoted part suffice to build the sentence in another language.
 */
export function usageText(error: CommanderError, language: Language): string {
  const t = textsIn(language).cli.run;
  const what = /'([^']+)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownCommand':
      return fill(t.unknownCommand, { what });
    case 'commander.unknownOption':
      return fill(t.unknownOption, { what });
    case 'commander.missingArgument':
      return fill(t.missingArgument, { what });
    case 'commander.missingMandatoryOptionValue':
      return fill(t.missingOption, { what });
    case 'commander.optionMissingArgument':
      return fill(t.missingValue, { what });
    case 'commander.invalidArgument': {
      const why = error.message.replace(/^.* is invalid(?: for argument '[^']*')?\. /s, '');
      return fill(t.badValue, { what, why });
    }
    case 'commander.excessArguments':
      return t.tooMany;
    default:
      return error.message;
  }
}
