import { createHash } from 'node:crypto';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { canonicalJson } from '../audit/canonical-json.ts';
import type { Config } from '../config/env.ts';
import { ensurePrivateFolder, loadAuthSecret, readIfThere, readVaultPassphrase } from '../config/secrets.ts';
import type { Id } from '../domain/ids.ts';
import { number, object, record, text } from '../domain/json.ts';
import { BackupRefused } from '../pipeline/backup/refusal.ts';
import { openSmall, sealSmall } from '../pipeline/core/sealed-message.ts';
import {
  generateVaultKey,
  type OpeningKey,
  parsePublicKey,
  parseVerifyingKey,
  type RecipientKey,
  splitArmored,
} from '../vault/keyring.ts';
import { parseEpochKeys } from './epoch-folder.ts';
import { makePaperPassphrase, passphraseSheet, writeKeyFile } from './key-folder.ts';

/** EMANET_HOME/keys: backups are sealed for the public half; private half and passphrase are taken away. */
export function backupKeyFiles(home: string) {
  return {
    publicKey: join(home, 'keys/backup.public.asc'),
    privateKey: join(home, 'keys/backup.private.asc'),
    passphrase: join(home, 'keys/backup.passphrase.txt'),
  };
}

/** Whom backups are for, one or several. @throws BackupRefused `NO_BACKUP_KEY`. */
export async function readBackupKeys(home: string): Promise<RecipientKey[]> {
  const keys = await readPublicKeys(backupKeyFiles(home).publicKey);
  if (keys.length === 0) throw new BackupRefused('NO_BACKUP_KEY');
  return keys;
}

/** The backup key of another installation. @throws BackupRefused `NO_KEYS_FILE`. */
export async function readForeignKeys(file: string): Promise<RecipientKey[]> {
  const keys = await readPublicKeys(file);
  if (keys.length === 0) throw new BackupRefused('NO_KEYS_FILE', { file });
  return keys;
}

/** One below the other; none without the file. */
async function readPublicKeys(file: string): Promise<RecipientKey[]> {
  const armored = (await readIfThere(file)) ?? '';
  const keys: RecipientKey[] = [];
  for (const block of splitArmored(armored)) keys.push(await parsePublicKey(block));
  return keys;
}

/** @throws BackupRefused `KEYS_DIFFER` when there is one: what was sealed for it needs it. */
export async function makeBackupKey(home: string, version: 4 | 6) {
  const files = backupKeyFiles(home);
  if ((await readIfThere(files.publicKey)) !== undefined)
    throw new BackupRefused('KEYS_DIFFER', { file: files.publicKey });
  const passphrase = makePaperPassphrase();
  const pair = await generateVaultKey({ name: 'Emanet backup', version, passphrase });
  await writeKeyFile(files.passphrase, passphraseSheet(passphrase));
  await writeKeyFile(files.privateKey, pair.privateKeyArmored);
  await writeKeyFile(files.publicKey, pair.publicKeyArmored);
  return { ...files, fingerprint: pair.fingerprint, secret: passphrase };
}

/** In a folder with the keys of several schools, the file of one; null: of the first, whose id is not known before. */
export const keysArchiveOf = (school: Id | null): string => `${school ?? 'first'}.pgp`;

/** `school`: another one than the first; not there: the first one. `id`: whichever it is; not there: a version before wrote it. */
const readArchive = object({ kind: text, v: number, at: text, files: record(text) }, { school: text, id: text });
const kind = 'emanet.keys';

/** What belongs into it, and where it is put: no name leads out of the folder. */
const isKeyName = (name: string) =>
  /^(keys\/((next|former|retired)\/)?[0-9a-z][0-9a-z.-]*\.asc|secrets\/(auth|log-key|vault-passphrase)|secrets\/epoch\/[1-9]\d{0,9}\.key)$/.test(
    name,
  ) && !name.includes('..');
/** Taken away by people, to be apart from what they open. */
const isTakenAway = (name: string) => /(recovery|backup)\.private\.asc$/.test(name);

/**
 * Every key and secret that a restored school needs, whether it comes from a file or from the environment, by the name of its
 * file in EMANET_HOME. Not the halves that were taken away, and not the passwords of the embedded database.
 */
export async function readKeyFiles(config: Config, { isFirst = true } = {}): Promise<Readonly<Record<string, string>>> {
  const home = config.EMANET_HOME;
  const files: Record<string, string> = {};
  for (const folder of ['keys', 'keys/next', 'keys/former', 'keys/retired', 'secrets', 'secrets/epoch'])
    for (const name of await namesIn(join(home, folder))) {
      const path = `${folder}/${name}`;
      const held = isKeyName(path) && !isTakenAway(path) ? await readIfThere(join(home, path)) : undefined;
      if (held !== undefined) files[path] = held;
    }
  for (const [index, block] of splitArmored(config.VAULT_PRIVATE_KEY ?? '').entries()) {
    const { fingerprint } = await parseVerifyingKey(block);
    files[index === 0 ? 'keys/vault.private.asc' : `keys/former/${fingerprint}.private.asc`] = block;
  }
  if (config.RECOVERY_PUBLIC_KEY !== undefined) files['keys/recovery.public.asc'] = config.RECOVERY_PUBLIC_KEY;
  if (config.EPOCH_KEYS !== undefined)
    for (const { epoch, key } of parseEpochKeys(config.EPOCH_KEYS))
      files[`secrets/epoch/${epoch}.key`] = Buffer.from(key).toString('base64url');
  // Another school than the first has none of its own: it is the installation's.
  if (isFirst) files['secrets/auth'] = await loadAuthSecret(config);
  if (config.AUDIT_LOG_KEY !== undefined) files['secrets/log-key'] = config.AUDIT_LOG_KEY;
  const passphrase = await readVaultPassphrase(config);
  if (passphrase !== undefined) files['secrets/vault-passphrase'] = passphrase;
  return files;
}

/** Tells that keys changed, not what they are. */
export function digestKeys(files: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(canonicalJson(files)).digest('hex');
}

/** One file, sealed for the backup key alone. Written whole or not at all; it replaces the one before. */
export async function writeKeysArchive(
  path: string,
  files: Readonly<Record<string, string>>,
  {
    at,
    recipients,
    id,
    school = null,
  }: {
    readonly at: Date;
    readonly recipients: readonly RecipientKey[];
    readonly id?: Id;
    readonly school?: Id | null;
  },
): Promise<void> {
  const of = { ...(school === null ? {} : { school }), ...(id === undefined ? {} : { id }) };
  const held = canonicalJson({ kind, v: 1, at: at.toISOString(), files, ...of });
  const unfinished = `${path}.part`;
  await writeFile(unfinished, await sealSmall(Buffer.from(held, 'utf8'), recipients), { mode: 0o600, flush: true });
  await rename(unfinished, path);
}

/** @throws VaultCorrupt, KeyRefused; BackupRefused `UNKNOWN_FORM`. */
export async function openKeysArchive(message: Uint8Array, keys: readonly OpeningKey[]) {
  const { files, ...archive } = readArchive(JSON.parse((await openSmall(message, keys)).toString('utf8')));
  const unknown = Object.keys(files).find((name) => !isKeyName(name));
  if (archive.kind !== kind || archive.v !== 1 || unknown !== undefined)
    throw new BackupRefused('UNKNOWN_FORM', { id: unknown ?? archive.kind });
  return { at: archive.at, school: archive.school ?? null, id: archive.id ?? archive.school ?? null, files };
}

/**
 * Puts the keys where the server looks for them. What is there and the same stays; the vault's key comes last, for its presence
 * means that all of them are there.
 * @throws BackupRefused `KEYS_DIFFER` before anything is written, when another file is there already.
 */
export async function putKeyFiles(home: string, files: Readonly<Record<string, string>>): Promise<{ written: number }> {
  const missing: [string, string][] = [];
  for (const [name, held] of Object.entries(files)) {
    const there = await readIfThere(join(home, name));
    if (there === undefined) missing.push([name, held]);
    else if (there !== held.trim()) throw new BackupRefused('KEYS_DIFFER', { file: join(home, name) });
  }
  const last = (name: string) => Number(name === 'keys/vault.private.asc');
  for (const [name, held] of missing.toSorted(([a], [b]) => last(a) - last(b))) {
    await ensurePrivateFolder(dirname(join(home, name)));
    await writeKeyFile(join(home, name), `${held.trim()}\n`);
  }
  return { written: missing.length };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
