import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { startEmbeddedPostgres } from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { createDatabaseCopier } from '../../src/adapters/postgres-copy/dump.ts';
import { loadDump } from '../../src/adapters/postgres-copy/load.ts';
import { createDatabase, migrate } from '../../src/assembly/first-start.ts';
import { openPart, putPart } from '../../src/pipeline/core/sealed-message.ts';
import { hasDebianPostgres, startDebianPostgres } from '../support/debian-postgres.ts';
import { testKey } from '../support/vault.ts';
import { entriesSql } from './bench-database.ts';
import { atMost, type Bench, interleaved, mib, type Row, throughput } from './measure.ts';

/** (a) Rows out of a database, sealed on the way, beside pg_dump of the same rows; and back into an empty one. */
export const backingUpRows: Bench = {
  about: 'rows of a log of 200,000 entries into a sealed dump beside pg_dump, and out of it into empty tables',
  async measure(options) {
    if (!hasDebianPostgres) return [];
    const { isQuick, folder, say } = options;
    const { recipient, opening } = await testKey();
    await chmod(folder, 0o755);
    const postgres = await startDebianPostgres(join(folder, 'debian'));
    const place = new DiskStore({ folder: join(folder, 'place') });
    try {
      const urls = await createDatabase(postgres, { owner: 'owner', server: 'server' }, 'bench');
      await migrate(urls.owner);
      await fill(urls.owner, isQuick ? 2_000 : 200_000);
      const copier = createDatabaseCopier(urls.server);
      const dump = async () => {
        const snapshot = await copier.snapshot();
        let bytes = 0;
        const counted = async function* () {
          for await (const piece of snapshot.dump()) {
            bytes += piece.length;
            yield piece;
          }
        };
        const part = await putPart(place, 'rows', [recipient], counted());
        await snapshot.close();
        return { part, bytes, tables: snapshot.tables };
      };
      let { part, bytes, tables } = await dump();
      const rate = async (work: () => Promise<unknown>) => {
        const began = performance.now();
        await work();
        return bytes / mib / ((performance.now() - began) / 1000);
      };
      const file = join(folder, 'debian/plain.sql');
      const found = await interleaved(options, {
        dump: () =>
          rate(async () => {
            ({ part, bytes, tables } = await dump());
          }),
        'pg_dump --data-only': () =>
          rate(() => postgres.run('pg_dump', '--data-only', '-f', file, postgres.url('bench'))),
      });
      await rm(file);
      const rows = throughput('(a) rows into a sealed dump', found.dump, 'pg_dump', found['pg_dump --data-only']);
      return [...rows, await load(), atMost('(a) size of the dump', bytes / mib, 'MiB', undefined)];

      async function load(): Promise<Row> {
        const embedded = await startEmbeddedPostgres({ folder: join(folder, 'embedded') });
        try {
          const empty = await createDatabase(embedded, { owner: 'owner', server: 'server' }, 'bench');
          await migrate(empty.owner);
          const began = performance.now();
          await loadDump(empty.owner, tables, openPart(place, 'rows', part, [opening]));
          const seconds = (performance.now() - began) / 1000;
          say(`  loaded in ${seconds.toFixed(1)} s`);
          return atMost('(a) rows out of it into empty tables, once', seconds, 's', undefined);
        } finally {
          await embedded.stop();
        }
      }
    } finally {
      await postgres.control('stop');
    }
  },
};

/** Entries with their places, as a log has them. */
async function fill(ownerUrl: string, entries: number): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(`INSERT INTO audit_arrival (canonical) ${entriesSql}`, [1, entries]);
    await client.query('SELECT audit_integrate($1)', [entries]);
  } finally {
    await client.end();
  }
}
