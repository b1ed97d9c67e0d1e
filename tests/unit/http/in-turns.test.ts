import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inTurns } from '../../../src/http/in-turns.ts';

/** A body whose pieces are all there already, as those of a fast line are. */
async function* body(pieces: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let n = 0; n < pieces; n++) yield new Uint8Array(bytes);
}

const piece = 64 * 1024;

test('many bodies at once leave room for others after each mebibyte', async () => {
  let bytes = 0;
  const read = async () => {
    for await (const each of inTurns(body(32, piece))) bytes += each.length;
  };
  const bodies = Array.from({ length: 20 }, read);
  const steps: number[] = [];
  for (let before = 0; bytes < 20 * 32 * piece; before = bytes) {
    await nextTurn();
    steps.push(bytes - before);
  }
  await Promise.all(bodies);
  // A turn of the loop between two of theirs may see the end of one and the beginning of the other.
  expect(Math.max(...steps)).toBeLessThanOrEqual(2 * 2 ** 20);
  expect(steps.length).toBeGreaterThanOrEqual(20);
});

test('they go on alike, however large their pieces are, and nothing is lost or mixed up', async () => {
  const ended: string[] = [];
  const read = async (name: string, pieces: number, bytes: number) => {
    let [sum, count] = [0, 0];
    for await (const each of inTurns(body(pieces, bytes))) {
      sum += each.length;
      count += 1;
    }
    expect([sum, count]).toEqual([pieces * bytes, pieces]);
    ended.push(name);
  };
  await Promise.all([read('long', 400, piece), read('short', 40, piece), read('large', 4, 4 * 2 ** 20)]);
  expect(ended.at(-1)).toBe('long');
});

test('a body that is left, or that fails, holds up no other', async () => {
  for await (const _ of inTurns(body(100, piece))) break;
  async function* failing() {
    yield new Uint8Array(2 ** 20);
    throw new Error('the line broke');
  }
  const failed = (async () => {
    for await (const _ of inTurns(failing()));
  })();
  await expect(failed).rejects.toThrow('the line broke');
  let count = 0;
  for await (const _ of inTurns(body(50, piece))) count += 1;
  expect(count).toBe(50);
});
