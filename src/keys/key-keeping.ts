import { readFile, rename, rm, stat } from 'node:fs/promises';
import { ensurePrivateFolder, readIfThere } from '../config/secrets.ts';
import type { AuditEvent, AuditPayloads } from '../domain/audit-event.ts';
import { mustHave } from '../domain/must-have.ts';
import { currentEpoch } from '../pipeline/core/envelope-lock.ts';
import { countWrappedFor } from '../pipeline/keys/outdated.ts';
import type { Caller } from '../pipeline/ports/caller.ts';
import type { Outside } from '../pipeline/ports/outside.ts';
import {
  generateVaultKey,
  lockPrivateKey,
  parsePrivateKey,
  parsePublicKey,
  parseVerifyingKey,
  splitArmored,
} from '../vault/keyring.ts';
import { writeEpoch } from './epoch-folder.ts';
import {
  type KeyRole,
  keyPath,
  makePaperPassphrase,
  passphraseSheet,
  readKeyFolder,
  writeKeyFile,
} from './key-folder.ts';

/** Why a key operation was refused. */
export type KeyRefusalCode =
  | 'NOTHING_PREPARED'
  | 'ALREADY_PREPARED'
  | 'NO_SUCH_KEY'
  | 'NOT_FORMER'
  | 'STILL_WRAPPED'
  | 'TOO_EARLY'
  | 'NO_PASSPHRASE';

export class KeyOperationRefused extends Error {
  override readonly name = 'KeyOperationRefused';
  readonly code: KeyRefusalCode;
  /** `STILL_WRAPPED`: how many envelopes are left. `TOO_EARLY`: how many seconds. */
  readonly count: number;

  constructor(code: KeyRefusalCode, count = 0) {
    super(code);
    this.code = code;
    this.count = count;
  }
}

/** The objects of key keeping: the folder, the passphrase of the vault's private keys, and the log. */
export interface KeyKeeping {
  readonly home: string;
  readonly passphrase: string | undefined;
  readonly outside: Pick<Outside, 'database' | 'keyring'>;
  /** How long a process may still use the previous keys after a rotation: until a running upload ends. */
  readonly settlingMs?: number;
  /** Minimum age of a prepared key before anything is wrapped for it. */
  readonly knownAfterMs?: number;
}

const caller: Caller = { actor: { kind: 'system', id: 'keys' } };
const settlingMs = 10 * 60_000;
/** By then a running process has loaded a prepared key; see `keysNoticedMs`. */
const knownAfterMs = 5_000;

/** Prepares a new key. It seals nothing before `rotateKeys`. @throws KeyOperationRefused `ALREADY_PREPARED`. */
export async function generateKeys(keeping: KeyKeeping, options: { role: KeyRole; version: 4 | 6 }) {
  const { home } = keeping;
  await assertNothingPrepared(home, options.role);
  if (options.role === 'vault') {
    const passphrase = passphraseOf(keeping);
    const pair = await generateVaultKey({ name: 'Emanet vault', version: options.version, passphrase });
    const file = keyPath(home, 'next', 'vault.private.asc');
    await logged(keeping, [file], {
      do: () => writeKeyFile(file, pair.privateKeyArmored),
      events: [eventOf('keys.generated', pair.fingerprint, { role: 'vault', version: options.version })],
    });
    return { fingerprint: pair.fingerprint, passphrase: null, file: null };
  }
  const passphrase = makePaperPassphrase();
  const pair = await generateVaultKey({ name: 'Emanet recovery', version: options.version, passphrase });
  const file = keyPath(home, 'next', 'recovery.private.asc');
  const sheet = keyPath(home, 'next', 'recovery.passphrase.txt');
  const publicFile = keyPath(home, 'next', 'recovery.public.asc');
  await logged(keeping, [sheet, file, publicFile], {
    async do() {
      await writeKeyFile(sheet, passphraseSheet(passphrase));
      await writeKeyFile(file, pair.privateKeyArmored);
      await writeKeyFile(publicFile, pair.publicKeyArmored);
    },
    events: [eventOf('keys.generated', pair.fingerprint, { role: 'recovery', version: options.version })],
  });
  return { fingerprint: pair.fingerprint, passphrase, file };
}

/**
 * Prepares keys that were made elsewhere. A vault key is locked again with the vault's passphrase; of recovery keys,
 * one or several, only the public halves are taken.
 * @throws KeyRefused for a key that the vault does not accept.
 */
export async function importKeys(keeping: KeyKeeping, options: { role: KeyRole; file: string; passphrase?: string }) {
  const { home } = keeping;
  await assertNothingPrepared(home, options.role);
  const text = await readFile(options.file, 'utf8');
  const blocks = splitArmored(text);
  if (options.role === 'vault') {
    const key = await parsePrivateKey(blocks[0] ?? text, options.passphrase ?? keeping.passphrase);
    await parsePublicKey(key.key.toPublic().armor());
    const armored = await lockPrivateKey(key, passphraseOf(keeping));
    const file = keyPath(home, 'next', 'vault.private.asc');
    await logged(keeping, [file], {
      do: () => writeKeyFile(file, armored),
      events: [eventOf('keys.imported', key.fingerprint, { role: 'vault' })],
    });
    return [key.fingerprint];
  }
  const keys = [];
  for (const block of blocks.length > 0 ? blocks : [text]) keys.push(await parsePublicKey(block));
  const armored = keys.map(({ key }) => key.armor()).join('\n');
  const file = keyPath(home, 'next', 'recovery.public.asc');
  await logged(keeping, [file], {
    do: () => writeKeyFile(file, armored),
    events: keys.map(({ fingerprint }) => eventOf('keys.imported', fingerprint, { role: 'recovery' })),
  });
  return keys.map(({ fingerprint }) => fingerprint);
}

/**
 * Puts the prepared keys in force, and queues the walk that wraps every envelope for them. The previous keys become
 * former ones: they still open. A crash in the middle leaves keys that open everything; rotating again, or the hourly
 * check of the envelopes, does the rest.
 * @throws KeyOperationRefused `NOTHING_PREPARED`.
 */
export async function rotateKeys(keeping: KeyKeeping): Promise<{ current: readonly string[] }> {
  const { home, outside } = keeping;
  const files = await readKeyFolder(home);
  const prepared = files.filter(({ state }) => state === 'next');
  if (prepared.length === 0) throw new KeyOperationRefused('NOTHING_PREPARED');
  const age =
    Date.now() - Math.max(...(await Promise.all(prepared.map(async ({ path }) => (await stat(path)).mtimeMs))));
  // A process that opens envelopes must know a key before the first one is wrapped for it.
  const waitMs = (keeping.knownAfterMs ?? knownAfterMs) - age;
  if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  for (const { role, path } of prepared) {
    for (const old of files.filter((file) => file.role === role && file.state === 'current')) {
      for (const block of splitArmored(old.text)) {
        const { fingerprint, key } = await parseVerifyingKey(block);
        const name = role === 'vault' ? `${fingerprint}.private.asc` : `${fingerprint}.recovery.asc`;
        await writeKeyFile(keyPath(home, 'former', name), role === 'vault' ? block : key.armor());
      }
    }
    if (role === 'recovery') {
      await keepFormerRecovery(home);
      await rename(path, keyPath(home, 'current', 'recovery.public.asc'));
      for (const name of ['recovery.private.asc', 'recovery.passphrase.txt'])
        await renameIfThere(keyPath(home, 'next', name), keyPath(home, 'current', name));
      continue;
    }
    await rename(path, keyPath(home, 'current', 'vault.private.asc'));
    const moved = await readIfThere(keyPath(home, 'current', 'vault.private.asc'));
    const { key } = await parseVerifyingKey(mustHave(moved, 'vault key where it was put'));
    await writeKeyFile(keyPath(home, 'current', 'vault.public.asc'), key.armor());
  }
  await outside.keyring.refresh();
  const current = outside.keyring.recipients.map(({ fingerprint }) => fingerprint);
  await outside.database.transact(caller, async (tx) => {
    await tx.enqueue('rewrap-envelopes', {}, { key: 'rewrap', queue: 'rewrap' });
    await tx.log({
      action: 'keys.rotated',
      outcome: 'done',
      object: { kind: 'key', id: mustHave(current[0], 'key to seal for') },
      details: { recipients: current },
    });
  });
  return { current };
}

/**
 * Begins the next epoch of the second lock, and queues the walk that locks every envelope in the database under it. The
 * previous key is destroyed once nothing is left under it (`endEpochs`): from then on older backups of the database
 * hold no usable envelope. A crash in the middle leaves a new epoch that the hourly check of the envelopes finds.
 */
export async function newEpoch({ home, outside }: KeyKeeping): Promise<{ epoch: number }> {
  await outside.keyring.refresh();
  const { epoch: before } = currentEpoch(outside.keyring);
  const epoch = before + 1;
  await writeEpoch(home, epoch);
  await outside.keyring.refresh();
  await outside.database.transact(caller, async (tx) => {
    await tx.enqueue('rewrap-envelopes', {}, { key: 'rewrap', queue: 'rewrap' });
    const object = { kind: 'epoch', id: String(epoch) };
    await tx.log({ action: 'keys.epoch_renewed', outcome: 'done', object, details: { before } });
  });
  return { epoch };
}

/**
 * Takes a former key out of use: it opens nothing any more, but its public half still verifies old signatures. The file
 * moves to `retired/`; the keeper decides whether to destroy it.
 * @throws KeyOperationRefused `NO_SUCH_KEY`, `NOT_FORMER`, `TOO_EARLY`, `STILL_WRAPPED` with how many.
 */
export async function retireKey(keeping: KeyKeeping, fingerprint: string): Promise<void> {
  const { home, outside } = keeping;
  const key = outside.keyring.known.find((one) => one.fingerprint === fingerprint);
  if (!key) throw new KeyOperationRefused('NO_SUCH_KEY');
  if (key.state !== 'former') throw new KeyOperationRefused('NOT_FORMER');
  const name = key.role === 'vault' ? `${fingerprint}.private.asc` : `${fingerprint}.recovery.asc`;
  const path = keyPath(home, 'former', name);
  const waitMs = (await stat(path)).mtimeMs + (keeping.settlingMs ?? settlingMs) - Date.now();
  if (waitMs > 0) throw new KeyOperationRefused('TOO_EARLY', Math.ceil(waitMs / 1000));
  const left = await countWrappedFor(outside.database, fingerprint);
  if (left > 0) throw new KeyOperationRefused('STILL_WRAPPED', left);
  await ensurePrivateFolder(keyPath(home, 'retired', ''));
  await rename(path, keyPath(home, 'retired', name));
  try {
    await note(keeping, [eventOf('keys.retired', fingerprint, { role: key.role })]);
  } catch (error) {
    await rename(keyPath(home, 'retired', name), path);
    throw error;
  }
  await outside.keyring.refresh();
}

async function assertNothingPrepared(home: string, role: KeyRole): Promise<void> {
  const isThere = (await readKeyFolder(home)).some((file) => file.state === 'next' && file.role === role);
  if (isThere) throw new KeyOperationRefused('ALREADY_PREPARED');
}

function passphraseOf({ passphrase }: KeyKeeping): string {
  if (passphrase === undefined) throw new KeyOperationRefused('NO_PASSPHRASE');
  return passphrase;
}

/** Changes prepared files and records that on the log. If either fails, removes the files. */
async function logged(
  keeping: KeyKeeping,
  files: readonly string[],
  work: { do: () => Promise<void>; events: readonly AuditEvent[] },
): Promise<void> {
  try {
    await work.do();
    await note(keeping, work.events);
  } catch (error) {
    for (const file of files) await rm(file, { force: true });
    throw error;
  }
}

function note({ outside }: KeyKeeping, events: readonly AuditEvent[]): Promise<void> {
  return outside.database.transact(caller, async (tx) => {
    for (const event of events) await tx.log(event);
  });
}

function eventOf<A extends 'keys.generated' | 'keys.imported' | 'keys.retired'>(
  action: A,
  id: string,
  details: AuditPayloads[A],
): AuditEvent {
  return { action, outcome: 'done', object: { kind: 'key', id }, details } as AuditEvent;
}

/** A private half that was not taken away yet is not overwritten: old backups may need it. */
async function keepFormerRecovery(home: string): Promise<void> {
  const path = keyPath(home, 'current', 'recovery.private.asc');
  const text = await readIfThere(path);
  if (text === undefined) return;
  const { fingerprint } = await parseVerifyingKey(text);
  await ensurePrivateFolder(keyPath(home, 'former', ''));
  const sheet = keyPath(home, 'current', 'recovery.passphrase.txt');
  await renameIfThere(sheet, keyPath(home, 'former', `${fingerprint}.recovery.passphrase.txt`));
  await rename(path, keyPath(home, 'former', `${fingerprint}.recovery.private.asc`));
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
