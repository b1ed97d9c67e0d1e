import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { openAnotherSchool } from '../../src/assembly/many-schools.ts';
import { mustHave } from '../../src/domain/must-have.ts';
import type { TestServer } from './server.ts';

/** Opens a school beside the first one of a server. What tests do with the server that comes back, they do in it. */
export async function openBeside(
  server: TestServer,
  name: string,
): Promise<TestServer & { readonly schoolId: string }> {
  const { config, outside } = server.context;
  const url = mustHave(config.DATABASE_URL, 'DATABASE_URL');
  const open = openDatabase({ url, clock: () => new Date(), maxConnections: 2 });
  try {
    const { id } = await openAnotherSchool(config, open, name, 'tr');
    const there = await outside.schools.of(id);
    // As the first school of a test: without rules that were chosen.
    await there.database.read.$executeRaw`UPDATE school SET attendance = 'never', "permissionRules" = NULL`;
    return { ...server, schoolId: id, context: { ...server.context, outside: there } };
  } finally {
    await open.close();
  }
}
