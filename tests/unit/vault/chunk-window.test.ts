import { expect, it } from 'vitest';
import { ChunkWindow } from '../../../src/vault/chunk-window.ts';

const chunk = (index: number) => ({ index, media: [{ start: index * 4, bytes: Uint8Array.of(1, 2, 3, 4) }] });
const isWiped = (one: ReturnType<typeof chunk>) => one.media[0]!.bytes.every((octet) => octet === 0);

it('overwrites the chunk that was used least recently when there is no more room', () => {
  const window = new ChunkWindow(2);
  const [a, b, c] = [chunk(0), chunk(1), chunk(2)];
  for (const one of [a, b]) window.giveBack(window.add(one));
  window.giveBack(window.borrow(0)!);
  window.giveBack(window.add(c));
  expect([isWiped(a), isWiped(b), isWiped(c)]).toEqual([false, true, false]);
  expect([window.has(0), window.has(1), window.has(2)]).toEqual([true, false, true]);
});

it('overwrites what is lent only when it is given back', () => {
  const window = new ChunkWindow(1);
  const a = chunk(0);
  const lent = window.add(a);
  window.giveBack(window.add(chunk(1)));
  expect([window.has(0), isWiped(a)]).toEqual([false, false]);
  window.giveBack(lent);
  expect(isWiped(a)).toBe(true);
});

it('keeps the first of two of the same index and overwrites the other', () => {
  const window = new ChunkWindow(2);
  const [first, second] = [chunk(0), chunk(0)];
  expect(window.add(first)).toBe(window.add(second));
  expect([isWiped(first), isWiped(second)]).toEqual([false, true]);
});

it('overwrites everything at the end, and what comes later as soon as it is given back', () => {
  const window = new ChunkWindow(2);
  const [lent, late] = [chunk(0), chunk(1)];
  window.add(lent);
  window.wipe();
  expect([isWiped(lent), window.has(0)]).toEqual([true, false]);
  window.giveBack(window.add(late));
  expect([isWiped(late), window.has(1)]).toEqual([true, false]);
});
