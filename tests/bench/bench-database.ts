import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { type OpenDatabase, openDatabase } from '../../src/adapters/prisma/database.ts';
import { createDatabase, migrate } from '../../src/assembly/first-start.ts';
import { ensureSchool } from '../support/api.ts';

export interface BenchDatabase {
  readonly urls: { readonly owner: string; readonly server: string };
  readonly database: OpenDatabase;
  /** One statement as the owner of the tables. */
  asOwner(sql: string, values?: unknown[]): Promise<pg.QueryResult>;
  stop(): Promise<void>;
}

/** A PostgreSQL of its own, migrated and empty, as a school gets it: with its default settings, and durable. */
export async function startBenchDatabase(folder: string): Promise<BenchDatabase> {
  const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
  const urls = await createDatabase(postgres, { owner: 'test-only', server: 'test-only' }, 'bench');
  await migrate(urls.owner);
  const database = openDatabase({ url: urls.server, clock: () => new Date(), maxConnections: 4 });
  await ensureSchool(database);
  const owner = new pg.Pool({ connectionString: urls.owner, max: 1 });
  return {
    urls,
    database,
    asOwner: (sql, values) => owner.query(sql, values),
    async stop() {
      await owner.end();
      await database.close();
      await postgres.stop();
    },
  };
}

/**
 * `count` entries of a school's day as they would arrive: mostly parts of recordings watched, by 200 people, of 300 recordings.
 * SQL that gives their canonical texts, numbered from `$1` to `$2`.
 */
export const entriesSql = `
  SELECT format(
    '{"action":"%s","actor":{"addressDigest":"%s","id":"%s","kind":"staff"},"at":"%s","details":{"aboutSeconds":[%s,%s],"bytes":%s},"id":"%s","object":{"id":"%s","kind":"recording","lessonId":"%s","recordingId":"%s"},"outcome":"%s","v":1}',
    (ARRAY['media.served','media.opened','media.served','request.denied','media.served'])[1 + n % 5],
    encode(sha256(n::text::bytea), 'hex'),
    'person-' || lpad((n * 7919 % 200)::text, 22, '0'),
    to_char(timestamp '2026-01-01' + n * interval '20 seconds', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    n % 3000, n % 3000 + 8, n * 31 % 1048576,
    gen_random_uuid(),
    'b0000000-0000-4000-8000-' || lpad((n * 104729 % 300)::text, 12, '0'),
    'c0000000-0000-4000-8000-' || lpad((n * 104729 % 300)::text, 12, '0'),
    'b0000000-0000-4000-8000-' || lpad((n * 104729 % 300)::text, 12, '0'),
    CASE WHEN n % 5 = 3 THEN 'refused' ELSE 'done' END) AS canonical
  FROM generate_series($1::bigint, $2::bigint) n`;
