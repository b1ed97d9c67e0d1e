import { hkdfSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decrypt, decryptSessionKeys, readMessage } from 'openpgp';
import { describe, expect, it } from 'vitest';
import { ChunkCipher, ChunkSealer, type Suite, vaultSuite } from '../../../src/vault/chunk-cipher.ts';
import { openEnvelope } from '../../../src/vault/envelope.ts';
import { parsePrivateKey } from '../../../src/vault/keyring.ts';
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
    const chunk = new ChunkSealer(cipher, 0);
    chunk.add(plaintext());
    const all = Buffer.concat([...chunk.end(), cipher.finalTag(1, plaintext().length)]);
    expect(all.toString('hex')).toBe(body.toString('hex'));
  });

  it('has a final tag over exactly its chunks and octets', () => {
    const total = plaintext().length;
    expect(cipher.isFinalTag(body.subarray(-16), 1, total - 1)).toBe(false);
    expect(cipher.isFinalTag(body.subarray(-16), 2, total)).toBe(false);
  });
});

it('leaves the EAX sample, A.9, to OpenPGP.js: the vault has no such mode', async () => {
  const { sessionKey, packet } = rfc.vectors.find(({ id }) => id === 'A.9')!;
  const { data } = await decrypt({
    message: await readMessage({ binaryMessage: Uint8Array.from(hex(packet)) }),
    sessionKeys: { data: hex(sessionKey), algorithm: 'aes128', aeadAlgorithm: 'eax' },
  });
  expect(data).toBe(rfc.plaintext_literal);
});

describe('the sample message of RFC 9580, A.8, with a PKESK of version 6', async () => {
  const sample: { plaintext_literal: string; sessionKey: string; secretKey: string[]; message: string[] } =
    await load('rfc9580-pkesk6.json');
  const message = Buffer.from(sample.message.join(''), 'base64');
  const armored = (content: string[]) =>
    ['-----BEGIN PGP PRIVATE KEY BLOCK-----', '', ...content, '-----END PGP PRIVATE KEY BLOCK-----'].join('\n');
  const pkeskBytes = 2 + message[1]!;

  it('gives its session key to the key of A.4, and its text under that session key', async () => {
    const { key } = await parsePrivateKey(armored(sample.secretKey));
    const pkesk = await readMessage({ binaryMessage: Uint8Array.from(message.subarray(0, pkeskBytes)) });
    const [found] = await decryptSessionKeys({ message: pkesk, decryptionKeys: key });
    expect(Buffer.from(found!.data).toString('hex')).toBe(sample.sessionKey);

    const body = message.subarray(pkeskBytes + 2 + 4 + 32);
    const salt = message.subarray(pkeskBytes + 2 + 4, pkeskBytes + 2 + 4 + 32);
    const cipher = new ChunkCipher({ keyBits: 128, mode: 'ocb', chunkOctet: 6 }, found!.data, salt);
    const decipher = cipher.opener(0);
    decipher.setAuthTag(body.subarray(-32, -16));
    const plaintext = Buffer.concat([decipher.update(body.subarray(0, -32)), decipher.final()]);
    expect(plaintext.subarray(8, 8 + sample.plaintext_literal.length).toString()).toBe(sample.plaintext_literal);
    expect(cipher.isFinalTag(body.subarray(-16), 1, plaintext.length)).toBe(true);
  });

  it('is no envelope of the vault, which writes AES-256 and GCM only', async () => {
    const key = await parsePrivateKey(armored(sample.secretKey));
    const envelope = message.subarray(0, pkeskBytes + 2 + 4 + 32);
    await expect(openEnvelope(envelope, [key])).rejects.toMatchObject({ code: 'ENVELOPE' });
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
