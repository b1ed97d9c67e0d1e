import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '../adapters/prisma/database.ts';
import { prepare } from '../assembly/first-start.ts';
import { loadConfig } from '../config/env.ts';
import { readVaultPassphrase } from '../config/secrets.ts';
import { readKeyFolder } from '../keys/key-folder.ts';
import {
  generateKeys,
  importKeys,
  type KeyKeeping,
  KeyOperationRefused,
  type KeyRefusalCode,
  newEpoch,
  retireKey,
  rotateKeys,
} from '../keys/key-keeping.ts';
import { openKeyring } from '../keys/live-keyring.ts';
import { getRotation } from '../pipeline/keys/get-rotation.ts';
import { listKeys } from '../pipeline/keys/list-keys.ts';
import { KeyRefused } from '../vault/errors.ts';
import { type CommandLine, exitCodes, UsageError } from './command-line.ts';
import { formatTime, table } from './format.ts';
import { fill, pick } from './language.ts';

const words = {
  keys: { en: 'the vault’s keys, on the server’s own machine', tr: 'kasanın anahtarları, sunucunun kendi makinesinde' },
  list: { en: 'every key and what is wrapped for it', tr: 'bütün anahtarlar ve onlara sarılı olanlar' },
  generate: { en: 'prepare a new key', tr: 'yeni bir anahtar hazırla' },
  import: { en: 'prepare a key that was made elsewhere', tr: 'başka yerde üretilmiş bir anahtarı hazırla' },
  rotate: {
    en: 'put what is prepared in force and wrap every envelope for it',
    tr: 'hazırlananı yürürlüğe koy ve bütün zarfları ona sar',
  },
  retire: { en: 'take a former key out of use', tr: 'eski bir anahtarı kullanımdan kaldır' },
  newEpoch: {
    en: 'lock the envelopes in the database anew, so that older backups of it open nothing',
    tr: 'veritabanındaki zarfları yeniden kilitle; eski yedekleri artık bir şey açmaz',
  },
  epochsFromEnvironment: {
    en: 'The epoch keys come from the environment (EPOCH_KEYS): add a line with the next number there and restart.',
    tr: 'Dönem anahtarları ortamdan geliyor (EPOCH_KEYS): oraya bir sonraki numarayla bir satır ekleyip yeniden başlatın.',
  },
  begun: {
    en: 'Epoch {epoch} has begun. Left to lock: {left}. The server does it in the background; the key of before is destroyed when nothing is left, in ten minutes at the earliest.',
    tr: '{epoch}. dönem başladı. Kilitlenecek: {left}. Sunucu bunu arka planda yapar; eski anahtar hiçbir şey kalmayınca, en erken on dakika sonra yok edilir.',
  },
  v6: { en: 'an OpenPGP key of version 6', tr: 'sürüm 6 bir OpenPGP anahtarı' },
  recovery: { en: 'a recovery key', tr: 'kurtarma anahtarı' },
  passphraseFile: { en: 'file with the passphrase of the key', tr: 'anahtarın parolasını içeren dosya' },
  wait: { en: 'wait until nothing is left', tr: 'hiçbir şey kalmayana kadar bekle' },
  noKeys: {
    en: 'There are no keys in {home}. These commands work on the server’s own machine: set EMANET_HOME, or begin with `npm run setup`.',
    tr: '{home} klasöründe anahtar yok. Bu komutlar sunucunun kendi makinesinde çalışır: EMANET_HOME ayarlayın ya da `npm run setup` ile başlayın.',
  },
  fromEnvironment: {
    en: 'The keys come from the environment (VAULT_PRIVATE_KEY, RECOVERY_PUBLIC_KEY): change them there, the first block is the current one.',
    tr: 'Anahtarlar ortamdan geliyor (VAULT_PRIVATE_KEY, RECOVERY_PUBLIC_KEY): orada değiştirin, ilk blok geçerli olandır.',
  },
  prepared: {
    en: 'Prepared: {fingerprint}. It is in force after: emanet keys rotate',
    tr: 'Hazırlandı: {fingerprint}. Yürürlüğe koymak için: emanet keys rotate',
  },
  paper: {
    en: 'Its passphrase, for paper (shown this once): {passphrase}\nTake {file} away; keep key and paper in different places.',
    tr: 'Parolası, kâğıda yazın (bir kez gösterilir): {passphrase}\n{file} dosyasını götürün; anahtarı ve kâğıdı ayrı yerlerde saklayın.',
  },
  rotated: {
    en: 'In force now: {current}. Left to wrap: {left}. The server does it in the background.',
    tr: 'Şimdi yürürlükte: {current}. Sarılacak: {left}. Sunucu bunu arka planda yapar.',
  },
  left: { en: 'left: {left}', tr: 'kalan: {left}' },
  retired: {
    en: '{fingerprint} is retired; its file is in keys/retired.',
    tr: '{fingerprint} emekliye ayrıldı; dosyası keys/retired içinde.',
  },
  rotation: { en: 'Left to wrap for the current keys: {left}', tr: 'Geçerli anahtarlara sarılacak: {left}' },
  unopened: { en: 'No key opens: {failed}', tr: 'Hiçbir anahtarın açmadığı: {failed}' },
  Role: { en: 'Role', tr: 'Görev' },
  State: { en: 'State', tr: 'Durum' },
  Version: { en: 'Version', tr: 'Sürüm' },
  Created: { en: 'Created', tr: 'Üretildi' },
  Envelopes: { en: 'Envelopes', tr: 'Zarf' },
  Fingerprint: { en: 'Fingerprint', tr: 'Parmak izi' },
};

const refusals: Readonly<Record<KeyRefusalCode, { en: string; tr: string }>> = {
  NOTHING_PREPARED: {
    en: 'Nothing is prepared. First: emanet keys generate',
    tr: 'Hazırlanmış anahtar yok. Önce: emanet keys generate',
  },
  ALREADY_PREPARED: {
    en: 'A key is prepared already. Put it in force with: emanet keys rotate',
    tr: 'Zaten hazırlanmış bir anahtar var. Yürürlüğe koymak için: emanet keys rotate',
  },
  NO_SUCH_KEY: { en: 'There is no such key.', tr: 'Böyle bir anahtar yok.' },
  NOT_FORMER: { en: 'Only a former key can be retired.', tr: 'Yalnız eski bir anahtar emekliye ayrılabilir.' },
  STILL_WRAPPED: {
    en: '{count} envelopes or unfinished uploads are still wrapped for it.',
    tr: 'Hâlâ ona sarılı {count} zarf ya da bitmemiş yükleme var.',
  },
  TOO_EARLY: {
    en: 'Uploads that ran during the rotation may still need it: try again in {count} seconds.',
    tr: 'Değişim sırasında süren yüklemelerin ona ihtiyacı olabilir: {count} saniye sonra yeniden deneyin.',
  },
  NO_PASSPHRASE: {
    en: 'There is no passphrase for private keys: set VAULT_KEY_PASSPHRASE or secrets/vault-passphrase.',
    tr: 'Gizli anahtarlar için parola yok: VAULT_KEY_PASSPHRASE ya da secrets/vault-passphrase ayarlayın.',
  },
};

/** Commands that need no server: they work on EMANET_HOME and the database. Exit status 1 when refused. */
export function keyCommands(cli: CommandLine): void {
  const { language, terminal } = cli;
  const t = pick(words, language);
  const keys = cli.program.command('keys').description(t.keys);

  const withKeys = async (changes: 'keys' | 'epochs' | null, work: (keeping: KeyKeeping) => Promise<void>) => {
    const home = resolve(terminal.env.EMANET_HOME || join(import.meta.dirname, '../../.emanet'));
    const config = loadConfig({ ...terminal.env, EMANET_HOME: home });
    const isFromEnvironment = config.VAULT_PRIVATE_KEY !== undefined;
    if (!isFromEnvironment && (await readKeyFolder(home)).length === 0) throw new UsageError(fill(t.noKeys, { home }));
    if (changes === 'keys' && isFromEnvironment) throw new UsageError(t.fromEnvironment);
    if (changes === 'epochs' && config.EPOCH_KEYS !== undefined) throw new UsageError(t.epochsFromEnvironment);
    const prepared = await prepare(config);
    const database = openDatabase({ url: prepared.config.DATABASE_URL!, clock: () => new Date(), maxConnections: 2 });
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
      message: fill(refusals[error.code][language], { count: error.count }),
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
        // What no key opens stays: waiting for it would never end.
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
