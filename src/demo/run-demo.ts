import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { createContext } from '../assembly/context.ts';
import { prepare } from '../assembly/first-start.ts';
import { startServer } from '../assembly/server.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { loadConfig } from '../config/env.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { createDemoMailbox } from './mailbox.ts';
import { createNarrator } from './narrator.ts';
import { loadDemoSchool } from './school.ts';
import { tellStory } from './story.ts';

export interface DemoOptions {
  readonly language: Language;
  /** Ends after the story. */
  readonly 'demo-only': boolean;
  /** Tells the story again although it was told before. */
  readonly story: boolean;
  readonly recording?: string | undefined;
  readonly reset: boolean;
  readonly yes: boolean;
}

const demoRecording = join(import.meta.dirname, 'assets/zoom-ruby-gem-walkthrough.mp4');
/** Records since when the demo school has its story. */
const storyFile = (home: string) => join(home, 'demo-story.json');

/** Prepares this machine, loads the demo school, tells the story once and serves until Ctrl-C. */
export async function runDemo(home: string, options: DemoOptions): Promise<void> {
  const { language, recording = demoRecording } = options;
  const t = textsIn(language).demo;
  const say = createNarrator(language);
  if (!existsSync(recording)) fail(fill(t.thereNoSuchFile, { recording }));
  if (options.reset && existsSync(home)) {
    if (!options.yes && !(await confirmReset(home, language))) fail(t.nothingDeleted);
    await rm(home, { recursive: true });
  }

  say.step(t.gettingReady);
  const prepared = await prepare(
    loadConfig({
      // A server beside the demo may already have the port.
      ...(options['demo-only'] ? { PORT: '0' } : {}),
      LOG_FILE: join(home, 'emanet.log'),
      // Mail is on, and caught before it is sent (`mailbox.ts`).
      SMTP_URL: 'smtp://caught.invalid',
      ...process.env,
      EMANET_HOME: home,
    }),
  );
  say.line(fill(t.stateLives, { home }));
  if (prepared.migrations.length > 0) say.line(t.databaseSetUp);
  if (prepared.newRecoveryKey) {
    const { passphrase, ...files } = prepared.newRecoveryKey;
    say.line(fill(t.recoveryKey, files));
    // Redirected output is stored somewhere: a secret is for eyes only.
    if (process.stdout.isTTY) say.line(fill(t.passphraseShown, { passphrase }));
  }
  try {
    const context = await createContext(prepared.config);
    // Mails of the demo go nowhere: they lie in a folder, to be read.
    const mailbox = createDemoMailbox(join(home, 'demo-mails'));
    Object.assign(context, { mailer: mailbox });
    const { version, sandbox } = await context.media.describe();
    say.line(fill(t.ffmpeg, { version, sandbox: sandbox.join(', ') }));
    const server = await startServer(context);
    const stop = async () => {
      await server.stop();
      await prepared.stop();
    };
    const accounts = await loadDemoSchool(context.outside, server.url, home);
    say.line(t.demoSchoolThere);
    const toldAt = await readFile(storyFile(home), 'utf8').catch(() => null);
    if (toldAt !== null && !options.story && !options['demo-only']) {
      say.line(t.storyTold);
      for (const { title } of await context.outside.database.read.lesson.findMany({ orderBy: { createdAt: 'asc' } }))
        say.line(`– ${title}`);
    } else {
      const { scans, pictureWriter } = context.outside;
      const desk = { scans, pictureWriter, folder: join(home, 'demo-paper') };
      await tellStory(server.url, accounts, recording, { mailbox, desk }, say);
      say.line(fill(t.mailsLie, { folder: join(home, 'demo-mails') }));
      await writeFile(storyFile(home), `${JSON.stringify({ toldAt: new Date().toISOString() })}\n`);
    }
    if (options['demo-only']) {
      await stop();
      say.line(t.allEveryStepWent);
      process.exit(0);
    }
    say.step(fill(t.servingCtrlCStops, { url: server.url }));
    for (const { role, email, password, totpUri } of accounts) {
      say.line(`${role.padEnd(14)} ${email.padEnd(28)} ${password}`);
      if (totpUri) say.line(`${''.padEnd(14)} ${fill(t.codeHint, { role })}`);
    }
    onStopSignal(stop);
  } catch (error) {
    await prepared.stop();
    throw error;
  }
}

async function confirmReset(home: string, language: Language): Promise<boolean> {
  const { deleteAll, deleteWord } = textsIn(language).demo;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(fill(deleteAll, { home, word: deleteWord })).catch(() => '');
  terminal.close();
  return answer.trim() === deleteWord;
}

function fail(why: string): never {
  console.error(why);
  process.exit(2);
}
