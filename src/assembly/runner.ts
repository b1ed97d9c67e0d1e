import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { createFfmpegTools } from '../adapters/ffmpeg/ffmpeg-tools.ts';
import { createTextReader } from '../adapters/tesseract/text-reader.ts';
import { createClient } from '../client/api-client.ts';
import { ApiProblem } from '../client/errors.ts';
import type { Config } from '../config/env.ts';
import { detectorsVersion } from '../detection/detectors-version.ts';
import type { Language } from '../domain/language.ts';
import type { RunnerCapability } from '../domain/runner.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { findIdentity, HomeInUse, type Identity, makeIdentity, openHome } from '../runner/identity.ts';
import { linkToServer } from '../runner/server-link.ts';
import { type RunnerNews, workUntil } from '../runner/work.ts';
import { wallsInWords } from './walls-in-words.ts';

/** What a runner is started with; `server` and `token` when it registers. */
export interface RunnerOptions {
  readonly home: string;
  readonly server: string | undefined;
  readonly token: string | undefined;
  readonly name: string | undefined;
  readonly capabilities: RunnerCapability[];
  readonly language: Language;
  tell(line: string): void;
}

/** Why a runner did not start, as a sentence for whoever started it. */
export class RunnerRefused extends Error {
  override readonly name = 'RunnerRefused';
}

/**
 * Registers a runner if it is told to, and works until it is stopped. `started`: it is at work; nothing is told of progress more
 * often than every few seconds.
 * @throws RunnerRefused.
 */
export async function runRunner(
  config: Pick<Config, 'FFMPEG' | 'FFPROBE' | 'MEDIA_SOCKET'>,
  options: RunnerOptions,
  stop: AbortSignal,
): Promise<void> {
  const { language, tell } = options;
  const t = textsIn(language).runner;
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0') throw new RunnerRefused(t.tlsOff);
  const home = resolve(options.home);
  const media = createFfmpegTools({
    ffmpegPath: config.FFMPEG,
    ffprobePath: config.FFPROBE,
    apart: config.MEDIA_SOCKET,
  });
  const leave = await openHome(home).catch((error) => {
    throw error instanceof HomeInUse ? new RunnerRefused(fill(t.inUse, { home })) : error;
  });
  try {
    const { version, sandbox } = await media.describe();
    const identity = await identify(home, options);
    tell(fill(t.started, { server: identity.server, version, walls: wallsInWords(sandbox).text }));
    await workUntil(
      stop,
      {
        home,
        identity,
        link: linkToServer(identity, language),
        tools: { media, textReader: createTextReader({ apart: config.MEDIA_SOCKET }) },
      },
      teller(language, tell),
    );
    tell(t.stopped);
  } finally {
    await leave();
  }
}

async function identify(
  home: string,
  { server, token, name = hostname(), capabilities, language, tell }: RunnerOptions,
): Promise<Identity> {
  const t = textsIn(language).runner;
  const known = await findIdentity(home);
  if (known !== null) {
    if (token !== undefined) throw new RunnerRefused(fill(t.registeredAlready, { server: known.server }));
    if (server !== undefined && new URL(server).origin !== new URL(known.server).origin)
      throw new RunnerRefused(fill(t.otherServer, { server: known.server }));
    assertTls(known.server, language);
    return known;
  }
  if (server === undefined || token === undefined) throw new RunnerRefused(t.notRegistered);
  assertTls(server, language);
  const client = createClient({ baseUrl: server, language });
  const made = await makeIdentity(home, name, async (publicKey) => {
    try {
      const body = { token, name, capabilities, publicKey, detectors: detectorsVersion };
      return { server, ...(await client.call('registerRunner', { body })) };
    } catch (error) {
      const why = error instanceof ApiProblem ? error.title : String((error as Error).message);
      throw new RunnerRefused(fill(t.cannotRegister, { why }));
    }
  });
  tell(fill(t.registered, { id: made.runnerId, fingerprint: made.key.fingerprint }));
  return made;
}

/** @throws RunnerRefused for a server elsewhere without TLS. */
function assertTls(server: string, language: Language): void {
  const url = URL.canParse(server) ? new URL(server) : null;
  const isHere = url !== null && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (isHere && url?.protocol === 'http:')) return;
  throw new RunnerRefused(fill(textsIn(language).runner.notHttps, { url: server }));
}

const tellEveryMs = 5_000;

/** News as lines; of progress, one in a while. */
function teller(language: Language, tell: (line: string) => void): (news: RunnerNews) => void {
  const t = textsIn(language).runner;
  let toldAt = 0;
  const mib = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  const minutes = (ms: number | null) =>
    ms === null ? '?' : `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
  return (news) => {
    if (news.kind === 'progress') {
      if (performance.now() - toldAt < tellEveryMs) return;
      toldAt = performance.now();
      const { job, progress } = news;
      const words =
        progress.what === 'fetched'
          ? fill(t.fetched, { job, done: mib(progress.bytes), whole: mib(progress.of) })
          : fill(t.measured, { job, done: minutes(progress.doneMs), whole: minutes(progress.ofMs) });
      return tell(words);
    }
    const { kind, ...facts } = news;
    const params = 'againMs' in facts ? { ...facts, s: Math.ceil(facts.againMs / 1_000) } : facts;
    tell(fill(t[kind], params));
  };
}
