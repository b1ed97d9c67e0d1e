import pg from 'pg';
import type { Id } from '../../domain/ids.ts';
import { AccountThere } from '../../pipeline/ports/database-copy.ts';
import { type CopiedTable, jobsOf, nameOf } from './tables.ts';

/**
 * Rows of tables that schools have in common wait in tables of the transaction, until it is known which of them are the
 * school's and not there yet.
 */
export function createStage(client: pg.Client) {
  const staged = new Map<string, CopiedTable>();
  const nameOfStaged = ({ name }: Pick<CopiedTable, 'name'>) => pg.escapeIdentifier(`staged_${name}`);
  const listOf = ({ columns }: CopiedTable) => columns.map((column) => pg.escapeIdentifier(column));

  /** An account that is there stays as it is, and a new one is told apart from it by its address. */
  const takeAccounts = async (school: Id, isElsewhere: boolean) => {
    const accounts = staged.get('account');
    if (accounts === undefined) return;
    const taken = await client.query<{ email: string }>(
      `SELECT s.email FROM staged_account s JOIN account a
           ON (a.email = s.email AND a.id <> s.id) OR ($1 AND a.id = s.id AND a.email <> s.email) ORDER BY 1 LIMIT 1`,
      [isElsewhere],
    );
    if (taken.rows[0]) throw new AccountThere(taken.rows[0].email);
    await client.query(
      `CREATE TEMP TABLE new_account ON COMMIT DROP AS SELECT s.id FROM staged_account s
        WHERE s.id IN (SELECT id FROM "user" WHERE "schoolId" = ${pg.escapeLiteral(school)})
          AND NOT EXISTS (SELECT 1 FROM account a WHERE a.id = s.id)`,
    );
    const columns = listOf(accounts).join(', ');
    await client.query(
      `INSERT INTO account (${columns}) SELECT ${columns} FROM staged_account WHERE id IN (SELECT id FROM new_account)`,
    );
    for (const table of staged.values()) {
      if (table.kind !== 'account' || table.name === 'account') continue;
      const own = listOf(table).join(', ');
      await client.query(
        `INSERT INTO ${nameOf(table)} (${own}) SELECT ${own} FROM ${nameOfStaged(table)}
          WHERE "accountId" IN (SELECT id FROM new_account)`,
      );
    }
  };

  /** Jobs get numbers of this queue; one whose key is there already is the same job. */
  const takeJobs = async (school: Id) => {
    const jobs = staged.get('_private_jobs');
    if (jobs === undefined || !staged.has('_private_tasks') || !staged.has('_private_job_queues')) return;
    // What a job is called by, and what holds it up, is the school's own.
    const [before, after] = [pg.escapeLiteral(`${school} %`), pg.escapeLiteral(`% ${school}`)];
    const columns = listOf(jobs).filter((column) => !['"id"', '"job_queue_id"', '"task_id"'].includes(column));
    await client.query(
      `INSERT INTO graphile_worker._private_tasks (identifier) SELECT identifier FROM staged__private_tasks
       ON CONFLICT (identifier) DO NOTHING`,
    );
    await client.query(
      `INSERT INTO graphile_worker._private_job_queues (queue_name) SELECT queue_name FROM staged__private_job_queues
       ON CONFLICT (queue_name) DO NOTHING`,
    );
    await client.query(
      `INSERT INTO graphile_worker._private_jobs (${columns.join(', ')}, job_queue_id, task_id)
       SELECT ${columns.map((column) => `s.${column}`).join(', ')}, q.id, t.id
         FROM staged__private_jobs s
         JOIN staged__private_tasks st ON st.id = s.task_id JOIN graphile_worker._private_tasks t ON t.identifier = st.identifier
         LEFT JOIN staged__private_job_queues sq ON sq.id = s.job_queue_id
         LEFT JOIN graphile_worker._private_job_queues q ON q.queue_name = sq.queue_name
        WHERE ${jobsOf(school, false)}
          AND NOT EXISTS (SELECT 1 FROM jsonb_object_keys(s.flags) AS flag WHERE flag NOT LIKE ${after})
          AND (s.key IS NULL OR s.key LIKE ${before}) AND (sq.queue_name IS NULL OR sq.queue_name LIKE ${before})
       ON CONFLICT (key) DO NOTHING`,
    );
  };

  return {
    /** A table for the rows of `table`, by its name. */
    async open(table: CopiedTable): Promise<string> {
      if (!staged.has(table.name))
        await client.query(
          `CREATE TEMP TABLE ${nameOfStaged(table)} ON COMMIT DROP AS SELECT ${listOf(table).join(', ')} FROM ${nameOf(table)} WHERE false`,
        );
      staged.set(table.name, table);
      return nameOfStaged(table);
    },
    /** Takes what is the school's. @throws AccountThere */
    async take(school: Id, { isElsewhere }: { readonly isElsewhere: boolean }): Promise<void> {
      await takeAccounts(school, isElsewhere);
      await takeJobs(school);
    },
  };
}
