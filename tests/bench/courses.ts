import { gateReasons } from '../../src/domain/gate.ts';
import { getGateRecord } from '../../src/pipeline/core/gate-record.ts';
import { openContactBook } from '../../src/pipeline/core/people-key.ts';
import { viewCourse } from '../../src/pipeline/course/view-course.ts';
import { countWaiting } from '../../src/pipeline/home/count-waiting.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { askCourse } from '../../src/pipeline/signing/ask-course.ts';
import setUpServices from '../support/global-setup.ts';
import { createSchool, inDays, ok } from '../support/school.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { type Bench, p95, type Row } from './measure.ts';

/** Pupils in a class; each has two guardians, with an address each. */
const classSize = 30;

/**
 * (a) View of a course, asking its guardians, and the gate of a lesson with 30 participants and 60 guardians, in schools of a
 * thousand to a hundred thousand persons. The peer is the smallest school of the same run.
 */
export const courses: Bench = {
  about: 'view of a course, asking, and the gate, as the school grows',
  async measure({ isQuick, say }) {
    process.env.S3_SERVERS ??= '';
    const stopServices = await setUpServices();
    try {
      const rows: Row[] = [];
      const peers = new Map<string, number>();
      for (const persons of isQuick ? [180, 360] : [1_000, 10_000, 100_000]) {
        const server = await startTestServer({ WORKER: 'false', SMTP_URL: 'smtp://nowhere.invalid' });
        try {
          say(`  a school of ${persons} persons`);
          for (const [name, unit, value, bar] of await measureSchool(server, persons, isQuick)) {
            const peer = peers.get(name) ?? value;
            peers.set(name, peer);
            rows.push({
              name: `(a) ${name}, ${persons} persons`,
              value,
              unit,
              peer: 'the smallest school',
              peerValue: peer,
              ratio: value / peer,
              bar: `below ${bar} ${unit}`,
              ok: value < bar,
            });
          }
        } finally {
          await server.stop();
        }
      }
      return rows;
    } finally {
      await stopServices();
    }
  },
};

type Figure = readonly [name: string, unit: string, value: number, bar: number];

async function measureSchool(server: TestServer, persons: number, isQuick: boolean): Promise<Figure[]> {
  const { outside } = server.context;
  const school = await createSchool(server);
  const classes = await fill(outside, school.channelId, persons);
  const asked = isQuick ? 1 : 10;
  await lockAddresses(outside, classes.slice(0, asked + 1));
  const times = isQuick ? 40 : 200;
  const course = (n: number) => classes[n % classes.length]!;
  const teacher = { actor: { kind: 'staff', id: school.teacher.id, roles: ['teacher'], scopes: null } } as const;
  // A course that was asked for and answered by everybody: what the gate reads at every playback.
  const { id: lessonId } = ok(
    await school.admin.post(`/api/courses/${course(0).id}/lessons`, {
      plannedStart: inDays(1),
      plannedEnd: inDays(1.05),
    }),
  );
  await askCourse(outside, teacher, course(0).id);
  await answerAll(outside, course(0).id);
  const view = await p95(times, (n) => viewCourse(outside, course(n).id));
  const askGate = async () => {
    const { lesson, permissions } = await getGateRecord(outside.database.read, lessonId);
    return gateReasons(lesson, permissions, new Date());
  };
  // As in a server that has been running for a minute.
  await p95(50, askGate);
  const gate = await p95(times, askGate);
  const roles = ['teacher', 'administrator'] as const;
  const home = await p95(times, () => countWaiting(outside, { id: school.admin.id, roles }));
  const ask = await p95(asked, (n) => askCourse(outside, teacher, course(n + 1).id));
  return [
    ['view of a course, p95', 'ms', view, 50],
    [`asking ${2 * classSize} guardians until queued, p95`, 'ms', ask, 1_000],
    ['counts of home, p95', 'ms', home, 100],
    [`gate of ${classSize} participants and ${2 * classSize} guardians, p95`, 'ms', gate, 5],
  ];
}

/** Pupils in classes of 30 with two guardians each, and a course for each class, six for each of the first ones. */
async function fill({ database: { read } }: Outside, channelId: string, persons: number): Promise<{ id: string }[]> {
  const pupils = Math.floor(persons / 3);
  const classes = Math.max(2, Math.floor(pupils / classSize));
  // One statement, so that every row is joined by its number and by nothing that has to be searched for.
  await read.$executeRaw`
    WITH made AS MATERIALIZED (
      SELECT n, 1 + (n - 1) / ${classSize} AS class, kind, gen_random_uuid() AS id
        FROM generate_series(1, ${pupils}) n, unnest(ARRAY['pupil', 'mother', 'father']) kind
    ), class_made AS MATERIALIZED (
      SELECT n, gen_random_uuid() AS id FROM generate_series(1, ${classes}) n
    ), course_made AS MATERIALIZED (
      SELECT c.n AS class, k, gen_random_uuid() AS id FROM class_made c, generate_series(1, 6) k
    ), persons AS (
      INSERT INTO person (id, name, folded, roles)
      SELECT id, kind || ' ' || n, kind || ' ' || n,
             ARRAY[CASE kind WHEN 'pupil' THEN 'pupil' ELSE 'guardian' END]::"PersonRole"[] FROM made
    ), guardians AS (
      INSERT INTO guardianship (id, "pupilId", "guardianId", relation, authority, "from")
      SELECT gen_random_uuid(), p.id, g.id, 'carer', 'may_sign', now()
        FROM made p JOIN made g ON g.n = p.n AND g.kind <> 'pupil' WHERE p.kind = 'pupil'
    ), class_rows AS (
      INSERT INTO class (id, "schoolYear", name) SELECT id, 2026, 'C' || n FROM class_made
    ), members AS (
      INSERT INTO class_member (id, "classId", "personId", "from")
      SELECT gen_random_uuid(), c.id, p.id, now() FROM made p JOIN class_made c ON c.n = p.class WHERE p.kind = 'pupil'
    ), course_rows AS (
      INSERT INTO course (id, "isSingle", "channelId", title, reason, "teacherId", "supervisorName", purposes, audiences,
                          "from", until)
      SELECT id, false, ${channelId}::uuid, 'C' || class || ' ' || k, 'because', 'teacher', 'Somebody',
             '{record,keep,release}', '{class}', now() - interval '1 day', now() + interval '90 days' FROM course_made
    )
    INSERT INTO participant (id, "courseId", "personId", "classId", kind, "isMinor", "from")
    SELECT gen_random_uuid(), k.id, p.id, c.id, 'pupil', true, now() - interval '1 day'
      FROM made p JOIN class_made c ON c.n = p.class JOIN course_made k ON k.class = c.n WHERE p.kind = 'pupil'`;
  await addAddresses(read);
  for (const table of ['person', 'guardianship', 'class_member', 'course', 'participant', 'contact'])
    await read.$executeRawUnsafe(`ANALYZE "${table}"`);
  return read.$queryRaw<{ id: string }[]>`
    SELECT id FROM course ORDER BY title LIMIT 200`;
}

/** Real addresses for those who are asked. */
async function lockAddresses(outside: Outside, asked: readonly { id: string }[]): Promise<void> {
  await outside.database.transact({ actor: { kind: 'system', id: 'bench' } }, async (tx) => {
    const book = await openContactBook(outside, tx.db);
    const rows = await tx.db.$queryRaw<{ id: string }[]>`
      SELECT c.id FROM contact c JOIN guardianship g ON g."guardianId" = c."personId"
        JOIN participant p ON p."personId" = g."pupilId"
       WHERE p."courseId" = ANY (${asked.map(({ id }) => id)}::uuid[])`;
    for (const { id } of rows)
      await tx.db.contact.update({ where: { id }, data: { locked: book.lock(id, `${id}@family.example`) } });
    book.close();
  });
}

/** An address for everybody; what is locked in it is read of nobody who is not asked. */
async function addAddresses(read: Outside['database']['read']): Promise<void> {
  await read.$executeRaw`
    INSERT INTO contact (id, "personId", kind, locked, digest)
    SELECT gen_random_uuid(), id, 'email', '\\x01', decode(md5(id::text), 'hex') FROM person WHERE NOT 'pupil' = ANY (roles)`;
}

/** Everybody says yes, past the pages. */
async function answerAll({ database: { read } }: Outside, courseId: string): Promise<void> {
  await read.$executeRaw`
    WITH signed AS (
      INSERT INTO permission (id, "courseId", "participantId", status, purposes, "releaseTo", route, "signerName",
                              "signerCapacity", "guardianId", "signedAt", assurance, digest, "requestId", reason,
                              "noticeVersion", "noticeLanguage", declined, "declinedTo")
      SELECT gen_random_uuid(), r."courseId", r."participantId", 'granted', '{record,keep,release}', '{class}', 'electronic',
             'Somebody', r.capacity, r."signerId", now(), 2, r.digest, r.id, 'because', '1', 'tr', '{}', '{}'
        FROM request r WHERE r."courseId" = ${courseId}::uuid AND r."participantId" IS NOT NULL
      RETURNING id)
    INSERT INTO permission_event (id, "permissionId", at, status) SELECT gen_random_uuid(), id, now(), 'granted' FROM signed`;
}
