import { join } from 'node:path';
import type { Config } from '../config/env.ts';
import { ensureLogKey, ensurePrivateFolder, ensureSecret, keyFiles, readIfThere } from '../config/secrets.ts';
import type { FreshRecoveryKey } from '../pipeline/ports/school-keys.ts';
import { generateVaultKey } from '../vault/keyring.ts';
import { ensureEpoch } from './epoch-folder.ts';
import { makePaperPassphrase, passphraseSheet, writeKeyFile } from './key-folder.ts';

/** Key and passphrase are to be taken away, to two different places. The passphrase is shown once and never logged. */
export interface NewRecoveryKey {
  readonly file: string;
  readonly passphraseFile: string;
  readonly passphrase: string;
}

/**
 * What a school keeps for itself in EMANET_HOME: the key of its log, those of its epochs and its vault. Safe to repeat.
 * `recoveryKey`: the public half of the one that the school has already; without it one is made, and both of its halves are
 * written, to be taken away.
 */
export async function ensureKeysOfSchool(config: Config, recoveryKey?: string): Promise<NewRecoveryKey | null> {
  const home = config.EMANET_HOME;
  await ensurePrivateFolder(home);
  if (config.AUDIT_LOG_KEY === undefined) await ensureLogKey(home, config.BASE_URL);
  if (config.EPOCH_KEYS === undefined) await ensureEpoch(home);
  return config.VAULT_PRIVATE_KEY === undefined ? ensureKeys(home, config.VAULT_KEY_PASSPHRASE, recoveryKey) : null;
}

async function ensureKeys(
  home: string,
  chosen: string | undefined,
  recoveryKey: string | undefined,
): Promise<NewRecoveryKey | null> {
  const files = keyFiles(home);
  if ((await readIfThere(files.vaultPrivate)) !== undefined) return null;
  await ensurePrivateFolder(join(home, 'keys'));
  const passphrase = chosen ?? (await ensureSecret(home, 'vault-passphrase'));
  const vault = await generateVaultKey({ name: 'Emanet vault', passphrase });
  const made = recoveryKey === undefined ? await makeRecoveryKey() : null;
  if (made !== null) {
    await writeKeyFile(files.recoveryPassphrase, passphraseSheet(made.passphrase));
    await writeKeyFile(files.recoveryPrivate, made.privateKey);
  }
  await writeKeyFile(files.recoveryPublic, made?.publicKey ?? recoveryKey ?? '');
  await writeKeyFile(files.vaultPublic, vault.publicKeyArmored);
  // Last: its presence means that all of them exist.
  await writeKeyFile(files.vaultPrivate, vault.privateKeyArmored);
  if (made === null) return null;
  return { file: files.recoveryPrivate, passphraseFile: files.recoveryPassphrase, passphrase: made.passphrase };
}

/** Kept nowhere: its owner takes it away. */
export async function makeRecoveryKey(): Promise<FreshRecoveryKey> {
  const passphrase = makePaperPassphrase();
  const { fingerprint, publicKeyArmored, privateKeyArmored } = await generateVaultKey({
    name: 'Emanet recovery',
    passphrase,
  });
  return { fingerprint, publicKey: publicKeyArmored, privateKey: privateKeyArmored, passphrase };
}
