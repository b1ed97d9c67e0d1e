import { randomBytes } from 'node:crypto';
import pg from 'pg';

export const templateName = 'emanet_template';
/** TEST ONLY. */
export const rolePasswords = { owner: 'test-only-owner', server: 'test-only-server' };

export interface TestDatabase {
  /** With the server's role. */
  readonly url: string;
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
  const at = (user?: string, password?: string) => {
    const url = new URL(postgres);
    url.pathname = `/${name}`;
    if (user) url.username = user;
    if (password) url.password = password;
    return url.href;
  };
  return {
    url: at('emanet_server', rolePasswords.server),
    ownerUrl: at('emanet_owner', rolePasswords.owner),
    superuserUrl: at(),
    drop: () => asSuperuser(postgres, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
  };
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
