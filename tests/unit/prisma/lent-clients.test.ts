import { expect, test } from 'vitest';
import { LentClients } from '../../../src/adapters/prisma/lent-clients.ts';

class Client {
  school: string | null;
  users = 0;

  constructor(school: string | null) {
    this.school = school;
  }
}
const lending = (most: number) => new LentClients<Client>(most, (school) => new Client(school));

/** Holds a client until it is let go; notes that it never works for two schools at once. */
async function use(clients: LentClients<Client>, school: string, until: Promise<unknown>): Promise<void> {
  await clients.lend(school, async (client) => {
    client.users += 1;
    expect(client.school).toBe(school);
    await until;
    expect(client.school).toBe(school);
    client.users -= 1;
  });
}

test('a school shares its client, and there are never more than so many', async () => {
  const clients = lending(3);
  const end = Promise.withResolvers<void>();
  const all = Promise.all(
    Array.from({ length: 60 }, (_, n) => use(clients, `school ${n % 10}`, n < 6 ? end.promise : Promise.resolve())),
  );
  await new Promise(setImmediate);
  expect(clients.all).toHaveLength(3);
  end.resolve();
  await all;
  expect(clients.all.map(({ users }) => users)).toEqual([0, 0, 0]);
});

test('whoever waits longest is served first, also where a busy school keeps asking', async () => {
  const clients = lending(1);
  const order: string[] = [];
  const end = Promise.withResolvers<void>();
  const asked = (school: string, until: Promise<unknown>) => use(clients, school, until).then(() => order.push(school));
  const first = asked('busy', end.promise);
  const rest = ['other', 'busy', 'busy'].map((school) => asked(school, Promise.resolve()));
  end.resolve();
  await Promise.all([first, ...rest]);
  expect(order[0]).toBe('busy');
  expect(order[1]).toBe('other');
});

test('work that has a client goes on while others wait for it', async () => {
  const clients = lending(1);
  let isInner = false;
  const began = Promise.withResolvers<void>();
  const outer = clients.lend('one', async () => {
    began.resolve();
    await new Promise(setImmediate);
    await clients.lend('one', async () => {
      isInner = true;
    });
  });
  await began.promise;
  const other = use(clients, 'two', Promise.resolve());
  await Promise.all([outer, other]);
  expect(isInner).toBe(true);
});

test('what failed gives its client back', async () => {
  const clients = lending(1);
  await expect(clients.lend('one', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await use(clients, 'two', Promise.resolve());
});
