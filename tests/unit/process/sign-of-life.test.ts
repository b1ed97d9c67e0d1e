import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { giveSignOfLife } from '../../../src/assembly/sign-of-life.ts';
import { eventually } from '../../support/eventually.ts';

test('a file is touched while the work can go on, and only then', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-alive-'));
  const file = join(folder, 'alive');
  let isThere = false;
  let asked = 0;
  const end = giveSignOfLife(
    file,
    async () => {
      asked++;
      if (asked === 1) throw new Error('away');
      return isThere;
    },
    5,
  );
  try {
    await eventually(() => asked > 3, 'it asks again');
    expect(existsSync(file)).toBe(false);
    isThere = true;
    await eventually(() => existsSync(file), 'the file is touched');
  } finally {
    end();
    await rm(folder, { recursive: true, force: true });
  }
});
