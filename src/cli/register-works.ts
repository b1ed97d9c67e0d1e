import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { AnswerOf, Client, LineOf } from '../client/api-client.ts';
import { ApiProblem, type ProblemReason, ServerUnreachable } from '../client/errors.ts';
import { byName, isHidden, isWorkList, titleOf, WorkLists } from '../domain/work-files.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { tellReason } from '../language/reason-text.ts';
import { present } from './arguments.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { plain } from './format.ts';
import { Interrupted, interruptible } from './interruption.ts';
import { createProgress } from './progress.ts';
import { mediaTypeOf } from './upload.ts';

export interface RegisterOptions {
  readonly title?: string;
  readonly rightsHolder?: string;
  readonly [name: string]: string | undefined;
}
export type RegisteredWork = AnswerOf<'registerWork'>;

/** The result for each file, in their order. */
interface Registered {
  readonly registered: { readonly file: string; readonly work: RegisteredWork }[];
  readonly known: { readonly file: string; readonly work: RegisteredWork }[];
  readonly failed: { readonly file: string; readonly code: string; readonly reasons: readonly ProblemReason[] }[];
}
type Outcome = Extract<LineOf<'importWorks'>, { file: string }>;

/** Errors of one file that leave the others alone. */
const ofOneFile = ['NOT_MEDIA', 'MEDIA_NOT_ALLOWED', 'TOO_LARGE', 'INVALID_REQUEST'];

/**
 * Registers one file, every file of a folder (one request each), or a ZIP archive (unpacked by the server).
 * @throws UsageError; for one file `ApiProblem` with the reason. Of several, the failed ones are reported at the end.
 */
export function registerWorks(
  cli: CommandLine,
  path: string,
  options: RegisterOptions,
  showOne: (work: RegisteredWork) => string,
): Promise<void> {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.registerWorks;
  return interruptible(async (signal) => {
    const isFolder = (await stat(path)).isDirectory();
    const isArchive = !isFolder && /\.zip$/i.test(path);
    const { title, ...facts } = present(options) as RegisterOptions;
    if (!isFolder && !isArchive) {
      if (facts.rightsHolder === undefined) throw new UsageError(t.holder);
      const work = await sendOne(await cli.client(), path, { title: title ?? titleOf(basename(path)), ...facts }, '');
      return cli.show(work, showOne);
    }
    if (title !== undefined) throw new UsageError(t.oneTitle);
    const client = await cli.client();
    const all = createSummary(cli);
    try {
      await (isFolder ? sendFolder(client, facts, all.add) : sendArchive(client, facts, all.add));
    } catch (error) {
      if (error instanceof Interrupted) throw new Interrupted(error.signal, t.stopped);
      throw error;
    }
    all.show();

    async function sendOne(to: Client, file: string, fields: object, count: string): Promise<RegisteredWork> {
      return withProgress(count, (onProgress) =>
        to.upload(
          'registerWork',
          { fields: fields as { title: string; rightsHolder: string }, file: { path: file, type: mediaTypeOf(file) } },
          { onProgress, signal },
        ),
      );
    }

    async function sendFolder(to: Client, common: object, add: (outcome: Outcome, count: string) => void) {
      const found = await filesIn(path);
      const lists = new WorkLists();
      for (const list of found.filter(isWorkList)) {
        const text = await readFile(join(path, list), 'utf8');
        lists.add(list, (await to.call('readWorkList', { body: { text } })).items);
      }
      const files = found.filter((file) => !isWorkList(file));
      for (const [at, file] of files.entries()) {
        const count = `${at + 1}/${files.length}`;
        const fields = { title: titleOf(file), ...common, ...lists.factsOf(file) };
        try {
          const work = await sendOne(to, join(path, file), fields, `${count} ${plain(file)}`);
          add({ kind: work.known ? 'known' : 'registered', file, work }, count);
        } catch (error) {
          if (!(error instanceof ApiProblem) || !ofOneFile.includes(error.code)) throw error;
          add({ kind: 'failed', file, code: error.code, reasons: [...error.reasons] }, count);
        }
      }
      const reasons = [tellReason({ code: 'LISTED_AND_MISSING' }, language)];
      for (const file of lists.missing()) add({ kind: 'failed', file, code: 'INVALID_REQUEST', reasons }, '');
    }

    async function sendArchive(to: Client, fields: object, add: (outcome: Outcome, count: string) => void) {
      let files = 0;
      let seen = 0;
      let hasEnded = false;
      await withProgress('', (onProgress) => {
        const file = { path, type: 'application/zip' };
        const onLine = (line: LineOf<'importWorks'>) => {
          if (line.kind === 'begun') files = line.files;
          else if (line.kind === 'ended') hasEnded = true;
          else add(line, ++seen <= files ? `${seen}/${files}` : '');
        };
        return to.uploadForLines('importWorks', { fields, file }, onLine, { onProgress, signal });
      });
      if (!hasEnded) throw new ServerUnreachable(to.baseUrl, new Error('the answer broke off'));
    }
  });

  async function withProgress<T>(what: string, work: (update: (sent: number, total: number) => void) => Promise<T>) {
    const label = [t.sending, what].filter(Boolean).join(' ');
    const progress = createProgress(terminal, language, { label, quiet: cli.isJson() });
    try {
      return await work((sent, total) => {
        progress.update(sent, total);
        if (sent === total) progress.end();
      });
    } finally {
      progress.end();
    }
  }
}

/** Every file below a folder that is not hidden, by its relative path, in order. Links to folders are not followed. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    const isFile = entry.isFile() || (entry.isSymbolicLink() && (await stat(path)).isFile());
    if (isFile) files.push(relative(folder, path).split(sep).join('/'));
  }
  return files.filter((file) => !isHidden(file)).toSorted(byName);
}

function createSummary(cli: CommandLine) {
  const t = textsIn(cli.language).cli.registerWorks;
  const all: Registered = { registered: [], known: [], failed: [] };
  const why = (reasons: readonly ProblemReason[]) => reasons.map((reason) => plain(reason.text)).join(' ');
  return {
    add(outcome: Outcome, count: string): void {
      const { kind, file } = outcome;
      if (kind === 'failed') all.failed.push({ file, code: outcome.code, reasons: outcome.reasons });
      else all[kind].push({ file, work: outcome.work });
      cli.tell([count, `${plain(file)}:`, t[kind]].filter(Boolean).join(' '));
    },
    show(): void {
      const { registered, known, failed } = all;
      cli.show(all, () =>
        [
          ...failed.map(({ file, code, reasons }) => `${plain(file)}: ${why(reasons) || code}`),
          fill(t.counts, { registered: registered.length, known: known.length, failed: failed.length }),
        ].join('\n'),
      );
      if (failed.length > 0) cli.setExitCode(exitCodes.refused);
    },
  };
}
