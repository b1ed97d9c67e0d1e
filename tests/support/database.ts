import { randomBytes } from 'node:crypto';
import pg from 'pg';

export const templateName = 'emanet_template';
/** TEST ONLY. */
export const rolePasswords = {
  owner: 'test-only-owner',
  server: 'test-only-server',
  web: 'test-only-web',
  worker: 'test-only-worker',
};

export interface TestDatabase {
  /** With the server's role. It sees no row before it names a school. */
  readonly url: string;
  /** With the server's role, for the rows of the first school. */
  readonly homeUrl: string;
  /** With the roles of web and worker, as {@link TestDatabase.url}. */
  readonly webUrl: string;
  readonly workerUrl: string;
  /** With the owner's role, which sees every row; what it adds belongs to the first school. */
  readonly ownerUrl: string;
  readonly superuserUrl: string;
  drop(): Promise<void>;
}

/** A database of its own in the PostgreSQL that the global set-up started: migrated and empty, or without any table. */
export async function createTestDatabase({ isMigrated = true } = {}): Promise<TestDatabase> {
  const postgres = process.env.EMANET_TEST_POSTGRES;
  if (!postgres) throw new Error('the global set-up did not run: tests/support/global-setup.ts');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asSuperuser(
    postgres,
    `CREATE DATABASE ${name} TEMPLATE ${isMigrated ? templateName : 'template0'} OWNER emanet_owner`,
  );
  const home = isMigrated ? await findHome(postgres, name) : null;
  const at = (user?: string, password?: string, school: string | null = home) => {
    const url = new URL(postgres);
    url.pathname = `/${name}`;
    if (school !== null) url.searchParams.set('options', `-c emanet.school=${school}`);
    if (user) url.username = user;
    if (password) url.password = password;
    return url.href;
  };
  return {
    url: at('emanet_server', rolePasswords.server, null),
    webUrl: at('emanet_web', rolePasswords.web, null),
    workerUrl: at('emanet_worker', rolePasswords.worker, null),
    homeUrl: at('emanet_server', rolePasswords.server),
    ownerUrl: at('emanet_owner', rolePasswords.owner),
    superuserUrl: at(),
    drop: () => asSuperuser(postgres, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
}

async function findHome(url: string, name: string): Promise<string> {
  const own = new URL(url);
  own.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: own.href });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>('SELECT "homeSchoolId" AS id FROM installation');
    return rows[0]!.id;
  } finally {
    await client.end();
  }
}

async function asSuperuser(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Two files may copy the template at the same instant, which PostgreSQL refuses: so they take turns.
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
