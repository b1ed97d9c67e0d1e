import type { Config } from '../config/env.ts';
import { readVaultPassphrase } from '../config/secrets.ts';
import type { Keyring, KnownKey } from '../pipeline/ports/keyring.ts';
import {
  describeKey,
  type OpeningKey,
  parsePrivateKey,
  parsePublicKey,
  parseVerifyingKey,
  type RecipientKey,
  splitArmored,
  type VerifyingKey,
} from '../vault/keyring.ts';
import { destroyEpochFile, type KeptEpoch, readEpochs, stampEpochs } from './epoch-folder.ts';
import { type KeyFile, readKeyFolder, stampKeyFolder } from './key-folder.ts';

/** Maximum time until a running process notices a change of the files. */
export const keysNoticedMs = 2_000;

type KeySet = Omit<Keyring, 'refresh' | 'destroyEpoch'>;

/**
 * The keyring of a process. Keys from files are reloaded when the files change; keys from the environment stay. If a
 * reload fails, the previous keys stay in force and `onFault` is called, once per change.
 * @throws KeyRefused or Error if the first load fails.
 */
export async function openKeyring(
  config: Config,
  onFault: (error: unknown) => void,
): Promise<Keyring & { close(): void }> {
  const unlocked = new Map<string, OpeningKey>();
  const given = [config.VAULT_PRIVATE_KEY, config.RECOVERY_PUBLIC_KEY, config.EPOCH_KEYS];
  const isFromFiles = given.includes(undefined);
  const home = config.EMANET_HOME;
  const stampAll = async () => `${await stampKeyFolder(home)}\n${await stampEpochs(home)}`;
  let stamp = await stampAll();
  let set = await readKeySet(config, unlocked);
  let looking: Promise<void> = Promise.resolve();
  let waiting = 0;
  const look = async () => {
    if (!isFromFiles) return;
    const now = await stampAll();
    if (now === stamp) return;
    stamp = now;
    set = await readKeySet(config, unlocked);
  };
  // One after the other: a check that began before a change does not see it.
  const refresh = () => {
    waiting += 1;
    looking = looking
      .catch(() => {}) // its own caller handles it
      .then(look)
      .finally(() => {
        waiting -= 1;
      });
    return looking;
  };
  const timer = setInterval(() => {
    if (waiting === 0) void refresh().catch(onFault);
  }, keysNoticedMs);
  timer.unref();
  return {
    get recipients() {
      return set.recipients;
    },
    get openingKeys() {
      return set.openingKeys;
    },
    get verifyingKeys() {
      return set.verifyingKeys;
    },
    get known() {
      return set.known;
    },
    get epochs() {
      return set.epochs;
    },
    refresh,
    async destroyEpoch(epoch) {
      await destroyEpochFile(home, epoch);
      await refresh();
    },
    close: () => clearInterval(timer),
  };
}

/** Keys given by the environment replace the files of their role. */
async function listKeyFiles(config: Config): Promise<KeyFile[]> {
  const files = await readKeyFolder(config.EMANET_HOME);
  const given = (role: KeyFile['role'], text: string | undefined): KeyFile[] =>
    text === undefined
      ? files.filter((file) => file.role === role)
      : splitArmored(text).map((block, index) => {
          const state = role === 'vault' && index > 0 ? 'former' : 'current';
          return { role, state, path: 'environment', text: block };
        });
  return [...given('vault', config.VAULT_PRIVATE_KEY), ...given('recovery', config.RECOVERY_PUBLIC_KEY)];
}

/** `unlocked` caches private keys by their armored text: unlocking one takes half a second. */
async function readKeySet(config: Config, unlocked: Map<string, OpeningKey>): Promise<KeySet> {
  const passphrase = await readVaultPassphrase(config);
  const recipients: RecipientKey[] = [];
  const openingKeys: OpeningKey[] = [];
  const verifyingKeys: VerifyingKey[] = [];
  const known: KnownKey[] = [];
  for (const { role, state, text } of await listKeyFiles(config)) {
    for (const block of splitArmored(text)) {
      const verifying = await parseVerifyingKey(block);
      const { fingerprint } = verifying;
      // In the middle of a rotation a key is in two places: the first one counts.
      if (known.some((key) => key.role === role && key.fingerprint === fingerprint)) continue;
      known.push({ role, state, fingerprint, ...describeKey(verifying) });
      if (state === 'current') recipients.push(await parsePublicKey(block));
      if (role === 'recovery') continue;
      verifyingKeys.push(verifying);
      if (state === 'retired') continue;
      const key = unlocked.get(block) ?? (await parsePrivateKey(block, passphrase));
      unlocked.set(block, key);
      openingKeys.push(key);
    }
  }
  if (!known.some(({ role, state }) => role === 'vault' && state === 'current'))
    throw new Error('There is no vault key. Make one with `npm run setup`, or set VAULT_PRIVATE_KEY_FILE.');
  const epochs: KeptEpoch[] = await readEpochs(config);
  if (epochs.length === 0)
    throw new Error('There is no epoch key. Make one with `npm run setup`, or set EPOCH_KEYS_FILE.');
  for (const [block, key] of unlocked) if (!openingKeys.includes(key)) unlocked.delete(block);
  return { recipients, openingKeys, verifyingKeys, known, epochs };
}
