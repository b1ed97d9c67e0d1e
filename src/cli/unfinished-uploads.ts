import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { configPath, saveWhole } from './credentials.ts';

const records = z.record(z.string(), z.object({ url: z.url(), sha256: z.string().optional() }));
type Records = z.output<typeof records>;
type Env = Readonly<Record<string, string | undefined>>;

/**
 * Where this person's uploads go on, by server, lesson, and path, size and time of the file: a file that changed is another
 * one. A record that cannot be read is no record; the upload then begins anew.
 */
export function unfinishedUploads(env: Env) {
  const path = configPath(env, 'uploads.json');
  const load = async (): Promise<Records> => {
    try {
      return records.parse(JSON.parse(await readFile(path, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
      throw error;
    }
  };
  return {
    find: async (key: string) => (await load())[key] ?? null,
    async save(key: string, record: Records[string]): Promise<void> {
      await saveWhole(path, { ...(await load()), [key]: record });
    },
    async forget(key: string): Promise<void> {
      const { [key]: _, ...rest } = await load();
      if (Object.keys(rest).length === 0) await rm(path, { force: true });
      else await saveWhole(path, rest);
    },
  };
}
