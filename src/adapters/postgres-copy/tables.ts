import pg from 'pg';

/**
 * Whose rows a table has: those of schools, each with its id; accounts with what belongs to them, which several schools may
 * have in common; jobs of the queue; or what is the installation's.
 */
export type TableKind = 'school' | 'account' | 'queue' | 'installation';

/** A table whose rows are copied, with the columns that have values of their own. */
export interface CopiedTable {
  readonly schema: string;
  readonly name: string;
  readonly kind: TableKind;
  readonly columns: readonly string[];
}

/**
 * Not copied: what says by which migrations the tables were made, which each database has of its own, and the marks of
 * restores.
 */
const own = ['public._prisma_migrations', 'graphile_worker.migrations', 'public.restore'];

export async function listTables(client: pg.Client): Promise<CopiedTable[]> {
  const { rows } = await client.query<CopiedTable>(
    `SELECT n.nspname AS schema, c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
            CASE WHEN n.nspname = 'graphile_worker' THEN 'queue'
                 WHEN c.relname = 'school' OR bool_or(a.attname = 'schoolId') THEN 'school'
                 WHEN c.relname = 'account' OR EXISTS (
                   SELECT 1 FROM pg_constraint f WHERE f.contype = 'f' AND f.conrelid = c.oid
                      AND f.confrelid = to_regclass('public.account')) THEN 'account'
                 ELSE 'installation' END AS kind
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
      WHERE n.nspname IN ('public', 'graphile_worker') AND c.relkind = 'r'
        AND n.nspname || '.' || c.relname <> ALL ($1)
      GROUP BY n.nspname, c.relname, c.oid ORDER BY 1, 2`,
    [own],
  );
  return rows;
}

/** For a statement. */
export function nameOf({ schema, name }: Pick<CopiedTable, 'schema' | 'name'>): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
}

/** Of a table of schools, the column that says whose a row is. */
export const schoolColumn = ({ name }: Pick<CopiedTable, 'name'>) => (name === 'school' ? 'id' : '"schoolId"');

/** Jobs of one school: each has a flag that names it. Those of a version that knew of one school have none. */
export const jobsOf = (school: string, isFirst: boolean) =>
  `(flags ? ${pg.escapeLiteral(`school ${school}`)}${
    isFirst
      ? ` OR NOT EXISTS (SELECT 1 FROM jsonb_object_keys(COALESCE(flags, '{}')) AS flag WHERE flag LIKE 'school %')`
      : ''
  })`;
