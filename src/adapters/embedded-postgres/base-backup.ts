import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';

/** What PostgreSQL makes again at its start, or must not find in a copy: PostgreSQL documentation, 25.3.4. */
const left =
  /^(postmaster\.(pid|opts)|pg_wal|pg_replslot|pg_dynshmem|pg_notify|pg_serial|pg_snapshots|pg_stat_tmp|pg_subtrans)$/;

/**
 * Copies the files of a running embedded PostgreSQL, whose write-ahead log is archived, into a folder that is not there yet.
 * With the archive a database can be brought to any moment after it. Nothing else of the package can: it has no `pg_basebackup`.
 * @throws Error when the log is not archived, or the folder is there.
 */
export async function takeBaseBackup(folder: string, to: string): Promise<void> {
  const data = join(folder, 'data');
  const password = (await readFile(join(folder, 'superuser-password'), 'utf8')).trim();
  const [, , , port] = (await readFile(join(data, 'postmaster.pid'), 'utf8')).split('\n');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(port),
    user: 'postgres',
    password,
    database: 'postgres',
  });
  await client.connect();
  try {
    const { rows } = await client.query<{ archive_mode: string }>('SHOW archive_mode');
    if (rows[0]?.archive_mode !== 'on')
      throw new Error('the write-ahead log is not archived: set WAL_ARCHIVE and restart');
    await mkdir(to, { mode: 0o700 });
    try {
      await client.query("SELECT pg_backup_start('emanet', true)");
      for (const name of await readdir(data)) {
        if (left.test(name)) await mkdirUnlessFile(to, name);
        else await copyMoving(join(data, name), join(to, name));
      }
      const { rows: ended } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(true)');
      await writeFile(join(to, 'backup_label'), ended[0]?.labelfile ?? '', { mode: 0o600, flush: true });
    } catch (error) {
      await rm(to, { recursive: true, force: true });
      throw error;
    }
  } finally {
    await client.end();
  }
}

async function mkdirUnlessFile(to: string, name: string): Promise<void> {
  if (!name.startsWith('postmaster.')) await mkdir(join(to, name), { mode: 0o700 });
}

/** Files come and go while they are copied; what the copy lacks is in the write-ahead log. */
async function copyMoving(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, preserveTimestamps: true }).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    await cp(from, to, { recursive: true, preserveTimestamps: true, force: true });
  });
}

/**
 * Puts a copy in the place of the database and has PostgreSQL bring it to a moment, from the archive, at its next start.
 * `data` must not be there any more.
 */
export async function prepareRecovery(
  base: string,
  folder: string,
  { archive, until }: { readonly archive: string; readonly until: Date },
): Promise<void> {
  const data = join(folder, 'data');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await cp(base, data, { recursive: true, errorOnExist: true, force: false });
  const time = until.toISOString().replace('T', ' ').replace('Z', '+00');
  await writeFile(
    join(data, 'postgresql.auto.conf'),
    `restore_command = 'cp ${archive}/%f %p'\nrecovery_target_time = '${time}'\nrecovery_target_action = 'promote'\nhot_standby = off\n`,
    { mode: 0o600 },
  );
  await writeFile(join(data, 'recovery.signal'), '', { mode: 0o600 });
}
