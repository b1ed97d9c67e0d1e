import { writeFile } from 'node:fs/promises';

/**
 * Touches a file while the work goes on: for a process that serves nothing, which a health check could ask. `works` is
 * what it cannot do without; when that is away or does not answer, the file grows old. Returns what ends it.
 */
export function giveSignOfLife(file: string, works: () => Promise<boolean>, everyMs = 10_000): () => void {
  let isAsking = false;
  const look = async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      if (await works()) await writeFile(file, '');
    } catch {
      // An old file says it.
    } finally {
      isAsking = false;
    }
  };
  void look();
  const timer = setInterval(look, everyMs);
  return () => clearInterval(timer);
}
