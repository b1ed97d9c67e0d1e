import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Context, createContext } from '../../../src/assembly/context.ts';
import { prepare } from '../../../src/assembly/first-start.ts';
import { type Checkpoint, readCheckpoint } from '../../../src/audit/checkpoint.ts';
import { parseVerifierKey } from '../../../src/audit/signed-note.ts';
import { verifyExport } from '../../../src/audit/verify-export.ts';
import { sendResumable } from '../../../src/client/send-resumable.ts';
import { loadConfig } from '../../../src/config/env.ts';
import { totpAt } from '../../../src/demo/totp.ts';
import { Refusal } from '../../../src/domain/errors.ts';
import { testPassword } from '../../support/api.ts';
import { eventually } from '../../support/eventually.ts';
import { shortLesson } from '../../support/media.ts';
import { createPermittedLesson, createSchool, ok, type School, until } from '../../support/school.ts';
import { madeKeys } from '../../support/server.ts';
import { type Activity, expectDone, longestPause, Refused, repeat } from './activity.ts';
import { type Cluster, patroniProgram, startCluster } from './cluster.ts';

/** Why the machines cannot be made here; null: they can. */
function whyNot(): string | null {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const missing = [patroniProgram, 'etcd', 'haproxy', 'radosgw', 'ip'].filter((name) => version(name) === null);
  if (missing.length > 0) return `missing: ${missing.join(', ')} (docs/high-availability.md)`;
  const patroni = /\d+/.exec(version(patroniProgram)!)?.[0];
  return Number(patroni) >= 4
    ? null
    : `Patroni ${patroni} takes the lock of another primary; 4 is needed (PATRONI=path)`;
}
function version(program: string): string | null {
  const { error, stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' });
  return error ? null : stdout;
}
const why = whyNot();

describe.skipIf(why !== null)(`ten machines, of which one after the other fails${why ? ` (${why})` : ''}`, () => {
  let folder: string;
  let cluster: Cluster;
  let context: Context;
  let school: School;
  let activities: Activity[] = [];
  /** What was acknowledged. */
  const sent = new Map<string, Buffer>();
  const declared = { acknowledged: new Set<string>(), tried: new Set<string>() };
  let signedIn = 0;
  const checkpoints: Checkpoint[] = [];
  const report: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-machines-'));
    const home = join(folder, 'home');
    await cp(madeKeys(), home, { recursive: true });
    cluster = await startCluster(folder, home);
    const { config } = await prepare(loadConfig(cluster.settings));
    for (const node of cluster.webs) cluster.startWeb(node);
    for (const node of cluster.workers) cluster.startWorker(node);
    context = await createContext({ ...config, LOG_LEVEL: 'silent' });
    await eventually(
      () =>
        fetch(`${cluster.url}/readyz`).then(
          ({ ok }) => ok,
          () => false,
        ),
      'the first answer',
    );
    school = await createSchool({ url: cluster.url, context } as never);
    const lesson = await createPermittedLesson(school);
    const first = shortLesson(2 * 2 ** 20);
    const { id } = ok(await school.teacher.upload(lesson.id, first));
    sent.set(id, first);
    await until(school.reviewer, id, ({ state }) => state === 'in_review', 180_000);
    const isPublished = () => fetch(`${cluster.url}/log/checkpoint`).then(({ ok }) => ok);
    await eventually(isPublished, 'the log to be published', { withinMs: 120_000 });
    activities = [
      repeat('resumable uploads', 2_000, async (n) => {
        const media = shortLesson(12 * 2 ** 20);
        const path = join(folder, `${n}.mp4`);
        await writeFile(path, media);
        const address = await sendResumable(new URL(`${cluster.url}/api/lessons/${lesson.id}/uploads`), {
          headers: school.teacher.headers,
          path,
          bytes: media.length,
          metadata: { filename: 'lesson.mp4' },
        });
        sent.set(address.split('/').at(-1)!, media);
        await rm(path);
      }),
      repeat('playback', 200, async (n) => {
        const start = (n * 100_003) % (first.length - 65_536);
        const answer = await fetch(`${cluster.url}/api/recordings/${id}/media`, {
          headers: { ...school.reviewer.headers, range: `bytes=${start}-${start + 65_535}` },
        });
        if (answer.status !== 206)
          return expectDone({ status: answer.status, headers: answer.headers, body: await answer.json() });
        const octets = Buffer.from(await answer.arrayBuffer());
        expect(octets.equals(first.subarray(start, start + 65_536))).toBe(true);
      }),
      repeat('reviews', 500, async (n) => {
        const label = `Picture ${n}`;
        declared.tried.add(label);
        expectDone(
          await school.reviewer.post(`/api/recordings/${id}/segments`, { title: label, startMs: 0, endMs: 500 }),
        );
        declared.acknowledged.add(label);
      }),
      repeat('sign-ins', 1_500, async () => {
        // A code is good for one sign-in, and nobody waits half a minute for the next one.
        await forgetCodes();
        const { email, totpUri } = school.otherTeacher;
        const code = totpAt(totpUri!, new Date());
        expectDone(await school.nobody.post('/api/session', { email, password: testPassword, code }));
        signedIn++;
      }),
      repeat('pages', 300, async () => expectDone(await school.teacher.get('/api/lessons'))),
      repeat('the published log', 1_000, async () => {
        const answer = await fetch(`${cluster.url}/log/checkpoint`);
        const note = await answer.text();
        if (!answer.ok) return expectDone({ status: answer.status, headers: answer.headers, body: JSON.parse(note) });
        checkpoints.push(readCheckpoint(note));
      }),
    ];
    await allDone('before any fault', performance.now());
  });
  afterAll(async () => {
    await Promise.all(activities.map((activity) => activity.stop()));
    await context?.close();
    await cluster?.stop();
    if (process.env.EMANET_KEEP_MACHINES) console.log(`logs: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  });

  async function forgetCodes(): Promise<void> {
    try {
      await context.outside.database.read.authenticator.updateMany({ data: { lastStep: 0 } });
    } catch (error) {
      throw error instanceof Refusal ? new Refused(error.code) : error;
    }
  }

  /** Each activity was done after this moment. An upload takes its time: it is waited for at the end. */
  const allDone = (what: string, since: number) =>
    eventually(
      () => {
        expect(activities.flatMap(({ dishonest }) => dishonest)).toEqual([]);
        return activities.every(({ done, name }) => name === 'resumable uploads' || (done.at(-1) ?? 0) > since);
      },
      `everything to go on ${what}`,
      { withinMs: 240_000, everyMs: 200 },
    );

  /** Something fails, and is put right; everything goes on, before that or after. */
  async function during(what: string, fault: () => Promise<unknown>): Promise<void> {
    const from = performance.now();
    await fault();
    await allDone(what, performance.now());
    const pauses = activities
      .filter(({ name }) => name !== 'resumable uploads')
      .map((activity) => {
        const pause = longestPause(activity, from, performance.now()).toFixed(1);
        return `${activity.name} ${pause} s (${activity.refused.filter(({ at }) => at > from).length} refused)`;
      });
    report.push(`${what}: longest pause of ${pauses.join(', ')}`);
  }
  const seconds = (n: number) => new Promise((resolve) => setTimeout(resolve, n * 1_000));

  test('the primary of PostgreSQL loses its power', async () => {
    const node = await cluster.primary();
    await during('PostgreSQL’s primary killed', () => node.kill());
    cluster.startDatabase(node);
    await cluster.untilBothDatabases();
  });

  test('a web process is killed', async () => {
    const node = cluster.webs[0]!;
    await during('a web process killed', () => node.kill());
    cluster.startWeb(node);
  });

  test('a worker is killed in a check', async () => {
    const busy = await eventually(workerInCheck, 'a worker to check a recording', { withinMs: 120_000 });
    await during('a worker killed in a check', () => busy.kill());
    cluster.startWorker(busy);
  });

  test('a worker is cut off from the network for a minute, in a check', async () => {
    const busy = await eventually(workerInCheck, 'a worker to check a recording', { withinMs: 120_000 });
    await during('a worker cut off for a minute', async () => {
      await busy.cutOff();
      await seconds(60);
      await busy.mend();
    });
  });

  test('the primary of PostgreSQL is cut off from the network for a minute', async () => {
    const node = await cluster.primary();
    await during('PostgreSQL’s primary cut off for a minute', async () => {
      await node.cutOff();
      await seconds(60);
      await node.mend();
    });
    await cluster.untilBothDatabases();
  });

  test('the store refuses for a minute', async () => {
    await during('the store refusing for a minute', async () => {
      await cluster.stopStore();
      await seconds(60);
      await cluster.startStore();
    });
  });

  test('nothing that was acknowledged is lost, nothing was done twice, the log has no gap and no fork', async () => {
    await Promise.all(activities.map((activity) => activity.stop()));
    expect(activities.flatMap(({ dishonest }) => dishonest)).toEqual([]);
    const uploads = activities.find(({ name }) => name === 'resumable uploads')!;
    // A client that goes on where it was needs nobody’s help.
    expect(uploads.refused).toEqual([]);

    const [first] = sent.keys();
    for (const [id, media] of sent) {
      // What was sent is sealed by a worker, and what is sealed is checked by one.
      const sealed = async () => {
        const upload = (await school.teacher.get(`/api/uploads/${id}`)).body;
        expect(upload.state).not.toBe('failed');
        return upload.state === 'sealed';
      };
      if (id !== first) await eventually(sealed, `${id} to be sealed`, { withinMs: 600_000, everyMs: 500 });
      const recording = await until(school.reviewer, id, ({ state }) => state === 'in_review', 600_000);
      expect(recording.mediaSha256).toBe(createHash('sha256').update(media).digest('hex'));
    }
    const recording = ok(await school.reviewer.get(`/api/recordings/${first}`));
    const labels = recording.segments.map(({ title }: { title: string | null }) => title) as string[];
    const found = labels.filter((label) => declared.tried.has(label));
    expect(new Set(found).size).toBe(found.length);
    for (const label of declared.acknowledged) expect(found).toContain(label);

    const text = (await school.auditor.get('/api/audit/export')).body as string;
    const lines = text.split('\n').filter((line) => line !== '');
    const faults: unknown[] = [];
    const logKey = (await (await fetch(`${cluster.url}/.well-known/emanet-log`)).json()) as { key: string };
    const keys = [parseVerifierKey(logKey.key)];
    for await (const fault of verifyExport([lines], { keys, checkpoints })) faults.push(fault);
    expect(faults).toEqual([]);
    const entries = lines
      .map((line): { canonical?: string } => JSON.parse(line))
      .flatMap(({ canonical }): { action: string; object?: { id: string } }[] =>
        canonical === undefined ? [] : [JSON.parse(canonical)],
      );
    const count = (action: string, id?: string) =>
      entries.filter((entry) => entry.action === action && (id === undefined || entry.object?.id === id)).length;
    for (const id of sent.keys())
      expect([id, count('recording.sealed', id), count('recording.checked', id)]).toEqual([id, 1, 1]);
    expect(count('staff.signed_in')).toBeGreaterThanOrEqual(signedIn);
    console.log(
      [
        ...report,
        `${sent.size} uploads, ${declared.acknowledged.size} of ${declared.tried.size} reviews and ${signedIn} sign-ins acknowledged, ${entries.length} entries, ${checkpoints.length} checkpoints`,
        ...activities.map(({ name, done, refused }) => `${name}: ${done.length} done, refused: ${summary(refused)}`),
      ].join('\n'),
    );
  });

  /** The machine of a worker that has a check under way: ffmpeg or Tesseract runs on it. */
  async function workerInCheck() {
    for (const node of cluster.workers) if (await node.runs(/ffmpeg|tesseract/)) return node;
    return null;
  }
});

function summary(refused: Activity['refused']): string {
  const counts = new Map<string, number>();
  for (const { why } of refused) counts.set(why, (counts.get(why) ?? 0) + 1);
  return [...counts].map(([reason, count]) => `${count} × ${reason}`).join(', ') || 'none';
}
