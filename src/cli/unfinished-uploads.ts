import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { configPath, saveWhole } from './credentials.ts';

const record = z.object({ url: z.url(), sha256: z.string().optional() });
const records = z.record(z.string(), record);
export type UnfinishedUpload = z.output<typeof record>;
type Env = Readonly<Record<string, string | undefined>>;

interface SentFile {
  readonly server: string;
  readonly lesson: string;
  readonly path: string;
}

/** A file with another size or modification time is another file. */
interface Version {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Where this person's uploads resume. An unreadable record counts as none; the upload then starts over. */
export function unfinishedUploads(env: Env) {
  const path = configPath(env, 'uploads.json');
  const load = async (): Promise<Record<string, UnfinishedUpload>> => {
    try {
      return records.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
      throw error;
    }
  };
  const nameOf = (file: SentFile) => `${file.server}|${file.lesson}|${file.path}|`;
  const keyOf = (file: SentFile, version: Version) => `${nameOf(file)}${version.bytes}|${version.modifiedMs}`;
  return {
    /** The upload of this very file, and those of its versions before it changed. */
    async find(file: SentFile, version: Version) {
      const all = Object.entries(await load()).filter(([key]) => key.startsWith(nameOf(file)));
      const key = keyOf(file, version);
      return {
        current: all.find(([one]) => one === key)?.[1] ?? null,
        outdated: all.filter(([one]) => one !== key).map(([, one]) => one),
      };
    },
    async save(file: SentFile, version: Version, upload: UnfinishedUpload): Promise<void> {
      await saveWhole(path, { ...(await load()), [keyOf(file, version)]: upload });
    },
    /** Forgets all its versions. */
    async forget(file: SentFile): Promise<void> {
      const rest = Object.entries(await load()).filter(([key]) => !key.startsWith(nameOf(file)));
      if (rest.length === 0) await rm(path, { force: true });
      else await saveWhole(path, Object.fromEntries(rest));
    },
  };
}
