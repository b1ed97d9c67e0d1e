import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, openSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createMessage, decrypt, encrypt, generateKey, readKey, readMessage, readPrivateKey } from 'openpgp';
import { openMedia } from '../../src/vault/open.ts';
import { sealStream } from '../../src/vault/seal.ts';
import { testKey } from '../support/vault.ts';
import { type Bench, interleaved, mib, mibPerSecond, type Row, throughput } from './measure.ts';
import { endGnupgAgent, findAge, findProgram, makeGnupgHome, opensslSpeed, runProgram } from './programs.ts';

/** (a) Seal and open in memory, against the cipher alone and against other OpenPGP software on one file. */
export const inMemory: Bench = {
  about: 'seal and open 1 GiB in memory',
  async measure(options) {
    const bytes = options.isQuick ? 8 * mib : 1024 * mib;
    const source = randomBytes(16 * mib);
    const media = function* (pieceBytes = 64 * 1024) {
      for (let at = 0; at < bytes; at += pieceBytes)
        yield source.subarray(at % source.length, (at % source.length) + pieceBytes);
    };
    const stream = async function* () {
      yield* media();
    };
    const key = await testKey();
    const recipients = [key.recipient];

    // Programs read a file that is in the page cache and write to nowhere, or, to be opened again, to a file there.
    const plain = join(options.folder, 'plain');
    const file = await open(plain, 'w');
    for (const piece of media(mib)) await file.write(piece);
    await file.close();
    const asInput = () => ({ inputPath: openSync(plain, 'r') });

    const gpg = findProgram('gpg') ? await makeGnupgHome(options.folder) : null;
    const gpgArgs = gpg ? ['-z', '0', '-r', gpg.recipient, '--yes'] : [];
    const age = await findAge();
    const opened = join(options.folder, 'gpg-file');
    if (gpg) await runProgram('gpg', [...gpgArgs, '-o', opened, '-e', plain], { env: gpg.env });

    const foreign = await openPgpStreams();
    const message = join(options.folder, 'openpgp-file');
    await foreign.sealTo(message, bytes, stream);

    const sealed = await interleaved(options, {
      ours: () =>
        mibPerSecond(bytes, async () => {
          for await (const _ of sealStream({ recipients, mediaLength: bytes }).body(stream()));
        }),
      openssl: () => opensslSpeed('encrypt', options.isQuick ? 1 : 2),
      openpgp: () => mibPerSecond(bytes, () => foreign.seal(stream)),
      gpg:
        gpg &&
        (() =>
          mibPerSecond(bytes, () => runProgram('gpg', [...gpgArgs, '-o', '/dev/null', '-e', plain], { env: gpg.env }))),
      age: age && (() => mibPerSecond(bytes, () => runProgram(age.command, ['-r', age.recipient, plain]))),
      ...program('sqop', key.recipient.key.armor(), options.folder, bytes, asInput),
      ...program('gosop', key.recipient.key.armor(), options.folder, bytes, asInput),
    });
    // Only now: a gigabyte held in memory makes every allocation of the runs above dearer.
    const sealing = sealStream({ recipients, mediaLength: bytes });
    const pieces: Uint8Array[] = [];
    for await (const piece of sealing.body(stream())) pieces.push(piece);
    const body = Buffer.concat(pieces.splice(0));

    const read = await interleaved(options, {
      ours: () =>
        mibPerSecond(bytes, async () => {
          const media = await openMedia({
            ...sealing.result,
            privateKeys: [key.opening],
            expected: sealing.result,
            fetch: async function* (start, end) {
              for (let at = start; at < end; at += 256 * 1024) yield body.subarray(at, Math.min(end, at + 256 * 1024));
            },
          });
          for await (const _ of media.read(0, bytes));
          media.close();
        }),
      openssl: () => opensslSpeed('decrypt', options.isQuick ? 1 : 2),
      openpgp: () => mibPerSecond(bytes, () => foreign.open(message)),
      gpg:
        gpg &&
        (() =>
          mibPerSecond(bytes, () => runProgram('gpg', ['--yes', '-o', '/dev/null', '-d', opened], { env: gpg.env }))),
    });
    const stages = await interleaved(options, {
      gcm: () =>
        mibPerSecond(bytes, () => {
          const secret = randomBytes(32);
          for (const piece of media(mib)) {
            const cipher = createCipheriv('aes-256-gcm', secret, randomBytes(12));
            cipher.update(piece);
            cipher.final();
          }
        }),
      sha256: () =>
        mibPerSecond(bytes, () => {
          const hash = createHash('sha256');
          for (const piece of media(mib)) hash.update(piece);
          hash.digest();
        }),
    });
    if (gpg) await endGnupgAgent(gpg.env);
    await Promise.all([plain, opened, message].map((path) => rm(path, { force: true })));
    const rows: Row[] = [
      ...throughput('(a) seal, with both digests', sealed.ours, 'openssl speed', sealed.openssl, 0.6),
      ...throughput('(a) seal, with both digests', sealed.ours, 'openpgp streams', sealed.openpgp, 10),
      ...throughput('(a) seal, with both digests', sealed.ours, 'gpg', sealed.gpg, 2),
      ...(['age', 'sqop', 'gosop'] as const).flatMap((name) =>
        sealed[name] === null ? [] : throughput('(a) seal, with both digests', sealed.ours, name, sealed[name]),
      ),
      ...throughput('(a) open', read.ours, 'openpgp streams', read.openpgp, 20),
      ...throughput('(a) open', read.ours, 'openssl speed', read.openssl),
      ...throughput('(a) open', read.ours, 'gpg', read.gpg),
      ...throughput('(a) stage: AES-256-GCM', stages.gcm, 'openssl speed', sealed.openssl),
      ...throughput('(a) stage: SHA-256, needed twice to seal', stages.sha256, 'AES-256-GCM', stages.gcm),
    ];
    return rows;
  },
};

/** `sqop` and `gosop` encrypt to the same key by the same command (Stateless OpenPGP). */
function program<Name extends string>(
  name: Name,
  certificate: string,
  folder: string,
  bytes: number,
  asInput: () => { inputPath: number },
): Record<Name, (() => Promise<number>) | null> {
  const command = findProgram(name);
  const path = join(folder, `${name}-certificate`);
  const measure = async () => {
    const file = await open(path, 'w');
    await file.writeFile(certificate);
    await file.close();
    return mibPerSecond(bytes, () => runProgram(command!, ['encrypt', '--no-armor', path], asInput()));
  };
  return { [name]: command === null ? null : measure } as Record<Name, (() => Promise<number>) | null>;
}

/** OpenPGP.js as anybody would use it: streams, SEIPD version 2, AES-256-GCM, its own chunk size. TEST ONLY key. */
async function openPgpStreams() {
  const config = { aeadProtect: true, preferredAEADAlgorithm: 3 };
  const pair = await generateKey({ type: 'curve25519', userIDs: [{ name: 'TEST ONLY' }], config });
  const encryptionKeys = await readKey({ armoredKey: pair.publicKey });
  const decryptionKeys = await readPrivateKey({ armoredKey: pair.privateKey });
  const start = async (stream: () => AsyncIterable<Uint8Array>) => {
    const message = await createMessage({ binary: ReadableStream.from(stream()) as never });
    return (await encrypt({
      message,
      encryptionKeys,
      format: 'binary',
      config,
    })) as unknown as AsyncIterable<Uint8Array>;
  };
  return {
    async seal(stream: () => AsyncIterable<Uint8Array>): Promise<void> {
      for await (const _ of await start(stream));
    },
    async sealTo(path: string, _bytes: number, stream: () => AsyncIterable<Uint8Array>): Promise<void> {
      const file = await open(path, 'w');
      for await (const piece of await start(stream)) await file.writeFile(piece);
      await file.close();
    },
    async open(path: string): Promise<void> {
      const file = createReadStream(path, { highWaterMark: mib });
      await once(file, 'open');
      const message = await readMessage({ binaryMessage: ReadableStream.from(file) as never });
      const { data } = await decrypt({ message, decryptionKeys, format: 'binary', config });
      for await (const _ of data as unknown as AsyncIterable<Uint8Array>);
    },
  };
}
