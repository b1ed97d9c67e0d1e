import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../adapters/prisma/database.ts';
import { prepare } from '../assembly/first-start.ts';
import { loadConfig } from '../config/env.ts';
import { readVaultPassphrase } from '../config/secrets.ts';
import { mustHave } from '../domain/must-have.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import {
  generateKeys,
  importKeys,
  type KeyKeeping,
  KeyOperationRefused,
  newEpoch,
  retireKey,
  rotateKeys,
} from '../keys/key-keeping.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { getRotation } from '../pipeline/keys/get-rotation.ts';
import { listKeys } from '../pipeline/keys/list-keys.ts';
import { KeyRefused } from '../vault/errors.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatTime, table } from './format.ts';

/** Commands that need no server: they work on EMANET_HOME and the database. Exit status 1 when refused. */
export function keyCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.keys;
  const keys = cli.program.command('keys').description(t.keys);

  const withKeys = async (changes: 'keys' | 'epochs' | null, work: (keeping: KeyKeeping) => Promise<void>) => {
    const home = resolve(terminal.env.EMANET_HOME || join(import.meta.dirname, '../../.emanet'));
    const config = loadConfig({ ...terminal.env, EMANET_HOME: home });
    const isFromEnvironment = config.VAULT_PRIVATE_KEY !== undefined;
    if (!isFromEnvironment && (await readKeyFolder(home)).length === 0) throw new UsageError(fill(t.noKeys, { home }));
    if (changes === 'keys' && isFromEnvironment) throw new UsageError(t.fromEnvironment);
    if (changes === 'epochs' && config.EPOCH_KEYS !== undefined) throw new UsageError(t.epochsFromEnvironment);
    const prepared = await prepare(config);
    const url = mustHave(prepared.config.DATABASE_URL, 'DATABASE_URL');
    const database = openDatabase({ url, clock: () => new Date(), maxConnections: 2 });
    const keyring = await openKeyring(prepared.config, (error) => cli.tell(String(error)));
    try {
      await work({ home, passphrase: await readVaultPassphrase(config), outside: { database, keyring } });
    } catch (error) {
      const why = reasonOf(error);
      if (why === null) throw error;
      terminal.stderr.write(cli.isJson() ? `${JSON.stringify({ error: why }, null, 2)}\n` : `${why.message}\n`);
      cli.setExitCode(exitCodes.refused);
    } finally {
      keyring.close();
      await database.close();
      if (!prepared.isJoined) await prepared.stop();
    }
  };
  const reasonOf = (error: unknown) => {
    if (error instanceof KeyRefused) return { code: error.code, message: error.message };
    if (!(error instanceof KeyOperationRefused)) return null;
    return {
      code: error.code,
      message: fill(textsIn(language).cli.keys.refusals[error.code], { count: error.count }),
      count: error.count,
    };
  };
  const roleOf = (options: { recovery?: true }) => (options.recovery ? 'recovery' : 'vault');

  keys
    .command('list', { isDefault: true })
    .description(t.list)
    .action(() =>
      withKeys(null, async ({ outside }) =>
        cli.show(await listKeys(outside), ({ items, rotation }) =>
          [
            table(
              [t.Role, t.State, t.Version, t.Created, t.Envelopes, t.Fingerprint],
              items.map((key) => [
                key.role,
                key.state,
                `v${key.version}`,
                formatTime(key.createdAt.toISOString()),
                String(key.envelopes),
                key.fingerprint,
              ]),
            ),
            '',
            fill(t.rotation, { left: rotation.left }),
            ...(rotation.run?.failed ? [fill(t.unopened, { failed: rotation.run.failed })] : []),
          ].join('\n'),
        ),
      ),
    );
  keys
    .command('generate')
    .description(t.generate)
    .option('--v6', t.v6)
    .option('--recovery', t.recovery)
    .action((options: { v6?: true; recovery?: true }) =>
      withKeys('keys', async (keeping) => {
        const made = await generateKeys(keeping, { role: roleOf(options), version: options.v6 ? 6 : 4 });
        cli.show(made, ({ fingerprint, passphrase, file }) =>
          [
            fill(t.prepared, { fingerprint }),
            ...(passphrase !== null && file !== null ? [fill(t.paper, { passphrase, file })] : []),
          ].join('\n'),
        );
      }),
    );
  keys
    .command('import <file>')
    .description(t.import)
    .option('--recovery', t.recovery)
    .option('--passphrase-file <file>', t.passphraseFile)
    .action((file: string, options: { recovery?: true; passphraseFile?: string }) =>
      withKeys('keys', async (keeping) => {
        const passphrase = options.passphraseFile && (await readFile(options.passphraseFile, 'utf8')).trim();
        const found = await importKeys(keeping, { role: roleOf(options), file, ...(passphrase ? { passphrase } : {}) });
        cli.show({ fingerprints: found }, () => fill(t.prepared, { fingerprint: found.join(', ') }));
      }),
    );
  keys
    .command('rotate')
    .description(t.rotate)
    .option('--wait', t.wait)
    .action((options: { wait?: true }) =>
      withKeys('keys', async (keeping) => {
        const { current } = await rotateKeys(keeping);
        let rotation = await getRotation(keeping.outside);
        // Envelopes that no key opens stay: waiting for them would never end.
        while (
          options.wait &&
          rotation.left > 0 &&
          !(rotation.run?.finishedAt && rotation.run.failed >= rotation.left)
        ) {
          cli.tell(fill(t.left, { left: rotation.left }));
          await wait(1_000);
          rotation = await getRotation(keeping.outside);
        }
        cli.show({ current, ...rotation }, ({ left }) => fill(t.rotated, { current: current.join(', '), left }));
        if (options.wait && rotation.left > 0) cli.setExitCode(exitCodes.refused);
      }),
    );
  keys
    .command('new-epoch')
    .description(t.newEpoch)
    .action(() =>
      withKeys('epochs', async (keeping) => {
        const { epoch } = await newEpoch(keeping);
        const { left } = await getRotation(keeping.outside);
        cli.show({ epoch, left }, () => fill(t.begun, { epoch, left }));
      }),
    );
  keys
    .command('retire <fingerprint>')
    .description(t.retire)
    .action((fingerprint: string) =>
      withKeys('keys', async (keeping) => {
        await retireKey(keeping, fingerprint.toLowerCase());
        cli.show({ fingerprint, state: 'retired' }, () => fill(t.retired, { fingerprint }));
      }),
    );
}
