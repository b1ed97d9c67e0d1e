import pg from 'pg';

/** A table whose rows are copied, with the columns that have values of their own. */
export interface CopiedTable {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
}

/**
 * Not copied: what says by which migrations the tables were made, which each database has of its own, and the marks of
 * restores.
 */
const own = ['public._prisma_migrations', 'graphile_worker.migrations', 'public.restore'];

export async function listTables(client: pg.Client): Promise<CopiedTable[]> {
  const { rows } = await client.query<CopiedTable>(
    `SELECT n.nspname AS schema, c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      WHERE n.nspname IN ('public', 'graphile_worker') AND c.relkind = 'r'
        AND n.nspname || '.' || c.relname <> ALL ($1)
      GROUP BY 1, 2 ORDER BY 1, 2`,
    [own],
  );
  return rows;
}

/** For a statement. */
export function nameOf({ schema, name }: Pick<CopiedTable, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}
