import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Client } from '../../../src/client/api-client.ts';
import { accountOf, type DemoAccount, demoAccountsFile, signInAs } from '../../../src/demo/school.ts';
import { openLesson } from '../../../src/demo/story.ts';
import { mustHave } from '../../../src/domain/must-have.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { eventually } from '../../support/eventually.ts';
import { ownEnvironment, type ServerProcess, spawnServer } from '../../support/process.ts';

/** The version before this one: the last commit before its newest migrations. */
const before = '76a6d56d6a37b9d847d551c5097e63cc23a95f72';
const root = join(import.meta.dirname, '../../..');
const recording = join(root, 'src/demo/assets/zoom-ruby-gem-walkthrough.mp4');
const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' });
const why = whyNot();

/** A checkout without the history has no earlier version. */
function whyNot(): string | null {
  try {
    git('cat-file', '-e', `${before}^{commit}`);
    return null;
  } catch {
    return `this checkout has no commit ${before}`;
  }
}

/** A program of a version, run to its end. @throws Error with what it said, unless its exit status is 0. */
async function runIn(folder: string, args: string[], env: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...ownEnvironment, ...env } });
  const said = Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await once(child, 'exit');
  const [out, errors] = await said;
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${out}\n${errors}`);
  return out;
}

describe.skipIf(why !== null)(`one version after the other${why === null ? '' : ` (${why})`}`, () => {
  let folder: string;
  let earlier: string;
  let database: TestDatabase;
  let env: Record<string, string>;
  let accounts: readonly DemoAccount[];
  let [old, fresh]: (ServerProcess | undefined)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-rolling-'));
    earlier = join(folder, 'earlier');
    git('worktree', 'add', '--detach', earlier, before);
    // Not a symbolic link: what opens files of strangers sees the checkout alone.
    const copy = 'cp -al "$0" "$1" 2>/dev/null || { rm -rf "$1"; cp -a "$0" "$1"; }';
    execFileSync('sh', ['-c', copy, join(root, 'node_modules'), join(earlier, 'node_modules')]);
    for (const script of ['scripts/generate.ts', 'scripts/build-web.ts']) await runIn(earlier, [script], {});
    database = await createTestDatabase({ isMigrated: false });
    env = {
      ...{ EMANET_HOME: join(folder, 'home'), HOME: folder },
      ...{ DATABASE_URL: database.url, DATABASE_OWNER_URL: database.ownerUrl },
    };
    // A school with a whole story, written by the earlier version.
    await runIn(earlier, ['src/processes/up.ts', '--demo-only', '--lang', 'en'], env);
    accounts = JSON.parse(await readFile(demoAccountsFile(join(folder, 'home')), 'utf8'));
    const { DATABASE_OWNER_URL: _, ...serving } = env;
    env = serving;
  });
  afterAll(async () => {
    await Promise.all([old?.stop(), fresh?.stop()]);
    git('worktree', 'remove', '--force', earlier);
    await database?.drop();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });

  test('set-up beside it, both at once, then the new one alone: nobody notices, and nothing is lost', async () => {
    old = await spawnServer(env, [], earlier);
    const people = new Map([[old.url, await peopleAt(old.url, accounts)]]);
    const work = new Work(people);
    await eventually(() => work.done.uploads >= 1, 'uploads to the earlier version');

    const said = await runIn(root, ['src/processes/setup.ts'], { ...env, DATABASE_OWNER_URL: database.ownerUrl });
    console.log(said.split('\n').slice(0, 5).join('\n'));
    await work.goesOn('after the set-up').finally(() => console.log(old?.log.filter((line) => line.includes('"level":50')).slice(0, 3).join('\n').slice(0, 6000)));

    fresh = await spawnServer(env);
    people.set(fresh.url, await peopleAt(fresh.url, accounts));
    await work.goesOn('both serve');

    people.delete(old.url);
    await wait(100); // what was asked of it is answered while it stops
    expect(await old.stop()).toBe(0);
    old = undefined;
    await work.goesOn('the earlier one is gone');
    await work.end();
    expect(work.refused).toEqual([]);

    const { teacher, auditor } = mustHave(people.get(fresh.url), 'people at the new version');
    for (const id of work.recordings)
      await eventually(
        async () => (await teacher.call('getRecording', { params: { recordingId: id } })).state === 'in_review',
        `recording ${id} is checked`,
        { withinMs: 600_000, everyMs: 500 },
      );
    const { entries } = await auditor.call('readAudit', { query: { limit: 500, action: 'recording.sealed' } });
    const sealed = entries.map(({ entry }) => (entry as { object: { id: string } }).object.id);
    expect(work.recordings.filter((id) => sealed.filter((one) => one === id).length !== 1)).toEqual([]);
    expect(await auditor.call('checkAudit')).toMatchObject({ intact: true, faults: [] });
    console.log(`${JSON.stringify(work.done)} in both versions, none refused`);
  });
});

interface People {
  readonly teacher: Client;
  readonly reviewer: Client;
  readonly auditor: Client;
  readonly courseId: string;
}

async function peopleAt(url: string, accounts: readonly DemoAccount[]): Promise<People> {
  const signIn = (role: DemoAccount['role']) => signInAs(url, accountOf(accounts, role), 'en');
  const [teacher, reviewer, auditor] = [await signIn('teacher'), await signIn('reviewer'), await signIn('auditor')];
  const { items } = await teacher.call('listCourses', { query: {} });
  return { teacher, reviewer, auditor, courseId: mustHave(items[0], 'course of the story').id };
}

/** People who look at pages and upload, at any of the servers there are, until it ends. */
class Work {
  readonly done = { looks: 0, uploads: 0 };
  readonly refused: string[] = [];
  readonly recordings: string[] = [];
  readonly #people: ReadonlyMap<string, People>;
  readonly #loops: Promise<void>[];
  #isOver = false;

  constructor(people: ReadonlyMap<string, People>) {
    this.#people = people;
    this.#loops = [
      this.#again('looks', 20, (at) => this.#look(at)),
      this.#again('uploads', 500, (at) => this.#upload(at)),
    ];
  }

  /** Resolves when each kind of work was done twice more. */
  async goesOn(when: string): Promise<void> {
    const { looks, uploads } = this.done;
    const isMore = () => this.done.looks >= looks + 20 && this.done.uploads >= uploads + 2;
    await eventually(() => isMore() || this.refused.length > 0, when, { withinMs: 300_000 });
    expect(this.refused, when).toEqual([]);
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #again(kind: keyof Work['done'], everyMs: number, once: (at: People) => Promise<unknown>): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const [url, at] = mustHave([...this.#people][turn % this.#people.size], 'server');
      try {
        await once(at);
        this.done[kind] += 1;
      } catch (error) {
        this.refused.push(`${kind} at ${url}: ${error instanceof Error ? error.message : error}`);
      }
      await wait(everyMs);
    }
  }

  async #look({ teacher, reviewer, auditor }: People): Promise<void> {
    await Promise.all([
      teacher.call('getHome'),
      reviewer.call('listRecordings', { query: {} }),
      auditor.call('readAudit', { query: { limit: 20 } }),
    ]);
  }

  async #upload({ teacher, courseId }: People): Promise<void> {
    const lesson = await openLesson(teacher, courseId);
    const fields = { bytes: readFileSync(recording).length };
    const { id } = await teacher.upload('uploadRecording', {
      ...{ params: { lessonId: lesson.id }, fields, file: { path: recording } },
    });
    this.recordings.push(id);
  }
}
