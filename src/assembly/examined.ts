import pg from 'pg';
import type { Config } from '../config/env.ts';
import type { Id } from '../domain/ids.ts';

/** What is the whole installation's, in the order of the answers. */
const ofInstallation = [
  'database',
  'tables',
  'clock',
  'transport',
  'store',
  'media',
  'address',
  'mail',
  'scanner',
  'jobs',
  'disk',
] as const;
/** What each school has of its own. */
export const examinedOfSchool = ['keys', 'log', 'backups', 'drill'] as const;
export const examined = [...ofInstallation, ...examinedOfSchool] as const;
export type Examined = (typeof examined)[number];

/** `good`; `look`: it works, and something about it may not be wanted; `bad`: somebody has to do something. */
export type Verdict = 'good' | 'look' | 'bad';

/** `code` names a sentence of the command line, which `params` complete. */
export interface Found {
  readonly about: Examined;
  readonly verdict: Verdict;
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
}

export type Answer = Omit<Found, 'about'>;
export const found = (verdict: Verdict, code: string, params: Found['params'] = {}): Answer => ({
  verdict,
  code,
  params,
});

export const dayMs = 24 * 60 * 60_000;
export const daysSince = (at: Date, clock: () => Date): number =>
  Math.floor((clock().getTime() - at.getTime()) / dayMs);

/** `school`: whose rows are seen; null: those of the first one; not given: of none. */
export async function query<Row extends pg.QueryResultRow>(
  config: Config,
  sql: string,
  school?: Id | null,
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: config.DATABASE_URL, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {}); // the query fails, too
  try {
    await client.connect();
    if (school !== undefined)
      await client.query(
        `SELECT set_config('emanet.school', COALESCE($1, "homeSchoolId"::text), false) FROM installation`,
        [school],
      );
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
