import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decrypt, enums, generateKey, readKey, readMessage, readPrivateKey } from 'openpgp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseVerifyingKey } from '../../../src/vault/keyring.ts';
import { encryptForGnupg } from '../../../src/vault/seipd1.ts';
import { createPermittedLesson, createSchool, ok, type School } from '../../support/school.ts';
import { createSealedRecording } from '../../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { collect, inPieces, testKey } from '../../support/vault.ts';

let server: TestServer;
let school: School;
let recording: Awaited<ReturnType<typeof createSealedRecording>>;

beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
  const lesson = await createPermittedLesson(school);
  recording = await createSealedRecording(server.context.outside, lesson.id, school.teacher.id);
});
afterAll(() => server?.stop());

const read = async (body: object, by = school.admin) => {
  const response = await fetch(`${by.url}/api/recordings/${recording.id}/export`, {
    method: 'POST',
    headers: { ...by.headers, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};

test('the sealed file is one OpenPGP message of the length announced, which the vault’s key opens', async () => {
  const { status, headers, bytes } = await read({ format: 'openpgp' });
  expect(status).toBe(200);
  expect(Number(headers.get('content-length'))).toBe(bytes.length);
  const { data } = await decrypt({
    message: await readMessage({ binaryMessage: Uint8Array.from(bytes) }),
    decryptionKeys: server.context.outside.keyring.openingKeys[0]!.key,
    format: 'binary',
  });
  expect(recording.media.equals(data)).toBe(true);
});

test('for a recipient of one’s own only that key opens it', async () => {
  const key = await testKey(6);
  const { bytes } = await read({ format: 'openpgp', recipient: key.recipient.key.armor() });
  const open = (decryptionKeys: typeof key.opening.key) =>
    readMessage({ binaryMessage: Uint8Array.from(bytes) }).then((message) =>
      decrypt({ message, decryptionKeys, format: 'binary' }),
    );
  expect(recording.media.equals((await open(key.opening.key)).data)).toBe(true);
  await expect(open(server.context.outside.keyring.openingKeys[0]!.key)).rejects.toThrow();
});

test('in the clear it is the media', async () => {
  expect((await read({ format: 'media' })).bytes.equals(recording.media)).toBe(true);
});

test('GnuPG opens what is made for it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'emanet-gpg-'));
  try {
    const gpg = (...args: string[]) =>
      execFileSync('gpg', ['--homedir', home, '--batch', '--yes', '--pinentry-mode', 'loopback', ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        maxBuffer: 2 ** 26,
      });
    gpg('--passphrase', '', '--quick-generate-key', 'TEST ONLY <test@school.example>', 'default', 'default', 'never');
    const recipient = gpg('--armor', '--export').toString();
    const { status, bytes } = await read({ format: 'gnupg', recipient });
    expect(status).toBe(200);
    const file = join(home, 'recording.gpg');
    await writeFile(file, bytes);
    gpg('--output', join(home, 'out'), '--decrypt', file);
    expect((await readFile(join(home, 'out'))).equals(recording.media)).toBe(true);
    bytes[bytes.length - 30]! ^= 1;
    await writeFile(file, bytes);
    expect(() => gpg('--output', join(home, 'damaged'), '--decrypt', file)).toThrow();
  } finally {
    execFileSync('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
    await rm(home, { recursive: true, force: true });
  }
});

test.each([0, 1, 65_507, 65_508, 65_509, 131_072, 200_000])(
  'media of %i bytes survive the older format',
  async (size) => {
    const { publicKey, privateKey } = await generateKey({ type: 'curve25519', userIDs: [{ name: 'TEST ONLY' }] });
    const media = Buffer.alloc(size, 7);
    const message = await collect(encryptForGnupg(inPieces(media, 1_000), size, await parseVerifyingKey(publicKey)));
    const { data } = await decrypt({
      message: await readMessage({ binaryMessage: Uint8Array.from(message) }),
      decryptionKeys: await readPrivateKey({ armoredKey: privateKey }),
      format: 'binary',
    });
    expect(media.equals(data)).toBe(true);
    expect((await readKey({ armoredKey: publicKey })).getAlgorithmInfo().algorithm).toBeDefined();
    expect(enums.packet.symEncryptedIntegrityProtectedData).toBe(18);
  },
);

test('only administrators export, and every export is on the log before its first byte and after its last', async () => {
  expect((await read({ format: 'media' }, school.teacher)).status).toBe(403);
  expect((await read({ format: 'media' }, school.reviewer)).status).toBe(403);
  const entries = ok(await school.auditor.get(`/api/audit?recording=${recording.id}&action=recording.exported`))
    .entries as { entry: { details: { stage: string; format: string } } }[];
  const stages = entries.map(({ entry }) => `${entry.details.format} ${entry.details.stage}`);
  for (const format of ['openpgp', 'gnupg', 'media'])
    for (const stage of ['begun', 'ended']) expect(stages).toContain(`${format} ${stage}`);
});

test('a recipient that is missing or no good is refused with the reason', async () => {
  expect((await read({ format: 'gnupg' })).status).toBe(400);
  const { publicKey } = await generateKey({ type: 'curve25519', userIDs: [{ name: 'TEST ONLY' }] });
  const answer = await read({ format: 'openpgp', recipient: publicKey });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.bytes.toString()).reasons[0].code).toBe('NO_SEIPDV2_FEATURE');
});

test('what is in quarantine is not exported', async () => {
  await server.context.outside.database.read.recording.update({
    where: { id: recording.id },
    data: { state: 'quarantined' },
  });
  const answer = await read({ format: 'media' });
  expect(answer.status).toBe(409);
});
