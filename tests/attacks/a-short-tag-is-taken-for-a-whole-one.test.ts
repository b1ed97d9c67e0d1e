import { createDecipheriv, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { lockEnvelope, unlockEnvelope } from '../../src/vault/epoch-lock.ts';
import { openPart, PartSealer } from '../../src/vault/stage.ts';

const uploadKey = randomBytes(32);
const place = { uploadId: 'u', start: 0 };
function stage() {
  const part = new PartSealer(uploadKey, place);
  part.add(Buffer.from('what was said'));
  const { pieces, tag } = part.end();
  return { salt: part.salt, tag, ciphertext: Buffer.concat(pieces) };
}

test('a staged part opens with its tag of sixteen octets', () => {
  expect(Buffer.concat(openPart(uploadKey, place, stage())).toString()).toBe('what was said');
});

test.each([0, 4, 8, 12, 13, 14, 15, 17, 32])('a staged part with a tag of %i octets is corrupt', (length) => {
  const part = stage();
  const tag = Buffer.alloc(length, part.tag);
  expect(() => openPart(uploadKey, place, { ...part, tag })).toThrow(
    expect.objectContaining({ name: 'VaultCorrupt', code: 'CHUNK_TAG' }),
  );
});

test('an envelope that is cut short by some octets of its tag stays locked', () => {
  const key = { epoch: 1, key: randomBytes(32) };
  const locked = lockEnvelope(randomBytes(64), key, 'object');
  for (const cut of [1, 4, 8, 12, 15])
    expect(() => unlockEnvelope(locked.subarray(0, locked.length - cut), [key], 'object')).toThrow();
});

test('Node takes a tag of four octets where nobody says how long it is, which is why everybody says it', () => {
  const part = stage();
  expect(() =>
    createDecipheriv('aes-256-gcm', uploadKey, new Uint8Array(12)).setAuthTag(part.tag.subarray(0, 4)),
  ).not.toThrow();
  const root = join(import.meta.dirname, '../../src');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts')))
    for (const [call] of readFileSync(join(root, name), 'utf8').matchAll(/create(?:De|C)ipheriv\([^;]*?;/gs))
      if (/gcm|#name/.test(call)) expect(call, name).toContain('authTagLength');
});
