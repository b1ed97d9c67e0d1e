import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { signedInStaff } from './api.ts';
import { ok } from './school.ts';
import type { TestServer } from './server.ts';

/** An authority whom the operator invited, with the role of the database that sets up. */
export async function signedInAuthority(server: TestServer, name = 'Aylin Kurum') {
  const clock = () => new Date();
  const open = openDatabase({ url: server.database.url, clock, maxConnections: 2 });
  try {
    return await signedInStaff(server, name, ['authority'], { database: open, clock });
  } finally {
    await open.close();
  }
}
export type Authority = Awaited<ReturnType<typeof signedInAuthority>>;

/** What opens a school of this name; its recovery key is made for it. */
export async function newSchool(authority: Authority, name: string, email = 'head@new.example') {
  const { publicKey } = ok(await authority.post('/api/schools/recovery-keys'));
  return { name, rules: 'uk', recoveryKey: publicKey, administrator: { email, name: 'Hale Head' } };
}
