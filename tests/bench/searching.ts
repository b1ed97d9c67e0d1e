import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { searchSchool } from '../../src/pipeline/search/search-school.ts';
import { startBenchDatabase } from './bench-database.ts';
import { type Bench, p95, type Row } from './measure.ts';

/**
 * (c) The search of a school, by an administrator and by a teacher, for what is rare, what is common, and two letters that
 * most titles begin a word with. The peer is the smallest school of the same run.
 */
export const searching: Bench = {
  about: 'the search, as the school grows',
  async measure({ isQuick, folder, say }) {
    const rows: Row[] = [];
    const peers = new Map<string, number>();
    const bench = await startBenchDatabase(folder);
    try {
      let before = 0;
      for (const recordings of isQuick ? [100, 200] : [1_000, 10_000, 100_000]) {
        const persons = recordings / 10;
        say(`  a school of ${recordings} recordings and ${persons} persons`);
        await fillRecordings(bench.database.read, before, recordings);
        before = recordings;
        // As autovacuum does in a server that runs; only the owner of the tables may.
        await bench.asOwner('VACUUM (ANALYZE) course, lesson, person, recording');
        const by = (roles: readonly ['teacher'] | readonly ['administrator']) => (text: string) => () =>
          searchSchool(bench, { id: 'teacher-1', roles }, text);
        const cases: readonly [string, () => Promise<unknown>][] = [
          ['a rare word', by(['administrator'])('kuantum')],
          ['a common word', by(['administrator'])('fizik')],
          ['two letters of most titles', by(['administrator'])('de')],
          ['two letters of most titles, own', by(['teacher'])('de')],
          ['nothing', by(['administrator'])('qwertz')],
        ];
        for (const [name, search] of cases) {
          await search();
          const value = await p95(isQuick ? 5 : 60, search);
          const peerValue = peers.get(name) ?? value;
          peers.set(name, peerValue);
          rows.push({
            name: `(c) search for ${name}, p95, ${recordings} recordings`,
            value,
            unit: 'ms',
            peer: 'the smallest school',
            peerValue,
            ratio: value / peerValue,
            bar: 'below 300 ms',
            ok: value < 300,
          });
        }
      }
      return rows;
    } finally {
      await bench.stop();
    }
  },
};

/** A lesson for each recording, from number `after` on: nine of ten called "… dersi", one of ten physics, one of 500 rare. */
export async function fillRecordings(read: Outside['database']['read'], after: number, until: number): Promise<void> {
  await read.$executeRaw`INSERT INTO channel (id, name) VALUES (gen_random_uuid(), 'Zoom') ON CONFLICT DO NOTHING`;
  await read.$executeRaw`
    WITH made AS MATERIALIZED (
      SELECT n, gen_random_uuid() AS lesson, gen_random_uuid() AS course,
             CASE WHEN n % 500 = 0 THEN 'Kuantum' ELSE (ARRAY['Fizik','Kimya','Biyoloji','Coğrafya','İngilizce','Tarih',
               'Müzik','Resim','Türkçe','Matematik'])[1 + n % 10] END || ' ' || (n % 12 + 1) || '/' || chr(65 + n % 6) ||
               CASE WHEN n % 10 = 9 THEN '' ELSE ' Dersi' END AS title
        FROM generate_series(${after + 1}::int, ${until}::int) n
    ), courses AS (
      INSERT INTO course (id, "isSingle", "channelId", title, reason, "teacherId", "supervisorName", purposes, audiences,
                          "from", until)
      SELECT course, n % 30 <> 0, (SELECT id FROM channel LIMIT 1), title, 'because', 'teacher-' || n % 50, 'Somebody',
             '{record}', '{class}', now(), now() + interval '1 day' FROM made
    ), lessons AS (
      INSERT INTO lesson (id, "courseId", title, "plannedStart", "plannedEnd", "teacherId")
      SELECT lesson, course, title, now() - n * interval '1 minute', now() + interval '1 day', 'teacher-' || n % 50 FROM made
    ), persons AS (
      INSERT INTO person (id, name, folded, roles)
      SELECT gen_random_uuid(), 'Deniz ' || n, 'deniz ' || n, '{pupil}' FROM made WHERE n % 10 = 0
    )
    INSERT INTO recording (id, "lessonId", "uploaderId", state, "fileName")
    SELECT gen_random_uuid(), lesson, 'teacher-' || n % 50, 'erased', 'GMT' || n || '_Recording.mp4' FROM made`;
}
