import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeSignerKey, type NoteSigner, parseSignerKey } from '../audit/signed-note.ts';
import type { Config } from './env.ts';

/** Encrypts secrets of authenticators and signs challenges of passkeys. Never logged. @throws Error that says which file or setting is missing and which command makes it. */
export async function loadAuthSecret(config: Config): Promise<string> {
  const secret = config.AUTH_SECRET ?? (await readIfThere(join(config.EMANET_HOME, 'secrets/auth')));
  if (secret === undefined)
    throw new Error('There is no secret for sessions. Make one with `npm run setup`, or set AUTH_SECRET_FILE.');
  return secret;
}

/** Signs checkpoints of the log. Never logged. @throws Error as {@link loadAuthSecret}. */
export async function loadLogSigner(config: Config): Promise<NoteSigner> {
  const key = config.AUDIT_LOG_KEY ?? (await readIfThere(join(config.EMANET_HOME, 'secrets', logKeyName)));
  if (key === undefined)
    throw new Error('There is no key for the log. Make one with `npm run setup`, or set AUDIT_LOG_KEY_FILE.');
  return parseSignerKey(key);
}

const logKeyName = 'log-key';

/**
 * The key that signs the log, made once. It also names the log (its origin), for ever: the host of BASE_URL at that
 * time and something random, so that no two logs have the same name.
 */
export async function ensureLogKey(home: string, baseUrl: string | undefined): Promise<void> {
  const host = baseUrl === undefined ? 'localhost' : new URL(baseUrl).hostname;
  const name = `${host}/emanet-${randomBytes(4).toString('hex')}`;
  const { privateKey } = generateKeyPairSync('ed25519');
  await ensureSecret(home, logKeyName, () => encodeSignerKey({ name, privateKey }));
}

/** One passphrase for the private keys of the vault, the current, the prepared and the former ones. */
export async function readVaultPassphrase(config: Config): Promise<string | undefined> {
  return config.VAULT_KEY_PASSPHRASE ?? (await readIfThere(join(config.EMANET_HOME, 'secrets/vault-passphrase')));
}

export function keyFiles(home: string) {
  return {
    vaultPrivate: join(home, 'keys/vault.private.asc'),
    vaultPublic: join(home, 'keys/vault.public.asc'),
    recoveryPrivate: join(home, 'keys/recovery.private.asc'),
    recoveryPublic: join(home, 'keys/recovery.public.asc'),
    recoveryPassphrase: join(home, 'keys/recovery.passphrase.txt'),
  };
}

/** A random secret that is made once and then stays. */
export async function ensureSecret(
  home: string,
  name: string,
  make = () => randomBytes(32).toString('base64url'),
): Promise<string> {
  const folder = join(home, 'secrets');
  const file = join(folder, name);
  const there = await readIfThere(file);
  if (there !== undefined) return there;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const value = make();
  await writeFile(file, `${value}\n`, { mode: 0o600, flag: 'wx' });
  return value;
}

export async function ensurePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
}

export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
