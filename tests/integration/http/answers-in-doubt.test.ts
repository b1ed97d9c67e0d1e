import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../../src/pipeline/ports/object-store.ts';
import type { Answer } from '../../support/api.ts';
import { breakQueries, type Fate } from '../../support/broken-queries.ts';
import { shortLesson } from '../../support/media.ts';
import { createReleased } from '../../support/released.ts';
import { createPermittedLesson, createSchool, inDays, ok, type School } from '../../support/school.ts';
import { createSealedRecording, withStore } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

/**
 * The connection to the database breaks at each query of requests that change something: once before the query is sent, once
 * after it was done and before its answer came, and once for good. What the caller is told is true: "done" is done, a plain
 * 503 has left everything as it was, and all else is said to be in doubt.
 */
let server: TestServer;
let school: School;
let watcher: pg.Client;
let digests: string;
let lessonId: string;
/** Of lessons that only change, and that nothing belongs to. */
let bareId: string;
const queries = breakQueries();

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false', OUTAGE_SECONDS: '0' });
  school = await createSchool(server);
  const limits = { assertOpen() {}, take: async () => {}, note: async () => {} };
  Object.assign(server.context.outside, { limits });
  watcher = new pg.Client({ connectionString: server.database.superuserUrl });
  await watcher.connect();
  digests = await digestsOfTables();
  lessonId = (await createPermittedLesson(school)).id;
  bareId = (await createPermittedLesson(school)).id;
});
afterAll(async () => {
  queries[Symbol.dispose]();
  await watcher?.end();
  await server?.stop();
});

/** What every request touches, whatever it asks for. */
const besides = ['rate_limit', 'sign_in_failure'];

/** Queries for a digest of each table: of every row, but when a session or a token was used last. */
async function digestsOfTables(): Promise<string> {
  const { rows: tables } = await watcher.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE (schemaname = 'public' AND NOT tablename = ANY($1)) OR tablename = '_private_jobs' ORDER BY name`,
    [besides],
  );
  const digests = tables.map(
    ({ name }) =>
      `SELECT '${name}' || coalesce(md5(string_agg(row, ',' ORDER BY row)), '') AS digest FROM (
         SELECT (to_jsonb(t) - ARRAY['seenAt', 'expiresAt', 'lastUsedAt'])::text AS row FROM ${name} t) rows`,
  );
  // Sent together they are one transaction, ten times faster than one query with all of them.
  return ['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', ...digests].join(';');
}

/** A digest of all that is kept. */
async function kept(): Promise<string> {
  const results: unknown = await watcher.query(digests);
  if (!Array.isArray(results)) throw new Error('the digests of tables came in one result');
  return results.flatMap(({ rows }: pg.QueryResult<{ digest: string }>) => rows.map(({ digest }) => digest)).join('\n');
}

/** Gets ready, and returns the request: it is made with queries that break. */
type Sample = () => Promise<() => Promise<Answer>>;

const recordingInReview = async () => {
  const { id } = await createSealedRecording(server.context.outside, lessonId, school.teacher.id, {
    ...{ mediaBytes: 10, renditionBytes: null },
  });
  const where = { recordingId: id };
  const segment = await server.context.outside.database.read.segment.findFirstOrThrow({ where });
  return { id, segmentId: segment.id };
};
const decided = async () => {
  const recording = await recordingInReview();
  const permitted = { kind: 'permitted', ground: 'own_work' };
  ok(await school.reviewer.post(`/api/segments/${recording.segmentId}/decisions`, permitted));
  return recording;
};
let made = 0;
const fresh = () => {
  made += 1;
  return String(made);
};

const samples: Readonly<Record<string, Sample>> = {
  'a lesson is described again': async () => () =>
    school.teacher.patch(`/api/lessons/${bareId}`, { title: `Physics ${fresh()}` }),
  'a site is added': async () => () =>
    school.teacher.post(`/api/lessons/${bareId}/sites`, {
      ...{ name: `Hall ${fresh()}`, kind: 'school', contact: 'office@school.example' },
    }),
  'an announcement is noted': async () => () =>
    school.teacher.put(`/api/lessons/${bareId}/announcement`, {
      ...{ at: inDays(-1), by: 'Tuna Teacher', how: `spoken ${fresh()}`, second: 4 },
    }),
  'a segment is declared': async () => {
    const { id } = await recordingInReview();
    return () => school.reviewer.post(`/api/recordings/${id}/segments`, { title: 'A song', startMs: 0, endMs: 5 });
  },
  'a segment is decided': async () => {
    const { segmentId } = await recordingInReview();
    return () =>
      school.reviewer.post(`/api/segments/${segmentId}/decisions`, { kind: 'permitted', ground: 'own_work' });
  },
  'a recording is cleared': async () => {
    const { id } = await decided();
    return () => school.reviewer.post(`/api/recordings/${id}/clear`);
  },
  'a recording is rejected': async () => {
    const { id } = await recordingInReview();
    return () => school.reviewer.post(`/api/recordings/${id}/reject`, { why: 'A stranger is heard' });
  },
  'a link is given': async () => {
    const { releaseId: id } = await createReleased(server, school);
    return () => school.teacher.post(`/api/releases/${id}/links`, { viewerName: 'Ada' });
  },
  'somebody is invited': async () => () =>
    school.admin.post('/api/invitations', {
      ...{ email: `new.${fresh()}@school.example`, name: 'New Teacher', roles: ['teacher'] },
    }),
  'a language is chosen': async () => {
    ok(await school.teacher.put('/api/session/language', { language: 'en' }));
    return () => school.teacher.put('/api/session/language', { language: 'tr' });
  },
};

/** Changes that the log does not tell of. */
const unlogged = ['a language is chosen'];

/** What becomes of the query that breaks, and of those after it. */
const breaks = {
  'is unsent': ['unsent', 'runs'],
  'is unanswered': ['unanswered', 'runs'],
  'is unanswered, and the database stays away': ['unanswered', 'unsent'],
} as const satisfies Readonly<Record<string, readonly [Fate, Fate]>>;

const isCommit = (text: string) => /^commit/i.test(text);

/** How many queries the request makes, and which of them commits last. */
async function queriesOf(prepare: Sample): Promise<{ count: number; commitAt: number }> {
  const ask = await prepare();
  const texts: string[] = [];
  queries.arm((text) => {
    texts.push(text);
    return 'runs';
  });
  ok(await ask().finally(() => queries.arm(() => 'runs')));
  return { count: texts.length, commitAt: texts.findLastIndex(isCommit) };
}

describe.each(Object.keys(breaks) as (keyof typeof breaks)[])('a query that %s', (how) => {
  test.each(Object.keys(samples))(
    'leaves no doubt that is not said when %s',
    async (name) => {
      const prepare = samples[name]!;
      const { count, commitAt } = await queriesOf(prepare);
      expect(commitAt).toBeGreaterThan(2);
      // Reads after the commit are all alike: beyond the first of them, only a database that stays away tells anything new.
      const until = how.endsWith('stays away') ? Number.POSITIVE_INFINITY : Math.min(count, commitAt + 3);
      const said = new Map<string, number>();
      // After a refusal that has left everything as it was, the same request is made again.
      let ready: { ask: () => Promise<Answer>; before: string } | null = null;
      /** Makes the request, and breaks the query at this place. Says whether it made so many. */
      const breakAt = async (place: string, isHere: (text: string, index: number) => boolean): Promise<boolean> => {
        const { ask, before }: NonNullable<typeof ready> = ready ?? { ask: await prepare(), before: await kept() };
        ready = null;
        const [here, later] = breaks[how];
        let isReached = false;
        let isCommitting = false;
        queries.arm((text, index) => {
          // Whether one that gets no answer was sent, nobody can know.
          isCommitting ||= isCommit(text);
          if (isReached) return later;
          isReached = isHere(text, index);
          return isReached ? here : 'runs';
        });
        const answer = await ask().finally(() => queries.arm(() => 'runs'));
        if (!isReached) return false;
        const where = `${place} of ${count}: ${answer.status} ${JSON.stringify(answer.body)}`;
        const code = answer.status < 300 ? 'done' : (answer.body.code as string);
        said.set(code, (said.get(code) ?? 0) + 1);
        if (code === 'OUTCOME_UNKNOWN') {
          expect(answer.status, where).toBe(503);
          // Where no commit was asked for, there is no doubt.
          expect(isCommitting, where).toBe(true);
        } else if (code === 'done') expect(await kept(), where).not.toBe(before);
        else {
          expect(code, where).toBe('DATABASE_UNAVAILABLE');
          expect(await kept(), where).toBe(before);
          ready = { ask, before };
        }
        return true;
      };
      // Not every request of a kind makes as many queries as the first: one that ends before this one is the last.
      for (let at = 0; at < until && (await breakAt(`query ${at}`, (_, index) => index === at)); at++);
      // Nor is the commit of the change always the same one in order: it is the next one after the change is logged.
      let isLogged = false;
      const isItsCommit = (text: string) => {
        isLogged ||= text.includes('INSERT INTO audit_arrival');
        return isLogged && isCommit(text);
      };
      expect(await breakAt('its commit', isItsCommit)).toBe(!unlogged.includes(name));
      console.log(`${name}, ${how}: ${count} queries, ${JSON.stringify(Object.fromEntries(said))}`);
      expect(said.get('DATABASE_UNAVAILABLE')).toBeGreaterThan(0);
      if (how === 'is unanswered, and the database stays away') expect(said.get('OUTCOME_UNKNOWN')).toBeGreaterThan(0);
    },
    300_000,
  );
});

test('a store that goes away after the commit leaves the same doubt, said in the language of who asked', async () => {
  const { outside } = server.context;
  const { objects } = outside;
  const away = async function* () {
    yield* [];
    throw new StoreUnavailable('away');
  };
  const register = (language: string) => {
    const form = new FormData();
    form.set('title', `Song ${fresh()}`);
    form.set('rightsHolder', 'Somebody');
    form.set('file', new Blob([new Uint8Array(shortLesson())], { type: 'video/mp4' }), 'a.mp4');
    return school.reviewer.post('/api/works', form, { 'accept-language': language });
  };
  Object.assign(outside, withStore(outside, { listVersions: away, list: away }));
  const answers = [await register('en'), await register('tr')];
  Object.assign(outside, { objects });
  expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
    [503, 'OUTCOME_UNKNOWN'],
    [503, 'OUTCOME_UNKNOWN'],
  ]);
  expect(answers[0]!.body.title).toContain('Look before you do it again');
  expect(answers[1]!.body.title).toContain('Yeniden yapmadan');
  expect(await outside.database.read.work.count()).toBeGreaterThan(0);
});
