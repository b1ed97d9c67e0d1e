import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  contactDigest,
  deriveContactKeys,
  lockContact,
  peopleKeyBytes,
  unlockContact,
} from '../../../src/vault/contact-lock.ts';
import { VaultCorrupt } from '../../../src/vault/errors.ts';

const fresh = () => deriveContactKeys(randomBytes(peopleKeyBytes));
const key = fresh();
const row = '0198e6c4-0000-7000-8000-000000000001';

test('a contact opens in its row with its key, and is never written the same twice', () => {
  const locked = lockContact(key, row, 'ayşe@posta.example');
  expect(unlockContact(key, row, locked)).toBe('ayşe@posta.example');
  expect(lockContact(key, row, 'ayşe@posta.example')).not.toEqual(locked);
  expect(locked.toString('latin1')).not.toContain('posta');
});

test.each([
  ['in another row', (locked: Buffer) => unlockContact(key, row.replace(/1$/, '2'), locked)],
  ['with another key', (locked: Buffer) => unlockContact(fresh(), row, locked)],
  ['with a bit changed', (locked: Buffer) => unlockContact(key, row, flipped(locked, 20))],
  ['with a bit of its tag changed', (locked: Buffer) => unlockContact(key, row, flipped(locked, locked.length - 1))],
  ['cut short', (locked: Buffer) => unlockContact(key, row, locked.subarray(0, 12))],
  ['of another version', (locked: Buffer) => unlockContact(key, row, flipped(locked, 0))],
])('it does not open %s', (_, open) => {
  expect(() => open(lockContact(key, row, '0500 000 0001'))).toThrow(VaultCorrupt);
});
function flipped(octets: Buffer, at: number): Buffer {
  const copy = Buffer.from(octets);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}

test('the digest finds an address again, apart for its kind and its key', () => {
  const digest = contactDigest(key, 'email', 'a@b.example');
  expect(contactDigest(key, 'email', 'a@b.example')).toEqual(digest);
  expect(contactDigest(key, 'phone', 'a@b.example')).not.toEqual(digest);
  expect(contactDigest(fresh(), 'email', 'a@b.example')).not.toEqual(digest);
});

test('a people key of another length is refused', () => {
  expect(() => deriveContactKeys(randomBytes(16))).toThrow(RangeError);
});
