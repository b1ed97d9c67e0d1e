import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { prefixedStore } from '../adapters/prefix/prefixed-store.ts';
import type { Config } from '../config/env.ts';
import { readIfThere } from '../config/secrets.ts';
import type { Id } from '../domain/ids.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { folderOfSchool, listBackups, openManifest } from '../pipeline/backup/manifest.ts';
import { type Answer, daysSince, type examinedOfSchool, found, query } from './examined.ts';
import { openPlace } from './open-place.ts';
import { schoolConfig } from './schools.ts';

const mostBackupDays = 8;
const mostDrillDays = 100;
const mostKeyDays = 2 * 365;
const mostEpochDays = 400;
const mostUnsignedMs = 5 * 60_000;

/** A school as doctor sees it; `id` null: the first one. */
interface Looked {
  readonly id: Id | null;
  readonly config: Config;
  readonly clock: () => Date;
}

/** What a school has of its own. */
export function looksAtSchool(
  config: Config,
  id: Id | null,
  clock: () => Date,
): Readonly<Record<(typeof examinedOfSchool)[number], () => Promise<Answer>>> {
  const school = { id, clock, config: id === null ? config : schoolConfig(config, id) };
  return {
    keys: () => lookAtKeys(school),
    log: () => lookAtLog(school),
    backups: () => lookAtBackups(school),
    drill: () => lookAtDrill(school),
  };
}

async function lookAtKeys({ config, clock }: Looked): Promise<Answer> {
  const keyring = await openKeyring(config, () => {});
  try {
    if (keyring.recipients.length < 2) return found('bad', 'NO_RECOVERY_KEY');
    const files = await readKeyFolder(config.EMANET_HOME);
    const folder = files[0] ? dirname(files[0].path) : join(config.EMANET_HOME, 'keys');
    for (const name of ['recovery.private.asc', 'recovery.passphrase.txt'])
      if ((await readIfThere(join(folder, name))) !== undefined)
        return found('bad', 'RECOVERY_KEY_HERE', { file: join(folder, name) });
    const open = await findOpenFile(config.EMANET_HOME);
    if (open !== null) return found('bad', 'KEYS_READABLE', { file: open });
    const current = keyring.known.find(({ role, state }) => role === 'vault' && state === 'current');
    const days = current ? daysSince(current.createdAt, clock) : 0;
    if (days > mostKeyDays) return found('look', 'VAULT_KEY_OLD', { days });
    const since = keyring.epochs[0]?.since ?? null;
    const epochDays = since === null ? 0 : daysSince(since, clock);
    if (epochDays > mostEpochDays) return found('look', 'EPOCH_OLD', { days: epochDays });
    return found('good', 'KEYS_IN_ORDER', { days });
  } finally {
    keyring.close();
  }
}

/** The file of a key that others on this machine can reach and read; null: none. */
async function findOpenFile(home: string): Promise<string | null> {
  const isOpen = async (path: string) => {
    try {
      return ((await stat(path)).mode & 0o007) !== 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false; // given by a setting
      throw error;
    }
  };
  for (const name of ['keys/vault.private.asc', 'secrets/vault-passphrase', 'secrets/log-key', 'secrets/auth']) {
    const path = join(home, name);
    if ((await isOpen(home)) && (await isOpen(dirname(path))) && (await isOpen(path))) return path;
  }
  return null;
}

/** What no signed head covers can be taken out without a trace. */
async function lookAtLog({ id, config, clock }: Looked): Promise<Answer> {
  const [row] = await query<{ since: string | null }>(
    config,
    `SELECT COALESCE(
       (SELECT at FROM audit_entry
         WHERE seq > COALESCE((SELECT max(size) FROM audit_checkpoint), 0) ORDER BY seq LIMIT 1),
       (SELECT audit_read(canonical) ->> 'at' FROM audit_arrival
         WHERE arrival > COALESCE((SELECT arrival FROM audit_entry ORDER BY seq DESC LIMIT 1), 0)
         ORDER BY arrival LIMIT 1)) AS since`,
    id,
  );
  const since = row?.since == null ? null : new Date(row.since);
  const lateMs = since === null ? 0 : clock().getTime() - since.getTime();
  return lateMs > mostUnsignedMs
    ? found('bad', 'LOG_WAITS', { minutes: Math.floor(lateMs / 60_000) })
    : found('good', 'LOG_SIGNED');
}

async function lookAtBackups({ id: school, config, clock }: Looked): Promise<Answer> {
  if (config.BACKUP_TO === undefined) return found('look', 'NO_BACKUPS_SET');
  const whole = await openPlace(config, config.BACKUP_TO, { mayMake: false });
  const place = school === null ? whole : prefixedStore(whole, folderOfSchool(school));
  const id = (await listBackups(place)).at(-1);
  if (id === undefined) return found('bad', 'NO_BACKUP', { place: config.BACKUP_TO });
  const keyring = await openKeyring(config, () => {});
  try {
    const { at } = await openManifest(place, id, { opening: keyring.openingKeys, verifying: keyring.verifyingKeys });
    const days = daysSince(new Date(at), clock);
    return days > mostBackupDays ? found('bad', 'BACKUP_OLD', { days }) : found('good', 'BACKUP_THERE', { days });
  } finally {
    keyring.close();
  }
}

/** A backup that was never restored is a hope. */
async function lookAtDrill({ id, config, clock }: Looked): Promise<Answer> {
  const [row] = await query<{ at: string; action: string }>(
    config,
    `SELECT at, action FROM audit_entry WHERE action IN ('drill.passed', 'drill.failed') ORDER BY seq DESC LIMIT 1`,
    id,
  );
  if (row === undefined) return found('look', 'NO_DRILL');
  const days = daysSince(new Date(row.at), clock);
  if (row.action === 'drill.failed') return found('bad', 'DRILL_FAILED', { days });
  return days > mostDrillDays ? found('look', 'DRILL_OLD', { days }) : found('good', 'DRILL_PASSED', { days });
}
