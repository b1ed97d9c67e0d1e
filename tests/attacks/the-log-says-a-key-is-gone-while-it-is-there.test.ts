import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditActions } from '../../src/domain/audit-event.ts';
import { generateKeys, type KeyKeeping, newEpoch, retireKey, rotateKeys } from '../../src/keys/key-keeping.ts';
import { endEpochs } from '../../src/pipeline/keys/end-epochs.ts';
import { rewrapEnvelopes } from '../../src/pipeline/keys/rewrap-envelopes.ts';
import { integrateLog } from '../../src/pipeline/oversight/integrate-log.ts';
import type { Outside } from '../../src/pipeline/ports/outside.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
let outside: Outside;
let keeping: KeyKeeping;
const never = new AbortController().signal;
const root = join(import.meta.dirname, '../..');

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  outside = server.context.outside;
  const passphrase = (await readFile(join(server.home, 'secrets/vault-passphrase'), 'utf8')).trim();
  keeping = { home: server.home, passphrase, outside, settlingMs: 0, knownAfterMs: 0 };
});
afterAll(() => server?.stop());

const epochFiles = async () => (await readdir(join(server.home, 'secrets/epoch'))).sort();
const later = (change: Partial<Outside> = {}): Outside => ({
  ...outside,
  clock: () => new Date(Date.now() + 11 * 60_000),
  ...change,
});
async function entries(prefix: string): Promise<string[]> {
  const rows = await outside.database.read.auditArrival.findMany({ orderBy: { arrival: 'asc' } });
  return rows
    .map(({ canonical }) => JSON.parse(canonical) as { action: string; outcome: string; object?: { id: string } })
    .filter(({ action }) => action.startsWith(prefix))
    .map(({ action, outcome, object }) => `${action} ${outcome} ${object?.id}`);
}
/** The keyring of a worker whose state is mounted read-only: nothing there can be renamed, written over or removed. */
function readOnlyKeyring(): Outside['keyring'] {
  const { keyring } = outside;
  return new Proxy(keyring, {
    get: (target, name) =>
      name === 'destroyEpoch'
        ? async () => {
            throw Object.assign(new Error('EROFS: read-only file system, rename'), { code: 'EROFS' });
          }
        : Reflect.get(target, name),
  });
}

test('with a state that cannot be written the key stays, and the log says that it failed', async () => {
  await newEpoch(keeping);
  await rewrapEnvelopes(outside, never);
  await expect(endEpochs(later({ keyring: readOnlyKeyring() }))).rejects.toThrow('could not be destroyed');
  expect(await epochFiles()).toEqual(['1.key', '2.key']);
  expect(await entries('keys.epoch_')).toEqual([
    'keys.epoch_renewed done 2',
    'keys.epoch_ending done 1',
    'keys.epoch_destroyed failed 1',
  ]);
});

test('when it can, the entry comes after the deed', async () => {
  expect(await endEpochs(later())).toEqual([1]);
  expect(await epochFiles()).toEqual(['2.key']);
  expect((await entries('keys.epoch_')).slice(-2)).toEqual(['keys.epoch_ending done 1', 'keys.epoch_destroyed done 1']);
});

test('a destruction whose process was killed in between is noted by the next call', async () => {
  await newEpoch(keeping);
  await rewrapEnvelopes(outside, never);
  const database: Outside['database'] = {
    read: outside.database.read,
    transact: (caller, work) =>
      outside.database.transact(caller, async (tx) =>
        work({
          ...tx,
          log: async (event) => {
            if (event.action === 'keys.epoch_destroyed') throw new Error('killed');
            await tx.log(event);
          },
        }),
      ),
  };
  await expect(endEpochs(later({ database }))).rejects.toThrow();
  expect(await epochFiles()).toEqual(['3.key']);
  expect(await entries('keys.epoch_destroyed done')).toEqual([]);
  await integrateLog(outside);
  await endEpochs(outside);
  expect((await entries('keys.epoch_')).at(-1)).toBe('keys.epoch_destroyed done 2');
  await integrateLog(outside);
  await endEpochs(outside);
  expect((await entries('keys.epoch_')).filter((entry) => entry === 'keys.epoch_destroyed done 2')).toHaveLength(1);
});

test('no key is on the log before its file is there, and none is there that could not be put on the log', async () => {
  const deaf: KeyKeeping = {
    ...keeping,
    outside: {
      ...outside,
      database: {
        ...outside.database,
        read: outside.database.read,
        transact: async () => {
          throw new Error('the database is away');
        },
      },
    },
  };
  await expect(generateKeys(deaf, { role: 'vault', version: 6 })).rejects.toThrow('away');
  await expect(generateKeys(deaf, { role: 'recovery', version: 6 })).rejects.toThrow('away');
  expect(await readdir(join(server.home, 'keys/next')).catch(() => [])).toEqual([]);
  const homeless: KeyKeeping = { ...keeping, home: '/dev/null/nowhere' };
  await expect(generateKeys(homeless, { role: 'vault', version: 6 })).rejects.toThrow();
  expect(await entries('keys.generated')).toEqual([]);
});

test('a key that could not be put on the log as retired is not retired', async () => {
  const old = outside.keyring.recipients[0]!.fingerprint;
  await generateKeys(keeping, { role: 'vault', version: 6 });
  await rotateKeys(keeping);
  await rewrapEnvelopes(outside, never);
  await outside.keyring.refresh();
  const database = {
    read: outside.database.read,
    transact: async () => {
      throw new Error('the database is away');
    },
  };
  await expect(retireKey({ ...keeping, outside: { ...outside, database } }, old)).rejects.toThrow('away');
  expect(await readdir(join(server.home, 'keys/former'))).toContain(`${old}.private.asc`);
  await retireKey(keeping, old);
  expect(await entries('keys.retired')).toEqual([`keys.retired done ${old}`]);
});

test('the worker of the compose file may write where the keys of epochs are, and nowhere else', async () => {
  const compose = await readFile(join(root, 'docker-compose.yml'), 'utf8');
  const worker = compose.slice(compose.indexOf('\n  worker:'), compose.indexOf('\n  # Catches mail'));
  expect(worker).toContain('- state:/var/lib/emanet:ro\n');
  expect(worker).toContain('target: /var/lib/emanet/secrets/epoch\n        volume: { subpath: secrets/epoch }');
  // Further schools keep theirs below a folder of their own.
  expect(worker).toContain('target: /var/lib/emanet/schools\n        volume: { subpath: schools }');
  expect(worker.match(/target:|:\/var\/lib\/emanet/g)).toHaveLength(3);
});

test('every event is in the table of what it is written with', async () => {
  const page = await readFile(join(root, 'docs/audit-log.md'), 'utf8');
  const from = page.indexOf('## When an entry is written');
  const table = page.slice(from, page.indexOf('\n## ', from + 1));
  const listed = [...table.matchAll(/`([a-z]+\.[a-z_]+)`/g)].map(([, name]) => name!);
  expect([...new Set(listed)].sort()).toEqual([...auditActions].sort());
});
