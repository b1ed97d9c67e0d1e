import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import { StandingWatch } from '../../../src/http/standing-watch.ts';
import { createSchool, type School } from '../../support/school.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';

let server: TestServer;
let school: School;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

/** As many answers under way as a morning has. */
const underWay = (count: number) =>
  Array.from({ length: count }, () => Object.assign(new PassThrough(), { locals: {} as Record<string, unknown> }));

test('two hundred requests of three people are asked about by one query a second, and end with their standing alone', async () => {
  const { outside } = server.context;
  const { read } = outside.database;
  let queries = 0;
  const counting = new Proxy(read, {
    get: (of, name, receiver) => {
      if (['$queryRaw', '$executeRaw', 'runner', 'user', 'session'].includes(String(name))) queries += 1;
      return Reflect.get(of, name, receiver);
    },
  });
  const watch = new StandingWatch({ ...outside, database: { ...outside.database, read: counting } });
  const people = [school.teacher, school.otherTeacher, school.reviewer];
  const standings = await Promise.all(
    people.map(async ({ id }) => {
      const { id: sessionId } = await read.session.findFirstOrThrow({ where: { userId: id } });
      const actor = { kind: 'staff', id, roles: [], scopes: null } as const;
      return { actor, standing: { sessionId, tokenId: null, roles: null } };
    }),
  );
  const began = performance.now();
  const requests = standings.map((caller) => {
    const answers = underWay(70);
    // Each request has a caller of its own, as `authorise` makes them.
    for (const answer of answers) watch.add({ ...caller }, answer);
    return { caller, answers };
  });
  const [first, ...rest] = requests.map(({ answers }) =>
    Promise.all(answers.map((answer) => new Promise((broken) => answer.once('error', broken)))),
  );
  await read.user.updateMany({ where: { id: school.teacher.id }, data: { disabledAt: new Date() } });
  for (const error of (await first) ?? []) expect(error).toEqual(new Refusal('NOT_SIGNED_IN'));
  expect(requests.slice(1).flatMap(({ answers }) => answers.filter(({ destroyed }) => destroyed))).toEqual([]);

  await read.session.deleteMany({ where: { userId: school.otherTeacher.id } });
  for (const error of (await rest[0]) ?? []) expect(error).toEqual(new Refusal('NOT_SIGNED_IN'));
  expect(requests[2]?.answers.every(({ destroyed }) => !destroyed)).toBe(true);
  expect(queries).toBeLessThanOrEqual(Math.ceil((performance.now() - began) / 1_000));
  for (const { answers } of requests) for (const answer of answers) answer.destroy();
});
