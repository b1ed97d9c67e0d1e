import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { prefixedStore } from '../adapters/prefix/prefixed-store.ts';
import type { OpenDatabase } from '../adapters/prisma/database.ts';
import type { Config } from '../config/env.ts';
import { loadLogSigner } from '../config/secrets.ts';
import { Refusal } from '../domain/errors.ts';
import { type Id, isId } from '../domain/ids.ts';
import { ensureKeysOfSchool, makeRecoveryKey } from '../keys/keys-of-school.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { MinuteTally } from '../pipeline/oversight/tally.ts';
import type { ObjectStore } from '../pipeline/ports/object-store.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import type { SchoolKeys } from '../pipeline/ports/school-keys.ts';
import type { NamedSchool, Schools } from '../pipeline/ports/schools.ts';
import { SharedChecks } from '../pipeline/release/shared-checks.ts';
import { SharedSources } from '../pipeline/release/shared-sources.ts';
import { ViewingLog } from '../pipeline/release/viewing-log.ts';

/** What each school has of its own. Everything else of a process serves all of them. */
export type OwnParts = Pick<
  Outside,
  'database' | 'schools' | 'objects' | 'keyring' | 'logSigner' | 'watched' | 'viewings' | 'watchChecks' | 'tally'
>;

interface Needs {
  readonly config: Config;
  readonly log: Logger;
  readonly database: OpenDatabase;
  readonly objects: ObjectStore;
  readonly clock: () => Date;
  readonly common: Omit<Outside, keyof OwnParts>;
}

/** Where a school keeps its keys: the first one in EMANET_HOME itself, as if it were alone. */
export const schoolHome = (home: string, id: Id): string => join(home, 'schools', id);

/** The settings of another school than the first: keys that were given to the process belong to the first one. */
export const schoolConfig = (config: Config, id: Id): Config => ({
  ...config,
  EMANET_HOME: schoolHome(config.EMANET_HOME, id),
  VAULT_PRIVATE_KEY: undefined,
  RECOVERY_PUBLIC_KEY: undefined,
  EPOCH_KEYS: undefined,
  AUDIT_LOG_KEY: undefined,
});

/** Keys of schools to come. A process whose EMANET_HOME is not its own to write in makes none. */
export const createSchoolKeys = (config: Config): SchoolKeys => ({
  mayMake: () =>
    access(join(config.EMANET_HOME, 'schools'), constants.W_OK | constants.X_OK).then(
      () => true,
      () => false,
    ),
  makeRecoveryKey,
  async make(id, recoveryKey) {
    await ensureKeysOfSchool(schoolConfig(config, id), recoveryKey);
  },
});

/**
 * The parts of each school, opened when they are first asked for. The first school is open from the beginning, also before
 * there is one: what happens to the installation is on its log.
 */
export async function openSchools(
  needs: Needs,
): Promise<Schools<Outside> & { readonly first: Outside; close(): Promise<void> }> {
  const { database } = needs;
  const open = new Map<Id, Promise<OpenSchool>>();
  let firstId: Id | null = null;
  const findFirst = async (): Promise<Id> => {
    firstId ??= (await database.read.installation.findFirstOrThrow()).homeSchoolId;
    return firstId;
  };
  const isThere = async (id: Id) =>
    (await ask.list()).includes(id) || (isId(id) && (await database.ofSchool(id).read.school.count()) === 1);
  const ofFound = async (rows: readonly { id: Id | null }[]) => {
    const id = rows[0]?.id;
    return id == null ? schools.first : schools.of(id);
  };
  const ask: Schools<Outside> = {
    async of(id) {
      if (id === (await findFirst())) return schools.first;
      let found = open.get(id);
      if (!found) {
        if (!(await isThere(id))) throw new Refusal('NOT_FOUND');
        found = open.get(id) ?? openSchool(needs, ask, id);
        open.set(id, found);
        found.catch(() => open.delete(id));
      }
      return (await found).outside;
    },
    rowsOf: (id) => database.ofSchool(id),
    ofSecret: async (kind, digest) =>
      ofFound(await database.read.$queryRaw<{ id: Id | null }[]>`SELECT school_of_secret(${kind}, ${digest}) AS id`),
    ofViewerLink: async (link) =>
      ofFound(await database.read.$queryRaw<{ id: Id | null }[]>`SELECT school_of_viewer_link(${link}::uuid) AS id`),
    ofAccount: (account) => database.read.$queryRaw<NamedSchool[]>`SELECT * FROM schools_of_account(${account})`,
    async list() {
      const first = await findFirst();
      const rows = await database.read.$queryRaw<{ id: Id }[]>`SELECT every_school() AS id`;
      return [first, ...rows.map(({ id }) => id).filter((id) => id !== first)];
    },
  };
  const first = await openSchool(needs, ask, null);
  const schools = {
    ...ask,
    first: first.outside,
    async close() {
      const others = await Promise.allSettled(open.values());
      const all = [first, ...others.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))];
      await Promise.all(all.map((school) => school.close()));
    },
  };
  return schools;
}

interface OpenSchool {
  readonly outside: Outside;
  close(): Promise<void>;
}

/** Null: the first school. */
async function openSchool(needs: Needs, schools: Schools<Outside>, id: Id | null): Promise<OpenSchool> {
  const { log, clock, common } = needs;
  const config = id === null ? needs.config : schoolConfig(needs.config, id);
  const database = id === null ? needs.database : needs.database.ofSchool(id);
  const objects = id === null ? needs.objects : prefixedStore(needs.objects, `schools/${id}/`);
  const logSigner = await loadLogSigner(config);
  const keyring = await openKeyring(config, (error) =>
    log.error({ school: id, cause: String(error) }, 'key reload failed; keeping the previous keys'),
  );
  if (keyring.recipients.length < 2)
    log.warn({ school: id }, 'no recovery key: losing the vault key loses every recording');
  const watched = new SharedSources();
  const viewings = new ViewingLog();
  const tally = new MinuteTally({ database, clock }, (error) =>
    log.error({ school: id, cause: String(error) }, 'writing counted events to the log failed; retrying'),
  );
  return {
    outside: {
      ...common,
      // A place of backups serves one school.
      drill: id === null ? common.drill : null,
      ...{ database, schools, objects, logSigner, keyring, watched, viewings, watchChecks: new SharedChecks(), tally },
    },
    async close() {
      watched.close();
      try {
        await viewings.close();
        await tally.close();
      } finally {
        keyring.close();
      }
    },
  };
}
