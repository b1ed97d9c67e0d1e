import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decrypt, readMessage } from 'openpgp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportMessage, openEnvelope } from '../../../src/vault/envelope.ts';
import { generateVaultKey, parsePrivateKey, parsePublicKey } from '../../../src/vault/keyring.ts';
import { collect, inPieces, seal } from '../../support/vault.ts';

/**
 * Other OpenPGP programs, where this machine has them with RFC 9580: `EMANET_SQ`, `EMANET_SQOP`, `EMANET_GOSOP`,
 * `EMANET_RSOP`, or a command of that name on PATH. They read files at the paths that are given to them.
 */
interface Program {
  readonly name: string;
  readonly command: string;
  /** Why it is not used; null when it is. */
  readonly whyNot: string | null;
  decrypt(key: string, message: string): string[];
  encrypt(certificate: string, file: string): string[];
}

const stateless = {
  decrypt: (key: string, message: string) => ['sh', '-c', '"$0" decrypt "$1" <"$2"', key, message],
  encrypt: (certificate: string, file: string) => ['sh', '-c', '"$0" encrypt --no-armor "$1" <"$2"', certificate, file],
};
const programs: readonly Program[] = [
  {
    name: 'sqop',
    versionArguments: ['version', '--extended'],
    isNewEnough: /Sequoia [2-9]|sequoia-openpgp [2-9]/i,
    ...stateless,
  },
  { name: 'gosop', versionArguments: ['version', '--extended'], isNewEnough: /GopenPGP [3-9]/i, ...stateless },
  {
    name: 'rsop',
    versionArguments: ['version', '--extended'],
    isNewEnough: /rpgp [\d.]*(0\.1[4-9]|[1-9]\.)/i,
    ...stateless,
  },
  {
    name: 'sq',
    versionArguments: ['version'],
    isNewEnough: /sequoia-openpgp [2-9]/,
    decrypt: (key: string, message: string) => ['sh', '-c', '"$0" decrypt --recipient-file "$1" <"$2"', key, message],
    encrypt: (certificate: string, file: string) => [
      'sh',
      '-c',
      '"$0" encrypt --without-signature --binary --for-file "$1" <"$2"',
      certificate,
      file,
    ],
  },
].map(({ name, versionArguments, isNewEnough, ...calls }) => {
  const command = process.env[`EMANET_${name.toUpperCase()}`] ?? name;
  const asked = spawnSync(command, versionArguments, { encoding: 'utf8' });
  const said = `${asked.stdout}${asked.stderr}`;
  const whyNot = asked.error
    ? 'not on this machine'
    : isNewEnough.test(said)
      ? null
      : `too old: ${said.split('\n')[0]}`;
  return { name, command, whyNot, ...calls };
});

function run(program: Program, [shell, option, script, ...files]: string[]): Buffer {
  const done = spawnSync(shell!, [option!, script!, program.command, ...files], { maxBuffer: 2 ** 28 });
  if (done.status !== 0) throw new Error(`${program.name} ended with ${done.status}: ${done.stderr}`);
  return done.stdout;
}

const sizes = [0, 1, 2 ** 20 - 8, 3 * 2 ** 20 + 5, 2 ** 22 - 6, 2 ** 24 + 1];

describe.each([4, 6] as const)('with a key of version %i', (version) => {
  let folder: string;
  let pair: Awaited<ReturnType<typeof generateVaultKey>>;
  const at = (name: string) => join(folder, name);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-interop-'));
    pair = await generateVaultKey({ name: 'TEST ONLY', version });
    await writeFile(at('key'), pair.privateKeyArmored);
    await writeFile(at('certificate'), pair.publicKeyArmored);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  for (const program of programs) {
    const named = program.whyNot === null ? program.name : `${program.name} (${program.whyNot})`;
    describe.skipIf(program.whyNot !== null)(named, () => {
      it.each([true, false])('opens what the vault seals; length declared: %s', async (isDeclared) => {
        for (const bytes of sizes) {
          const media = randomBytes(bytes);
          const recipients = [await parsePublicKey(pair.publicKeyArmored)];
          const { body, sealed } = await seal(media, { recipients, ...(isDeclared ? { mediaLength: bytes } : {}) });
          await writeFile(at('message'), await collect(exportMessage(sealed.envelope, inPieces(body), body.length)));
          expect(run(program, program.decrypt(at('key'), at('message'))).equals(media), `${bytes} bytes`).toBe(true);
        }
      });

      it('makes what OpenPGP.js opens with a key of the vault, and a session key that the vault reads', async () => {
        const media = randomBytes(100_000);
        await writeFile(at('file'), media);
        const message = run(program, program.encrypt(at('certificate'), at('file')));
        const key = await parsePrivateKey(await readFile(at('key'), 'utf8'));
        const { data } = await decrypt({
          message: await readMessage({ binaryMessage: Uint8Array.from(message) }),
          decryptionKeys: key.key,
          format: 'binary',
        });
        expect(Buffer.from(data).equals(media)).toBe(true);
        // An envelope ends where the chunks begin. Programs choose OCB or another framing: what is read is PKESK version 6.
        const { sessionKey } = await openEnvelope(asEnvelope(message), [key]);
        expect(sessionKey).toHaveLength(32);
      });
    });
  }
});

/** Wrapped keys as a program wrote them, before the opening of a SEIPD packet as the vault writes it. */
function asEnvelope(message: Buffer): Buffer {
  let offset = 0;
  while (message[offset] === 0xc1) offset += 2 + message[offset + 1]!;
  const header = Buffer.concat([Buffer.from('d24c0209030e', 'hex'), Buffer.alloc(32)]);
  return Buffer.concat([message.subarray(0, offset), header]);
}
