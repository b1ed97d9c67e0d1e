import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const credentials = z.object({
  server: z.url(),
  token: z.string().min(1),
  tokenId: z.string().min(1),
  email: z.string(),
  expiresAt: z.string(),
});
/** The result of `sign-in`: a token and its server. Never a password, never a session. */
export type Credentials = z.output<typeof credentials>;

type Env = Readonly<Record<string, string | undefined>>;

/** A file of ours in the person's own configuration. */
export function configPath(env: Env, name: string): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'emanet', name);
}

const credentialsPath = (env: Env) => configPath(env, 'credentials.json');

/** The file exists but is not ours. */
export class UnreadableCredentials extends Error {
  override readonly name = 'UnreadableCredentials';
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`${path} cannot be read`, { cause });
    this.path = path;
  }
}

/** Null if nobody has signed in. @throws UnreadableCredentials */
export async function findCredentials(env: Env): Promise<Credentials | null> {
  const path = credentialsPath(env);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return credentials.parse(JSON.parse(text));
  } catch (cause) {
    throw new UnreadableCredentials(path, cause);
  }
}

/** Returns the path. */
export async function saveCredentials(env: Env, value: Credentials): Promise<string> {
  const path = credentialsPath(env);
  await saveWhole(path, value);
  return path;
}

/** JSON, readable by its owner only; appears whole or not at all. */
export async function saveWhole(path: string, value: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const part = `${path}.${process.pid}.part`;
  try {
    await writeFile(part, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

export async function forgetCredentials(env: Env): Promise<void> {
  await rm(credentialsPath(env), { force: true });
}
