import { eventually } from '../support/eventually.ts';
import setUpServices from '../support/global-setup.ts';
import { shortLesson } from '../support/media.ts';
import { handIn, nothingMeasured, packed, stateLease } from '../support/played-result.ts';
import { joinAsRunner, type RunnerProcess, spawnRunner, tokenForRunner } from '../support/runner.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { atLeast, atMost, type Bench, interleaved, mib } from './measure.ts';

/** Two runners have to be so much faster than one. */
const leastRatio = 1.6;

/**
 * (a) The same recordings, checked by one runner and by two, each on a processor of its own: from the first lease to the last
 * result, by the log. The server, its database and its worker run beside them and take what they need of both.
 */
export const measuring: Bench = {
  about: 'one runner against two on the same recordings, and what goes over the network',
  async measure(options) {
    const count = options.isQuick ? 2 : 8;
    const lesson = shortLesson();
    process.env.S3_SERVERS ??= '';
    const stopServices = await setUpServices();
    const server = await startTestServer({ READ_PAGES_PER_HOUR: '120', RUNNER_SPOT_CHECK: '0' });
    const runners: RunnerProcess[] = [];
    try {
      const school = await createSchool(server);
      const ids: string[] = [];
      while (ids.length < count) {
        const { id } = await createPermittedLesson(school);
        ids.push(ok(await school.teacher.upload(id, lesson)).id);
      }
      await allChecked(server);
      const round = (processors: number) => async () => {
        for (let processor = 0; processor < processors; processor++) {
          const token = await tokenForRunner(school.admin);
          const under = ['taskset', '-c', String(processor)];
          runners.push(await spawnRunner({ server: server.url, token, name: `Runner ${processor}`, under }));
        }
        for (const runner of runners) await runner.says('Nothing to do now');
        const seconds = await checkAll(server, school, ids);
        for (const runner of runners.splice(0)) await runner.stop();
        for (const { id } of ok(await school.admin.get('/api/runners')).items)
          ok(await school.admin.delete(`/api/runners/${id}`));
        return seconds;
      };
      // A server lets a person ask for so many checks, and no more.
      const fewer = { ...options, runs: Math.min(options.runs, 3) };
      const found = await interleaved(fewer, { 'one runner': round(1), 'two runners': round(2) });
      const [one, two] = [found['one runner'] ?? 0, found['two runners'] ?? 0];
      const { fetched, sent, seconds } = await transfer(server, school, lesson);
      return [
        atMost(`${count} recordings, one runner`, one, 's', undefined),
        atMost(`${count} recordings, two runners`, two, 's', undefined),
        atLeast('one runner to two runners', one / two, 'x', leastRatio),
        atMost('ciphertext of one recording, fetched', fetched / mib, 'MiB', undefined),
        atMost('result of one recording, sent', sent / mib, 'MiB', undefined),
        atMost('fetching, opening and handing in one recording', seconds, 's', undefined, {
          name: 'one runner, one recording',
          value: one / count,
        }),
      ];
    } finally {
      for (const runner of runners) await runner.stop();
      await server.stop();
      await stopServices();
    }
  },
};

const allChecked = (server: TestServer) =>
  eventually(
    async () => {
      const { recording } = server.context.outside.database.read;
      return (await recording.count({ where: { checkState: { not: 'done' } } })) === 0;
    },
    'every recording is checked',
    { withinMs: 30 * 60_000, everyMs: 250 },
  );

interface Entry {
  readonly action: string;
  readonly at: string;
  readonly details?: { readonly mediaBytes?: number; readonly bodyBytes?: number; readonly statement?: string };
}

async function entriesAfter(server: TestServer, arrival: bigint): Promise<Entry[]> {
  const rows = await server.context.outside.database.read.auditArrival.findMany({
    where: { arrival: { gt: arrival } },
    orderBy: { arrival: 'asc' },
  });
  return rows.map(({ canonical }) => JSON.parse(canonical));
}

async function lastArrival(server: TestServer): Promise<bigint> {
  const last = await server.context.outside.database.read.auditArrival.aggregate({ _max: { arrival: true } });
  return last._max.arrival ?? 0n;
}

/** Seconds from the first lease to the last result. */
async function checkAll(server: TestServer, school: School, ids: readonly string[]): Promise<number> {
  const before = await lastArrival(server);
  // All of them wait before any of them is begun.
  ok(await school.admin.put('/api/jobs/kinds/check-recording', { paused: true }));
  for (const id of ids) ok(await school.admin.post(`/api/recordings/${id}/check`));
  ok(await school.admin.put('/api/jobs/kinds/check-recording', { paused: false }));
  await allChecked(server);
  const entries = await entriesAfter(server, before);
  const times = (action: string) => entries.filter((one) => one.action === action).map(({ at }) => Date.parse(at));
  const [begun, ended] = [times('runner.key_sealed'), times('runner.result_accepted')];
  if (ended.length !== ids.length) throw new Error(`${ended.length} results of ${ids.length}`);
  return (Math.max(...ended) - Math.min(...begun)) / 1_000;
}

/** What goes to and fro for one recording, and how long it takes without the measuring. */
async function transfer(server: TestServer, school: School, lesson: Buffer) {
  const last = (await entriesAfter(server, 0n)).findLast(({ action }) => action === 'runner.result_accepted');
  const sent = JSON.parse(last?.details?.statement ?? '{}').result.bytes as number;
  const played = await joinAsRunner(server.url, school.admin);
  const { id } = await createPermittedLesson(school);
  ok(await school.teacher.upload(id, lesson));
  const lease = await played.lease();
  const began = performance.now();
  // As long as a real one, and nothing in it.
  const nothing = nothingMeasured(lease.probe.declaredDurationMs);
  const frames = Math.floor(sent / 96);
  const sound = { frames, salience: new Int8Array(96 * frames), peaks: [] };
  const result = packed({ ...nothing, watched: { ...nothing.watched, sounds: new Map([[1, sound]]) } });
  const statement = await stateLease(played, lease, result);
  const { status } = await handIn(played, lease.id, { statement, result });
  if (status !== 204) throw new Error(`the result was answered ${status}`);
  return { fetched: lease.sealed.bodyBytes as number, sent, seconds: (performance.now() - began) / 1_000 };
}
