import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FairTurns } from '../../../src/http/fair-turns.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** Schools that ask, and their requests in the order in which they began. */
function day() {
  const turns = new FairTurns();
  const begun: string[] = [];
  const school = (name: string) => {
    const own = {};
    const ends: (() => void)[] = [];
    let asked = 0;
    const ask = async (signal = new AbortController().signal) => {
      const request = `${name} ${++asked}`;
      const end = await turns.enter(own, signal);
      begun.push(request);
      ends.push(end);
    };
    return { ask, end: () => ends.shift()!(), running: () => ends.length };
  };
  return { begun, school };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
/** Time goes by, and whatever follows from that. */
const pass = async (ms: number) => {
  await vi.advanceTimersByTimeAsync(ms);
  await settled();
};

test('alone, a few requests of a school are worked at; beside others, two', async () => {
  const { begun, school } = day();
  const [loud, quiet] = [school('loud'), school('quiet')];
  for (let n = 0; n < 4; n++) await loud.ask();
  await quiet.ask();
  const later = [loud.ask(), loud.ask()];
  await quiet.ask();
  await settled();
  expect(begun).toEqual(['loud 1', 'loud 2', 'loud 3', 'loud 4', 'quiet 1', 'quiet 2']);
  // Two of four end: two still run, and that is its part.
  loud.end();
  loud.end();
  await settled();
  expect(begun).toHaveLength(6);
  loud.end();
  loud.end();
  await Promise.all(later);
  expect(begun.slice(6)).toEqual(['loud 5', 'loud 6']);
});

test('a school that is alone has six under way, so that the next one to ask does not wait for fifty', async () => {
  const { begun, school } = day();
  const [loud, quiet] = [school('loud'), school('quiet')];
  const all = Array.from({ length: 50 }, () => loud.ask());
  await settled();
  expect(begun).toHaveLength(6);
  await quiet.ask();
  expect(begun.at(-1)).toBe('quiet 1');
  quiet.end();
  for (let n = 0; n < 50; n++) {
    loud.end();
    await settled();
  }
  await Promise.all(all);
  expect(begun).toHaveLength(51);
});

test('when nobody else asks any more, everything that waits begins', async () => {
  const { begun, school } = day();
  const [loud, quiet] = [school('loud'), school('quiet')];
  await quiet.ask();
  const all = [1, 2, 3, 4, 5].map(() => loud.ask());
  await settled();
  expect(begun).toEqual(['quiet 1', 'loud 1', 'loud 2']);
  quiet.end();
  await pass(300); // it counts as asking for a quarter of a second
  loud.end();
  await Promise.all(all);
  expect(begun).toHaveLength(6);
});

test('whoever goes while they wait leaves the line', async () => {
  const { begun, school } = day();
  const [loud, quiet] = [school('loud'), school('quiet')];
  const gone = new AbortController();
  await quiet.ask();
  await loud.ask();
  await loud.ask();
  const lost = loud.ask(gone.signal);
  const next = loud.ask();
  gone.abort();
  await expect(lost).rejects.toThrow();
  loud.end();
  await next;
  expect(begun).toEqual(['quiet 1', 'loud 1', 'loud 2', 'loud 4']);
});

test('a request that is ended twice gives up one place', async () => {
  const { begun, school } = day();
  const [loud, quiet] = [school('loud'), school('quiet')];
  await quiet.ask();
  const turns = new FairTurns();
  const own = {};
  await turns.enter({}, new AbortController().signal);
  const end = await turns.enter(own, new AbortController().signal);
  await turns.enter(own, new AbortController().signal);
  let isThird = false;
  let isFourth = false;
  void turns.enter(own, new AbortController().signal).then(() => {
    isThird = true;
  });
  void turns.enter(own, new AbortController().signal).then(() => {
    isFourth = true;
  });
  end();
  end();
  await settled();
  expect([isThird, isFourth]).toEqual([true, false]);
  expect([loud.running(), begun.length]).toEqual([0, 1]);
});

/** A school that has taken more than its part: a second and a half of work beside another one. */
async function spent() {
  const { begun, school } = day();
  const [loud, quiet] = [school('loud'), school('quiet')];
  for (let n = 0; n < 3; n++) {
    await loud.ask();
    await pass(300);
    await quiet.ask();
    quiet.end();
    await pass(200);
    loud.end();
  }
  begun.length = 0;
  return { begun, loud, quiet, school };
}

test('a school that took more than its part makes way for one that did not', async () => {
  const { begun, loud, quiet, school } = await spent();
  const another = school('another');
  await another.ask();
  const waits = loud.ask();
  await pass(900);
  expect(begun).toEqual(['another 1']);
  // Nobody has anything under way: it may go on, with one at a time.
  another.end();
  await waits;
  await quiet.ask();
  quiet.end();
  const next = loud.ask();
  await pass(50);
  expect(begun).toEqual(['another 1', 'loud 4', 'quiet 4']);
  loud.end();
  // It rests for as long as it worked, however quiet it is.
  await quiet.ask();
  quiet.end();
  await pass(49);
  expect(begun).toHaveLength(4);
  await pass(1);
  await next;
  expect(begun.at(-1)).toBe('loud 5');
});

test('it is not left waiting for ever while others ask without an end', async () => {
  const { begun, loud, quiet } = await spent();
  await quiet.ask();
  const waits = loud.ask();
  await pass(1_001);
  await waits;
  expect(begun).toEqual(['quiet 4', 'loud 4']);
});

test('schools that all took more than their part do not wait for each other', async () => {
  const { begun, loud, school } = await spent();
  const other = school('other');
  for (let n = 0; n < 2; n++) {
    await other.ask();
    await pass(1_000);
    other.end();
  }
  await pass(1_000);
  begun.length = 0;
  await loud.ask();
  await other.ask();
  expect(begun).toEqual(['loud 4', 'other 3']);
});

test('with time, a school gets its part back', async () => {
  const { begun, loud, quiet } = await spent();
  await pass(20_000);
  await quiet.ask();
  await loud.ask();
  await loud.ask();
  expect(begun.slice(-2)).toEqual(['loud 4', 'loud 5']);
});
