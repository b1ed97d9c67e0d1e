import pg from 'pg';
import { expect, test } from 'vitest';
import { SchoolConnections } from '../../../src/adapters/prisma/school-connections.ts';

test('a query that belongs to the work of no school is refused before it asks for a connection', async () => {
  const shared = new pg.Pool({ max: 1 });
  const connections = new SchoolConnections(shared);
  await expect(connections.query('SELECT 1')).rejects.toThrow('outside the work of a school');
  await connections.workFor('a', async () => {});
  await expect(connections.connect()).rejects.toThrow('outside the work of a school');
  expect(shared.totalCount).toBe(0);
});
