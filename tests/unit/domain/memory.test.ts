import { createCipheriv, randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { freeMemory, lend } from '../../../src/domain/memory.ts';
import { sealStream } from '../../../src/vault/seal.ts';
import { inPieces, testKey } from '../../support/vault.ts';

test('gives back what is alone in its memory, and leaves alone what shares it', () => {
  const own = new Uint8Array(100);
  freeMemory(own);
  expect(own.length).toBe(0);
  const whole = new Uint8Array(100).fill(7);
  freeMemory(whole.subarray(0, 50));
  expect(whole).toEqual(new Uint8Array(100).fill(7));
});

test('what the cipher returned is given back', () => {
  const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12));
  const sealed = cipher.update(new Uint8Array(2 ** 16)) as Buffer<ArrayBuffer>;
  freeMemory(sealed);
  expect(sealed.length).toBe(0);
});

test.each([1_000_000, 20_000_000])('of a body of %d bytes that is lent only one piece is held', async (bytes) => {
  const { recipient } = await testKey();
  const sealing = sealStream({ recipients: [recipient], mediaLength: bytes });
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of lend(sealing.body(inPieces(new Uint8Array(bytes), 2 ** 16)))) {
    expect(pieces.every(({ length }) => length === 0)).toBe(true);
    pieces.push(piece);
    total += piece.length;
  }
  expect(total).toBe(sealing.result.bodyBytes);
});

test('what is read without being lent stays', async () => {
  const { recipient } = await testKey();
  const sealing = sealStream({ recipients: [recipient] });
  const pieces: Uint8Array[] = [];
  for await (const piece of sealing.body(inPieces(new Uint8Array(3_000_000), 2 ** 16))) pieces.push(piece);
  expect(pieces.reduce((sum, { length }) => sum + length, 0)).toBe(sealing.result.bodyBytes);
});
