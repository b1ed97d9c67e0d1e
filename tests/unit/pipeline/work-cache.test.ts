import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createWorkCache } from '../../../src/pipeline/review/work-cache.ts';
import { soundToBytes } from '../../../src/pipeline/review/work-prints.ts';

/** A registry in which work 0 has no sound, and work n one peak in frame n; `asked` says what was read of it. */
function fakeRegistry() {
  const asked: number[][] = [];
  const findMany = async ({ where }: { where: { number: { in: number[] } } }) => {
    asked.push(where.number.in);
    return where.number.in.map((number) => ({
      number,
      sound: number === 0 ? null : soundToBytes([{ frame: number, pitch: 1, salience: 1 }]),
    }));
  };
  return { asked, read: { work: { findMany } } as never };
}

const open = (mostHeld: number) => {
  const { asked, read } = fakeRegistry();
  return { asked, cache: createWorkCache(read, mostHeld) };
};

it('holds all that a load asks for, also what it held before, and also more than it may hold otherwise', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 20 })), async (loads) => {
      const { cache } = open(6);
      for (const works of loads) {
        await cache.load(works);
        expect(works.map((work) => cache.get(work)?.frames[0])).toEqual(
          works.map((work) => (work === 0 ? undefined : work)),
        );
      }
    }),
  );
});

it('lets go of what was not asked for the longest, and reads nothing twice that it holds', async () => {
  const { asked, cache } = open(3);
  await cache.load([1, 2, 3]);
  await cache.load([1]);
  await cache.load([4, 0]);
  expect([1, 2, 3, 4].map((work) => cache.get(work)?.frames[0])).toEqual([1, undefined, undefined, 4]);
  await cache.load([0, 4, 1]);
  expect(asked).toEqual([
    [1, 2, 3],
    [4, 0],
  ]);
});
