import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { decryptSessionKeys, encryptSessionKey, generateKey, readMessage } from 'openpgp';
import { describe, expect, it, vi } from 'vitest';
import { openEnvelope, rewrapKeys, wrapSessionKey } from '../../../src/vault/envelope.ts';
import { parsePrivateKey, parsePublicKey, splitArmored } from '../../../src/vault/keyring.ts';
import { unwrapWithX25519, wrapForX25519 } from '../../../src/vault/x25519-pkesk.ts';
import { testKey } from '../../support/vault.ts';

const openersOf = (key: Awaited<ReturnType<typeof testKey>>) => key.opening.x25519;

describe.each([4, 6] as const)('a PKESK for an X25519 subkey of version %i', (version) => {
  it('that we made is opened by OpenPGP.js', async () => {
    const key = await testKey(version);
    const sessionKey = randomBytes(32);
    const message = await readMessage({ binaryMessage: wrapForX25519(sessionKey, key.recipient.x25519!) });
    const [found] = await decryptSessionKeys({ message, decryptionKeys: key.opening.key });
    expect(Buffer.from(found!.data).equals(sessionKey)).toBe(true);
  });

  it('that OpenPGP.js made is opened by us', async () => {
    const key = await testKey(version);
    const sessionKey = randomBytes(32);
    const options = { algorithm: 'aes256', aeadAlgorithm: 'gcm', format: 'binary' } as const;
    const wrapped = await encryptSessionKey({ data: sessionKey, encryptionKeys: key.recipient.key, ...options });
    expect(Buffer.from(unwrapWithX25519(wrapped, openersOf(key))!).equals(sessionKey)).toBe(true);
  });

  it('gives no session key once any bit of it is flipped', async () => {
    const key = await testKey(version);
    const sessionKey = randomBytes(32);
    const packet = wrapForX25519(sessionKey, key.recipient.x25519!);
    for (let bit = 0; bit < packet.length * 8; bit++) {
      const changed = Uint8Array.from(packet);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const found = unwrapWithX25519(changed, openersOf(key));
      expect(found, `bit ${bit}`).toBeNull();
    }
  });

  it('cut short gives none', async () => {
    const key = await testKey(version);
    const packet = wrapForX25519(randomBytes(32), key.recipient.x25519!);
    for (let length = 0; length < packet.length; length++)
      expect(unwrapWithX25519(packet.subarray(0, length), openersOf(key))).toBeNull();
  });
});

it('gives none when two packets for us hold different session keys', async () => {
  const key = await testKey();
  const wrap = () => wrapForX25519(randomBytes(32), key.recipient.x25519!);
  const both = Buffer.concat([wrap(), wrap()]);
  expect(unwrapWithX25519(both, openersOf(key))).toBeNull();
});

it('takes the session key out of the PKESK of RFC 9580, A.8', async () => {
  const file = new URL('../../fixtures/vectors/rfc9580-pkesk6.json', import.meta.url);
  const sample: { secretKey: string[]; message: string[]; sessionKey: string } = JSON.parse(
    await readFile(file, 'utf8'),
  );
  const block = (edge: string) => `-----${edge} PGP PRIVATE KEY BLOCK-----`;
  const { x25519 } = await parsePrivateKey([block('BEGIN'), '', ...sample.secretKey, block('END')].join('\n'));
  const message = Buffer.from(sample.message.join(''), 'base64');
  const found = unwrapWithX25519(message, x25519);
  expect(Buffer.from(found!).toString('hex')).toBe(sample.sessionKey);
});

it('leaves other algorithms to OpenPGP.js, also in one envelope with X25519', async () => {
  const { publicKey, privateKey } = await generateKey({
    type: 'rsa',
    rsaBits: 2048,
    userIDs: [{ name: 'TEST ONLY' }],
    config: { aeadProtect: true },
  });
  const rsa = { recipient: await parsePublicKey(publicKey), opening: await parsePrivateKey(privateKey) };
  expect(rsa.recipient.x25519).toBeNull();
  const key = await testKey();
  const sessionKey = randomBytes(32);
  const both = await wrapSessionKey(sessionKey, [key.recipient, rsa.recipient]);
  for (const one of [key, rsa]) {
    const again = await rewrapKeys(both, [one.opening], [key.recipient]);
    expect(Buffer.from(unwrapWithX25519(again, openersOf(key))!).equals(sessionKey)).toBe(true);
  }
});

it('does not wrap for a key that has expired since it was loaded', async () => {
  const options = { type: 'curve25519' as const, userIDs: [{ name: 'TEST ONLY' }], config: { aeadProtect: true } };
  vi.useFakeTimers({ toFake: ['Date'] });
  try {
    const { publicKey } = await generateKey({ ...options, keyExpirationTime: 60 });
    const recipient = await parsePublicKey(publicKey);
    await wrapSessionKey(randomBytes(32), [recipient]);
    vi.setSystemTime(Date.now() + 61_000);
    await expect(wrapSessionKey(randomBytes(32), [recipient])).rejects.toThrow(/expired/);
  } finally {
    vi.useRealTimers();
  }
});

it('takes several armored blocks apart', async () => {
  const a = (await testKey()).opening.key.armor();
  const b = (await testKey()).recipient.key.armor();
  expect(splitArmored(`note\n${a}\nmore\n${b}`)).toEqual([a.trim(), b.trim()]);
  expect(splitArmored('nothing')).toEqual([]);
});

it('still names what is wrong with an envelope', async () => {
  await expect(openEnvelope(new Uint8Array(10), [])).rejects.toMatchObject({ code: 'ENVELOPE' });
});
