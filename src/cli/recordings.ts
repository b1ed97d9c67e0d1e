import { setTimeout as wait } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Client } from '../client/api-client.ts';
import { type Ground, grounds } from '../domain/decision.ts';
import { recordingStates } from '../domain/lifecycle.ts';
import { type Audience, audiences } from '../domain/permission.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { argumentsIn, present } from './arguments.ts';
import type { CommandLine } from './command-line.ts';
import { erasureCommands } from './erasure.ts';
import { exportCommand } from './export.ts';
import { formatTime, listing } from './format.ts';
import { reviewCommand } from './review.ts';
import { checkText, type Recording, recordingsText, recordingText, renditionText } from './show-recording.ts';
import { uploadCommand } from './upload.ts';

const pollMs = 2_000;

interface ListOptions {
  readonly state?: string;
  readonly lesson?: string;
  readonly words?: string;
  readonly open?: true;
  readonly cursor?: string;
}

export function recordingCommands(cli: CommandLine): void {
  const { language, program } = cli;
  const t = textsIn(language).cli.recordings;
  const parse = argumentsIn(language);
  const recordings = program.command('recordings').description(t.recordings);
  const showOne = (one: Recording) => cli.show(one, (found) => recordingText(found, language));

  recordings
    .command('list')
    .description(t.list)
    .option('--state <states>', `${t.state} (${recordingStates.join(', ')})`)
    .option('--lesson <id>', t.lesson)
    .option('--words <words>', t.words)
    .option('--open', t.onlyOpen)
    .option('--cursor <text>', t.cursor)
    .action(async ({ lesson, open, ...rest }: ListOptions) => {
      const query = present({ ...rest, lessonId: lesson, open: open ? ('true' as const) : undefined });
      cli.show(await (await cli.client()).call('listRecordings', { query }), ({ items, next }) =>
        [recordingsText(items, language), ...(next ? [fill(t.more, { cursor: next })] : [])].join('\n'),
      );
    });
  recordings
    .command('show <id>')
    .description(t.show)
    .action(async (recordingId: string) =>
      showOne(await (await cli.client()).call('getRecording', { params: { recordingId } })),
    );
  recordings
    .command('declare <id>')
    .description(t.declare)
    .requiredOption('--title <text>', t.title)
    .requiredOption('--from <clock>', t.from, parse.clock)
    .requiredOption('--to <clock>', t.to, parse.clock)
    .option('--rights-holder <name>', t.holder)
    .option('--ground <ground>', `${t.ground} (${grounds.join(', ')})`, parse.choice(grounds))
    .option('--note <text>', t.note)
    .action(
      async (
        recordingId: string,
        {
          from,
          to,
          ...rest
        }: { title: string; from: number; to: number; rightsHolder?: string; ground?: Ground; note?: string },
      ) => {
        const body = { ...rest, startMs: from, endMs: to };
        showOne(await (await cli.client()).call('declareSegment', { params: { recordingId }, body }));
      },
    );
  recordings
    .command('check <id>')
    .description(t.check)
    .action(async (recordingId: string) =>
      showOne(await (await cli.client()).call('checkAgain', { params: { recordingId } })),
    );
  recordings
    .command('clear <id>')
    .description(t.clear)
    .action(async (recordingId: string) =>
      showOne(await (await cli.client()).call('clearRecording', { params: { recordingId } })),
    );
  recordings
    .command('reject <id>')
    .description(t.reject)
    .requiredOption('--why <text>', t.why)
    .action(async (recordingId: string, body: { why: string }) =>
      showOne(await (await cli.client()).call('rejectRecording', { params: { recordingId }, body })),
    );
  recordings
    .command('lift-quarantine <id>')
    .description(t.lift)
    .action(async (recordingId: string) =>
      showOne(await (await cli.client()).call('liftQuarantine', { params: { recordingId } })),
    );
  reviewCommand(cli, recordings, 'decide <id>');
  erasureCommands(cli, recordings);
  exportCommand(cli, recordings);

  // The everyday steps are top-level commands too.
  for (const parent of [recordings, program]) {
    uploadCommand(cli, parent);
    statusCommand(cli, parent);
    approveCommand(cli, parent);
    releaseCommand(cli, parent);
    endReleaseCommand(cli, parent);
  }
  reviewCommand(cli, program);
}

function statusCommand(cli: CommandLine, parent: Command): void {
  const { language } = cli;
  const t = textsIn(language).cli.recordings;
  parent
    .command('status <id>')
    .description(t.status)
    .option('--wait', t.wait)
    .action(async (recordingId: string, options: { wait?: true }) => {
      const client = await cli.client();
      const recording = options.wait
        ? await waitUntilSettled(client, recordingId, (line) => cli.tell(line), language)
        : await client.call('getRecording', { params: { recordingId } });
      cli.show(recording, (one) => recordingText(one, language));
      if (recording.check.state === 'failed' || recording.rendition?.state === 'failed') cli.setExitCode(1);
    });
}

/** A recording is settled if no job works on it: neither check nor rendition. */
export function isSettled(recording: Pick<Recording, 'check' | 'rendition' | 'state'>): boolean {
  const isOver = ['rejected', 'expired', 'erased'].includes(recording.state);
  const isChecked = recording.check.state === 'done' || recording.check.state === 'failed';
  return isOver || (isChecked && recording.rendition?.state !== 'making');
}

async function waitUntilSettled(
  client: Client,
  recordingId: string,
  tell: (line: string) => void,
  language: CommandLine['language'],
): Promise<Recording> {
  let told = '';
  for (;;) {
    const recording = await client.call('getRecording', { params: { recordingId } });
    if (isSettled(recording)) return recording;
    const line = recording.rendition ? (renditionText(recording, language) ?? '') : checkText(recording, language);
    if (line !== told) tell(line);
    told = line;
    await wait(pollMs);
  }
}

function approveCommand(cli: CommandLine, parent: Command): void {
  const t = textsIn(cli.language).cli.recordings;
  parent
    .command('approve <id>')
    .description(t.approve)
    .action(async (recordingId: string) => {
      const recording = await (await cli.client()).call('approveRecording', { params: { recordingId } });
      cli.show(recording, (one) => recordingText(one, cli.language));
    });
}

function releaseCommand(cli: CommandLine, parent: Command): void {
  const { language } = cli;
  const t = textsIn(language).cli.recordings;
  const parse = argumentsIn(language);
  parent
    .command('release <id>')
    .description(t.release)
    .requiredOption('--audience <audience>', `${t.audience} (${audiences.join(', ')})`, parse.choice(audiences))
    .requiredOption('--until <date>', t.until, parse.until)
    .action(async (recordingId: string, options: { audience: Audience; until: string }) => {
      const body = { audience: options.audience, endsAt: options.until };
      const release = await (await cli.client()).call('releaseRecording', { params: { recordingId }, body });
      cli.show(
        release,
        (one) =>
          `${listing([
            ['ID', one.id],
            [t.Audience, textsIn(language).labels.audience[one.audience]],
            [t.Until, formatTime(one.endsAt)],
          ])}\n${t.next} ${one.id}`,
      );
    });
}

function endReleaseCommand(cli: CommandLine, parent: Command): void {
  const t = textsIn(cli.language).cli.recordings;
  parent
    .command('end-release <release>')
    .description(t.end)
    .action(async (releaseId: string) => {
      await (await cli.client()).call('endRelease', { params: { releaseId } });
      cli.show({ ended: true }, () => t.ended);
    });
}
