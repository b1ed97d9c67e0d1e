import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DiskStore } from '../../src/adapters/disk/disk-store.ts';
import { startEmbeddedPostgres } from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { createDatabase, migrate } from '../../src/assembly/first-start.ts';
import { countOutdated, wantedOf, wantedRecipients } from '../../src/pipeline/keys/outdated.ts';
import { rewrapEnvelopes } from '../../src/pipeline/keys/rewrap-envelopes.ts';
import type { Keyring } from '../../src/pipeline/ports/keyring.ts';
import { makeEnvelope, rewrapEnvelope, wrapSessionKey } from '../../src/vault/envelope.ts';
import { ensureSchool } from '../support/api.ts';
import { testKey } from '../support/vault.ts';
import { type Bench, interleaved, median, type Row } from './measure.ts';

const leastPerSecond = 500;

/** (e) Every envelope of a school for new keys: the vault's and the recovery key's, X25519 both. */
export const rewrapping: Bench = {
  about: 'wrapping 10,000 envelopes for new keys: the cryptography alone, and the whole job with database and store',
  async measure(options) {
    const { isQuick, folder, say } = options;
    const count = isQuick ? 300 : 10_000;
    const [old, next, recovery] = [await testKey(), await testKey(), await testKey()];
    const before = [old.recipient, recovery.recipient];
    const after = [next.recipient, recovery.recipient];
    const envelopes: Uint8Array[] = [];
    for (let n = 0; n < count; n++) {
      const wrappedKeys = await wrapSessionKey(randomBytes(32), before);
      envelopes.push(makeEnvelope({ wrappedKeys, salt: randomBytes(32), chunkOctet: 14, bodyBytes: 10_000_000 }));
    }

    // Without the fields that let our own code at it, the same functions go through OpenPGP.js.
    const slow = {
      opening: { ...old.opening, x25519: [] },
      recipients: after.map((one) => ({ ...one, x25519: null })),
    };
    const perSecond = async (work: (envelope: Uint8Array) => Promise<unknown>, some: readonly Uint8Array[]) => {
      const began = performance.now();
      for (const envelope of some) await work(envelope);
      return some.length / ((performance.now() - began) / 1000);
    };
    const cpu = await interleaved(options, {
      ours: () => perSecond((one) => rewrapEnvelope(one, [old.opening], after), envelopes),
      // A tenth is enough for a rate: it would take half a minute otherwise.
      openpgp: () =>
        perSecond((one) => rewrapEnvelope(one, [slow.opening], slow.recipients), envelopes.slice(0, count / 10)),
    });

    const wholeJob: number[] = [];
    const postgres = await startEmbeddedPostgres({ folder: join(folder, 'postgres') });
    try {
      const urls = await createDatabase(postgres, { owner: 'test-only', server: 'test-only' }, 'bench');
      await migrate(urls.owner);
      const database = openDatabase({ url: urls.server, clock: () => new Date(), maxConnections: 4 });
      await ensureSchool(database);
      const objects = new DiskStore({ folder: join(folder, 'objects') });
      const epochKey = randomBytes(32);
      const keyring = (recipients: typeof after): Keyring => ({
        recipients,
        openingKeys: [old.opening, next.opening],
        verifyingKeys: [],
        known: [],
        epochs: [{ epoch: 1, key: epochKey, since: null }],
        destroyEpoch: async () => {},
        refresh: async () => {},
      });
      const [there, back] = [keyring(after), keyring(before)];
      for (let from = 0; from < count; from += 1_000) {
        await database.read.sealedObject.createMany({
          data: envelopes.slice(from, from + 1_000).map((envelope) => ({
            bodyKey: `recordings/${randomUUID()}/${randomUUID()}/body`,
            envelope: Uint8Array.from(envelope),
            salt: Uint8Array.from(envelope.subarray(-32)),
            chunkOctet: 14,
            framing: 'definite',
            bodyBytes: 10_000_000,
            bodySha256: '',
            envelopeSha256: randomUUID(),
            mediaBytes: 9_999_000,
            mediaSha256: '',
            commitment: '',
            recipients: wantedRecipients(back),
          })),
        });
      }
      for (let run = 0; run < options.runs; run++) {
        const target = run % 2 === 0 ? there : back;
        const outside = { database, objects, keyring: target, clock: () => new Date() };
        const began = performance.now();
        // A run of the job gives way after a minute, and the queue starts the next.
        while ((await countOutdated(database, wantedOf(target))) > 0)
          await rewrapEnvelopes(outside, new AbortController().signal);
        wholeJob.push(count / ((performance.now() - began) / 1000));
        say(`  run ${run + 1}: job ${wholeJob.at(-1)!.toFixed(1)}`);
      }
      await database.close();
    } finally {
      await postgres.stop();
    }
    const row = (name: string, value: number): Row => ({
      name,
      value,
      unit: 'envelopes/s',
      peer: 'OpenPGP.js, the cryptography alone',
      peerValue: cpu.openpgp,
      ratio: cpu.openpgp === null ? null : value / cpu.openpgp,
      bar: `≥ ${leastPerSecond} envelopes/s per core`,
      ok: value >= leastPerSecond,
    });
    return [
      row('(e) rewrap for two X25519 keys, cryptography, one core', cpu.ours!),
      row(`(e) rewrap ${count} in PostgreSQL and the disk store, the whole job`, median(wholeJob)),
    ];
  },
};
