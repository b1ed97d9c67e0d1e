import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Refusal } from '../../../src/domain/errors.ts';
import { SharedChecks } from '../../../src/pipeline/release/shared-checks.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);
const refusal = new Refusal('WRONG_STATE');

function question() {
  const seen = { asked: 0, answer: null as Refusal | null };
  const ask = async () => {
    seen.asked += 1;
    return seen.answer;
  };
  return { seen, ask };
}

it('asks once a second for a hundred who watch the same, and says the answer to all', async () => {
  const checks = new SharedChecks();
  const { seen, ask } = question();
  const watching = Array.from({ length: 100 }, () => checks.watch('a recording', ask));
  await seconds(3);
  expect(seen.asked).toBe(3);
  expect(await Promise.all(watching.map(({ whyNot }) => whyNot()))).toEqual(watching.map(() => null));
  seen.answer = refusal;
  await seconds(1);
  expect(await Promise.all(watching.map(({ whyNot }) => whyNot()))).toEqual(watching.map(() => refusal));
});

it('asks about each thing by itself', async () => {
  const checks = new SharedChecks();
  const [one, other] = [question(), question()];
  const [here, there] = [checks.watch('one', one.ask), checks.watch('other', other.ask)];
  one.seen.answer = refusal;
  await seconds(1);
  expect([await here.whyNot(), await there.whyNot()]).toEqual([refusal, null]);
});

it('asks no more when nobody watches', async () => {
  const checks = new SharedChecks();
  const { seen, ask } = question();
  const [one, two] = [checks.watch('a', ask), checks.watch('a', ask)];
  one.leave();
  one.leave();
  await seconds(1);
  expect(seen.asked).toBe(1);
  two.leave();
  await seconds(5);
  expect(seen.asked).toBe(1);
  expect(vi.getTimerCount()).toBe(0);
});

it('does not go on where the answer is not known', async () => {
  const checks = new SharedChecks();
  const broken = checks.watch('a', () => Promise.reject(new Refusal('DATABASE_UNAVAILABLE')));
  await seconds(1);
  await expect(broken.whyNot()).rejects.toThrow(expect.objectContaining({ code: 'DATABASE_UNAVAILABLE' }));
});

it('asks anew for who comes after a refusal, whoever of those before is still there', async () => {
  const checks = new SharedChecks();
  const { seen, ask } = question();
  const before = checks.watch('a', ask);
  seen.answer = refusal;
  await seconds(1);
  seen.answer = null;
  const after = checks.watch('a', ask);
  before.leave();
  await seconds(2);
  expect([await before.whyNot(), await after.whyNot()]).toEqual([refusal, null]);
  expect(seen.asked).toBe(3);
});

it('asks on for who comes while the answer is awaited and the one before leaves', async () => {
  const checks = new SharedChecks();
  const answers: ((answer: Refusal | null) => void)[] = [];
  const ask = () => new Promise<Refusal | null>((resolve) => answers.push(resolve));
  const one = checks.watch('a', ask);
  await seconds(1);
  one.leave();
  const two = checks.watch('a', ask);
  answers[0]!(refusal);
  await seconds(1);
  expect(answers).toHaveLength(2);
  answers[1]!(refusal);
  await seconds(0);
  expect(await two.whyNot()).toBe(refusal);
});

it('lets nobody go on while the answer is awaited', async () => {
  const checks = new SharedChecks();
  const answer = Promise.withResolvers<Refusal | null>();
  const watching = checks.watch('a', () => answer.promise);
  await seconds(30);
  let said: Refusal | null | undefined;
  const waits = watching.whyNot().then((why) => {
    said = why;
  });
  await seconds(30);
  expect(said).toBeUndefined();
  answer.resolve(refusal);
  await waits;
  expect(said).toBe(refusal);
});
