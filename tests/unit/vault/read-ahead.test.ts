import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readAhead } from '../../../src/vault/read-ahead.ts';

function counting(last: number, failAt = Number.POSITIVE_INFINITY) {
  const seen = { made: 0, ended: false };
  const source = (async function* () {
    try {
      for (; seen.made < last; ) {
        if (seen.made === failAt) throw new Error('the source failed');
        seen.made += 1;
        yield seen.made;
      }
    } finally {
      seen.ended = true;
    }
  })();
  return { source, seen };
}

it.each([0, 1, 3, 100])('gives every item in order, %i ahead', async (items) => {
  const found: number[] = [];
  for await (const item of readAhead(counting(10).source, items)) found.push(item);
  expect(found).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

it('lets the source work while the consumer is busy, and no further than it may', async () => {
  const { source, seen } = counting(10);
  for await (const item of readAhead(source, 2)) {
    await pause(5);
    expect(seen.made).toBe(Math.min(10, item + 2));
  }
});

it('passes a failure on after what preceded it', async () => {
  const found: number[] = [];
  await expect(async () => {
    for await (const item of readAhead(counting(10, 4).source, 3)) {
      await pause(2);
      found.push(item);
    }
  }).rejects.toThrow('the source failed');
  expect(found).toEqual([1, 2, 3, 4]);
});

it('ends the source when the consumer leaves, and drops what nobody saw', async () => {
  const { source, seen } = counting(10);
  let left = false;
  const dropped: number[] = [];
  const leave = () => {
    left = true;
  };
  for await (const item of readAhead(source, 2, { leave, drop: (unseen) => dropped.push(unseen) })) {
    await pause(2);
    if (item === 2) break;
  }
  expect([left, seen.ended, dropped]).toEqual([true, true, [3, 4]]);
});
