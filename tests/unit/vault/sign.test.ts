import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMessage, generateKey, readKey, readSignature, verify } from 'openpgp';
import { beforeAll, describe, expect, test } from 'vitest';
import { parsePrivateKey } from '../../../src/vault/keyring.ts';
import { findSigner, signDetached } from '../../../src/vault/sign.ts';
import { type TestKey, testKey } from '../../support/vault.ts';

const text = '{"kind":"test","name":"Gül Örnek"}';

describe.each([4, 6] as const)('a detached signature of a version %i key', (version) => {
  let key: TestKey;
  let signature: string;
  beforeAll(async () => {
    key = await testKey(version);
    signature = await signDetached(text, key.opening);
  });

  test('is verified by OpenPGP.js with the public key alone', async () => {
    const result = await verify({
      message: await createMessage({ binary: Buffer.from(text) }),
      signature: await readSignature({ armoredSignature: signature }),
      verificationKeys: await readKey({ armoredKey: key.recipient.key.armor() }),
      expectSigned: true,
    });
    expect(await result.signatures[0]!.verified).toBe(true);
  });

  test('names its signer, among others', async () => {
    const other = await testKey();
    expect(await findSigner(text, signature, [other.opening, key.opening])).toBe(key.opening.fingerprint);
  });

  test('vouches for no other text, for no other key, and not when it is none', async () => {
    const other = await testKey(version);
    expect(await findSigner(`${text} `, signature, [key.opening])).toBeNull();
    expect(await findSigner(text, signature, [other.opening])).toBeNull();
    expect(await findSigner(text, signature, [])).toBeNull();
    expect(await findSigner(text, 'not armor', [key.opening])).toBeNull();
    expect(
      await findSigner(text, signature.replace(/\n[A-Za-z0-9+/]{20}/, '\nAAAAAAAAAAAAAAAAAAAA'), [key.opening]),
    ).toBeNull();
  });
});

const gpg = spawnSync('gpg', ['--version'], { encoding: 'utf8' });
const gpgVersion = gpg.error ? 'there is no gpg' : gpg.stdout.split('\n')[0];

test.skipIf(gpg.error)(`gpg verifies the signature of a key whose algorithm it knows (${gpgVersion})`, async () => {
  // GnuPG does not know the Ed25519 of RFC 9580 (algorithm 27), which vault keys have by default; it knows EdDSA (22).
  const pair = await generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: 'TEST ONLY' }],
    format: 'armored',
    config: { aeadProtect: true },
  });
  const signature = await signDetached(text, await parsePrivateKey(pair.privateKey));
  const folder = mkdtempSync(join(tmpdir(), 'emanet-gpg-'));
  try {
    for (const [name, content] of Object.entries({ key: pair.publicKey, text, signature }))
      writeFileSync(join(folder, name), content);
    const run = (...args: string[]) =>
      execFileSync('gpg', ['--homedir', folder, '--batch', '--no-autostart', '--trust-model', 'always', ...args], {
        stdio: 'pipe',
      });
    run('--import', join(folder, 'key'));
    run('--verify', join(folder, 'signature'), join(folder, 'text'));
    writeFileSync(join(folder, 'text'), `${text} `);
    expect(() => run('--verify', join(folder, 'signature'), join(folder, 'text'))).toThrow(/BAD signature/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
