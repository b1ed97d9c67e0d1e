import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { SharedSources } from '../../../src/pipeline/release/shared-sources.ts';

function opener() {
  const seen = { opened: 0, closed: 0 };
  const open = async () => {
    seen.opened += 1;
    await pause(1);
    return {
      bytes: 3,
      async *read() {
        yield Uint8Array.of(1, 2, 3);
      },
      close() {
        seen.closed += 1;
      },
    };
  };
  return { open, seen };
}

it('opens once for requests that come together or one after the other', async () => {
  const sources = new SharedSources();
  const { open, seen } = opener();
  const [one, two] = await Promise.all([sources.borrow('a', 's', open), sources.borrow('a', 's', open)]);
  one.close();
  one.close();
  two.close();
  (await sources.borrow('a', 's', open)).close();
  expect(seen).toEqual({ opened: 1, closed: 0 });
  (await sources.borrow('b', 's', open)).close();
  expect(seen.opened).toBe(2);
  sources.close();
  await pause(1);
  expect(seen.closed).toBe(2);
});

it('closes what nobody has used for a while, and nothing that is used', async () => {
  const sources = new SharedSources({ idleMs: 20 });
  const used = opener();
  const idle = opener();
  const borrowed = await sources.borrow('a', 's', used.open);
  (await sources.borrow('b', 's', idle.open)).close();
  await pause(40);
  expect([used.seen.closed, idle.seen.closed]).toEqual([0, 1]);
  borrowed.close();
  (await sources.borrow('b', 's', idle.open)).close();
  expect(idle.seen.opened).toBe(2);
  sources.close();
});

it('keeps few: the one that was idle longest leaves first', async () => {
  const sources = new SharedSources({ mostIdle: 2 });
  const { open, seen } = opener();
  for (const key of ['a', 'b', 'a', 'c']) (await sources.borrow(key, 's', open)).close();
  await pause(1);
  expect(seen).toEqual({ opened: 3, closed: 1 });
  (await sources.borrow('a', 's', open)).close();
  expect(seen.opened).toBe(3);
  (await sources.borrow('b', 's', open)).close();
  expect(seen.opened).toBe(4);
  sources.close();
});

it('forgets a sealed object: idle sources close at once, used ones with their last reader', async () => {
  const sources = new SharedSources();
  const { open, seen } = opener();
  (await sources.borrow('idle', 's', open)).close();
  const [one, two] = [await sources.borrow('used', 's', open), await sources.borrow('used', 's', open)];
  const other = await sources.borrow('other', 'another', open);
  sources.forget('s');
  await pause(1);
  expect(seen.closed).toBe(1);
  one.close();
  expect(seen.closed).toBe(1);
  two.close();
  expect(seen.closed).toBe(2);
  // Whoever comes now opens again: the old one is not handed out.
  (await sources.borrow('used', 's', open)).close();
  expect(seen.opened).toBe(4);
  other.close();
  sources.close();
});

it('does not keep a failure', async () => {
  const sources = new SharedSources();
  const failing = () => Promise.reject(new Error('the store is away'));
  const both = await Promise.allSettled([sources.borrow('a', 's', failing), sources.borrow('a', 's', failing)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const { open, seen } = opener();
  (await sources.borrow('a', 's', open)).close();
  expect(seen.opened).toBe(1);
  sources.close();
});
