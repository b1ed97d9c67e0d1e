import pg from 'pg';
import type { TestServer } from './server.ts';

/** Every row of every table, as text, with the table in front: what somebody with a copy of the database has. */
export async function dumpOf({ database }: TestServer): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.superuserUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ schemaname: string; tablename: string }>(
      `SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'graphile_worker')`,
    );
    const lines: string[] = [];
    for (const { schemaname, tablename } of tables) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT t::text AS row FROM "${schemaname}"."${tablename}" t`,
      );
      lines.push(...rows.map(({ row }) => `${tablename} ${row}`));
    }
    return lines;
  } finally {
    await client.end();
  }
}

/** The lines of a dump in which one of these words stands, in any case, in the clear or as the hex of its octets. */
export function linesWith(dump: readonly string[], words: readonly string[]): string[] {
  const hidden = words.flatMap((word) => [word.toLocaleLowerCase('tr'), Buffer.from(word).toString('hex')]);
  return dump.filter((line) => hidden.some((word) => line.toLocaleLowerCase('tr').includes(word)));
}
