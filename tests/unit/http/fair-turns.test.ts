import { expect, test } from 'vitest';
import { FairTurns } from '../../../src/http/fair-turns.ts';

const here = new AbortController().signal;

/** Requests of schools, in the order in which they began. */
function requests(turns: FairTurns) {
  const begun: string[] = [];
  const ask = async (school: object, name: string, signal = here) => {
    await turns.enter(school, signal);
    begun.push(name);
  };
  return { begun, ask };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('alone, a few requests of a school are worked at; beside others, two', async () => {
  const turns = new FairTurns();
  const { begun, ask } = requests(turns);
  const [loud, quiet] = [{}, {}];
  for (const n of [1, 2, 3, 4]) await ask(loud, `loud ${n}`);
  await ask(quiet, 'quiet 1');
  const later = [ask(loud, 'loud 5'), ask(loud, 'loud 6')];
  await ask(quiet, 'quiet 2');
  await settled();
  expect(begun).toEqual(['loud 1', 'loud 2', 'loud 3', 'loud 4', 'quiet 1', 'quiet 2']);
  // Two of four end: two still run, and that is its part.
  turns.leave(loud);
  turns.leave(loud);
  await settled();
  expect(begun).toHaveLength(6);
  turns.leave(loud);
  turns.leave(loud);
  await Promise.all(later);
  expect(begun.slice(6)).toEqual(['loud 5', 'loud 6']);
});

test('a school that is alone has six under way, so that the next one to ask does not wait for fifty', async () => {
  const turns = new FairTurns();
  const { begun, ask } = requests(turns);
  const [loud, quiet] = [{}, {}];
  const all = Array.from({ length: 50 }, (_, n) => ask(loud, `loud ${n + 1}`));
  await settled();
  expect(begun).toHaveLength(6);
  await ask(quiet, 'quiet');
  expect(begun.at(-1)).toBe('quiet');
  turns.leave(quiet);
  for (let n = 0; n < 50; n++) {
    turns.leave(loud);
    await settled();
  }
  await Promise.all(all);
  expect(begun).toHaveLength(51);
});

test('when nobody else asks any more, everything that waits begins', async () => {
  const turns = new FairTurns();
  const { begun, ask } = requests(turns);
  const [loud, quiet] = [{}, {}];
  await ask(quiet, 'quiet');
  const all = [1, 2, 3, 4, 5].map((n) => ask(loud, `loud ${n}`));
  await settled();
  expect(begun).toEqual(['quiet', 'loud 1', 'loud 2']);
  turns.leave(quiet);
  await new Promise((resolve) => setTimeout(resolve, 300)); // it counts as asking for a quarter of a second
  turns.leave(loud);
  await Promise.all(all);
  expect(begun).toHaveLength(6);
});

test('whoever goes while they wait leaves the line', async () => {
  const turns = new FairTurns();
  const { begun, ask } = requests(turns);
  const [loud, quiet] = [{}, {}];
  const gone = new AbortController();
  await ask(quiet, 'quiet');
  await ask(loud, 'loud 1');
  await ask(loud, 'loud 2');
  const lost = ask(loud, 'gone', gone.signal);
  const next = ask(loud, 'loud 3');
  gone.abort();
  await expect(lost).rejects.toThrow();
  turns.leave(loud);
  await next;
  expect(begun).toEqual(['quiet', 'loud 1', 'loud 2', 'loud 3']);
});
