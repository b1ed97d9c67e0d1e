import { chmod, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { object, text } from '../domain/json.ts';
import { generateVaultKey, type OpeningKey, parsePrivateKey } from '../vault/keyring.ts';

/** A runner as its own folder knows it: the server that it works for, who it is there, and its key. */
export interface Identity {
  readonly server: string;
  readonly runnerId: string;
  readonly secret: string;
  readonly key: OpeningKey;
}

/** Another process works with the folder. */
export class HomeInUse extends Error {
  override readonly name = 'HomeInUse';
}

const readKept = object({ server: text, runnerId: text, secret: text });
const [keptName, keyName, lockName] = ['runner.json', 'key.asc', 'lock'];

/** Ciphertext of the job at hand; emptied at each start. */
export const workFolder = (home: string): string => join(home, 'work');

/**
 * Opens the folder of a runner for one process, and empties what a killed one left. Returns what gives it free again.
 * @throws HomeInUse.
 */
export async function openHome(home: string): Promise<() => Promise<void>> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chmod(home, 0o700);
  const lock = join(home, lockName);
  for (;;) {
    try {
      const file = await open(lock, 'wx', 0o600);
      await file.writeFile(String(process.pid));
      await file.close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const pid = Number(await readFile(lock, 'utf8').catch(() => ''));
      if (pid !== process.pid && isAlive(pid)) throw new HomeInUse(home);
      await rm(lock, { force: true });
    }
  }
  await rm(workFolder(home), { recursive: true, force: true });
  await mkdir(workFolder(home), { mode: 0o700 });
  return async () => {
    await rm(workFolder(home), { recursive: true, force: true });
    await rm(lock, { force: true });
  };
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Null: nobody has registered from this folder yet. */
export async function findIdentity(home: string): Promise<Identity | null> {
  try {
    const kept = readKept(JSON.parse(await readFile(join(home, keptName), 'utf8')));
    return { ...kept, key: await parsePrivateKey(await readFile(join(home, keyName), 'utf8')) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A key of its own, made here: the private half never leaves the folder. */
export async function makeIdentity(
  home: string,
  name: string,
  register: (publicKey: string) => Promise<Omit<Identity, 'key'>>,
): Promise<Identity> {
  const { publicKeyArmored, privateKeyArmored } = await generateVaultKey({ name: `Emanet runner ${name}` });
  const kept = await register(publicKeyArmored);
  await saveWhole(join(home, keyName), privateKeyArmored);
  await saveWhole(join(home, keptName), `${JSON.stringify(kept, null, 2)}\n`);
  return { ...kept, key: await parsePrivateKey(privateKeyArmored) };
}

/** Readable by its owner only; appears whole or not at all. */
async function saveWhole(path: string, content: string): Promise<void> {
  const fresh = `${path}.new`;
  await rm(fresh, { force: true });
  await writeFile(fresh, content, { mode: 0o600, flag: 'wx' });
  await rename(fresh, path);
}
