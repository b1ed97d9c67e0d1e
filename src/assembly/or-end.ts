import { MigrationFault } from '../adapters/prisma/migrate.ts';

/** What a process needs before it can begin. Tables that are not of its version are the operator's to mend: one line says how. */
export async function orEnd<T>(begun: Promise<T>): Promise<T> {
  try {
    return await begun;
  } catch (error) {
    if (!(error instanceof MigrationFault)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
