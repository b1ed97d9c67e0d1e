import { hkdfSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ChunkCipher, type Suite, vaultSuite } from '../../../src/vault/chunk-cipher.ts';
import { LiteralLayout } from '../../../src/vault/packet.ts';

const load = async (name: string) =>
  JSON.parse(await readFile(new URL(`../../fixtures/vectors/${name}`, import.meta.url), 'utf8'));
const hex = (text: string) => Buffer.from(text, 'hex');

const rfc: {
  plaintext_literal: string;
  vectors: { id: string; aead: number; sessionKey: string; packet: string }[];
} = await load('rfc9580-seipdv2.json');

describe.each([
  ['A.10', { keyBits: 128, mode: 'ocb', chunkOctet: 6 }],
  ['A.11', { keyBits: 128, mode: 'gcm', chunkOctet: 6 }],
] satisfies [string, Suite][])('the sample packet of RFC 9580, %s', (id, suite) => {
  const vector = rfc.vectors.find((candidate) => candidate.id === id)!;
  const packet = hex(vector.packet);
  const salt = packet.subarray(6, 38);
  const body = packet.subarray(38);
  const cipher = new ChunkCipher(suite, hex(vector.sessionKey), salt);
  // The sample also holds a padding packet after the literal one.
  const plaintext = () => {
    const decipher = cipher.opener(0);
    decipher.setAuthTag(body.subarray(-32, -16));
    return Buffer.concat([decipher.update(body.subarray(0, -32)), decipher.final()]);
  };

  it('decrypts', () => {
    const layout = new LiteralLayout(Buffer.byteLength(rfc.plaintext_literal), 'definite');
    expect(plaintext().subarray(0, 2)).toEqual(Buffer.of(0xcb, layout.plaintextBytes - 2));
    expect(plaintext().subarray(8, layout.plaintextBytes).toString()).toBe(rfc.plaintext_literal);
    expect(cipher.isFinalTag(body.subarray(-16), 1, plaintext().length)).toBe(true);
  });

  it('re-encrypts to the same octets', () => {
    const { sealed, tag } = cipher.seal(0, plaintext());
    const all = Buffer.concat([sealed, tag, cipher.finalTag(1, plaintext().length)]);
    expect(all.toString('hex')).toBe(body.toString('hex'));
  });

  it('has a final tag over exactly its chunks and octets', () => {
    const total = plaintext().length;
    expect(cipher.isFinalTag(body.subarray(-16), 1, total - 1)).toBe(false);
    expect(cipher.isFinalTag(body.subarray(-16), 2, total)).toBe(false);
  });
});

it('derives keys as Wycheproof expects of HKDF-SHA256', async () => {
  const { testGroups } = await load('wycheproof-hkdf-sha256.json');
  let checked = 0;
  for (const test of testGroups.flatMap((group: { tests: unknown[] }) => group.tests)) {
    const derive = () => hkdfSync('sha256', hex(test.ikm), hex(test.salt), hex(test.info), test.size);
    if (test.result === 'valid') expect(Buffer.from(derive()).toString('hex')).toBe(test.okm);
    else expect(derive).toThrow();
    checked += 1;
  }
  expect(checked).toBeGreaterThan(80);
});

it('uses a cipher that is AES-256-GCM as Wycheproof expects', async () => {
  const { createCipheriv, createDecipheriv } = await import('node:crypto');
  const { testGroups } = await load('wycheproof-aes-gcm.json');
  let checked = 0;
  for (const test of testGroups.flatMap((group: { tests: unknown[] }) => group.tests)) {
    const decipher = createDecipheriv('aes-256-gcm', hex(test.key), hex(test.iv), { authTagLength: 16 });
    decipher.setAAD(hex(test.aad)).setAuthTag(hex(test.tag));
    const open = () => Buffer.concat([decipher.update(hex(test.ct)), decipher.final()]).toString('hex');
    if (test.result !== 'valid') expect(open).toThrow();
    else {
      expect(open()).toBe(test.msg);
      const cipher = createCipheriv('aes-256-gcm', hex(test.key), hex(test.iv), { authTagLength: 16 });
      cipher.setAAD(hex(test.aad));
      expect(Buffer.concat([cipher.update(hex(test.msg)), cipher.final()]).toString('hex')).toBe(test.ct);
      expect(cipher.getAuthTag().toString('hex')).toBe(test.tag);
    }
    checked += 1;
  }
  expect(checked).toBeGreaterThan(50);
});

it.each([
  ['a session key of another length', () => new ChunkCipher(vaultSuite(), new Uint8Array(16), new Uint8Array(32))],
  ['a salt of another length', () => new ChunkCipher(vaultSuite(), new Uint8Array(32), new Uint8Array(31))],
  ['a chunk octet over 16', () => new ChunkCipher(vaultSuite(17), new Uint8Array(32), new Uint8Array(32))],
])('refuses %s', (_name, make) => {
  expect(make).toThrow(RangeError);
});
