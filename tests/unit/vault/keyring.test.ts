import { generateKey } from 'openpgp';
import { describe, expect, it } from 'vitest';
import { generateVaultKey, parsePrivateKey, parsePublicKey } from '../../../src/vault/keyring.ts';

describe.each([4, 6] as const)('a vault key of version %i', (version) => {
  it('is made, read, and has one fingerprint', async () => {
    const pair = await generateVaultKey({ name: 'Vault', version });
    expect(pair.fingerprint).toHaveLength(version === 4 ? 40 : 64);
    expect((await parsePublicKey(pair.publicKeyArmored)).fingerprint).toBe(pair.fingerprint);
    expect((await parsePrivateKey(pair.privateKeyArmored)).fingerprint).toBe(pair.fingerprint);
  });

  it('opens with its passphrase only', async () => {
    const pair = await generateVaultKey({ name: 'Vault', version, passphrase: 'right' });
    await expect(parsePrivateKey(pair.privateKeyArmored)).rejects.toMatchObject({ code: 'PASSPHRASE_MISSING' });
    await expect(parsePrivateKey(pair.privateKeyArmored, 'wrong')).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' });
    const { key } = await parsePrivateKey(pair.privateKeyArmored, 'right');
    expect(key.isDecrypted()).toBe(true);
  });

  it('gives only its public half as a recipient', async () => {
    const pair = await generateVaultKey({ name: 'Vault', version });
    expect((await parsePublicKey(pair.privateKeyArmored)).key.isPrivate()).toBe(false);
  });
});

it('refuses a key without the SEIPDv2 feature', async () => {
  const { publicKey, privateKey } = await generateKey({ type: 'curve25519', userIDs: [{ name: 'Old' }] });
  await expect(parsePublicKey(publicKey)).rejects.toMatchObject({ code: 'NO_SEIPDV2_FEATURE' });
  await expect(parsePrivateKey(privateKey)).rejects.toMatchObject({ code: 'NO_SEIPDV2_FEATURE' });
});

it('refuses a key that has no subkey for encryption', async () => {
  const { publicKey } = await generateKey({
    type: 'curve25519',
    userIDs: [{ name: 'Signer' }],
    subkeys: [{ sign: true }],
    config: { aeadProtect: true },
  });
  await expect(parsePublicKey(publicKey)).rejects.toMatchObject({ code: 'CANNOT_ENCRYPT' });
});

it.each(['', 'no key', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----'])(
  'refuses %j',
  async (text) => {
    await expect(parsePublicKey(text)).rejects.toMatchObject({ code: 'NOT_A_KEY' });
    await expect(parsePrivateKey(text)).rejects.toMatchObject({ code: 'NOT_A_KEY' });
  },
);
