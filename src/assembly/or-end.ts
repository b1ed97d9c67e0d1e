import { MigrationFault } from '../adapters/prisma/migrate.ts';
import { SetUpRefused } from './many-schools.ts';

/** What a process needs or does first. What is the operator's to mend ends it with one line that says how. */
export async function orEnd<T>(begun: Promise<T>): Promise<T> {
  try {
    return await begun;
  } catch (error) {
    if (!(error instanceof MigrationFault || error instanceof SetUpRefused)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}
