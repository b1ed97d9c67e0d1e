import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { openSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { freeMemory } from '../../src/domain/memory.ts';
import { sliceBytes } from '../../src/vault/chunk-cipher.ts';
import { testKey } from '../support/vault.ts';
import { type Bench, interleaved, mib, mibPerSecond, type Row, throughput } from './measure.ts';
import { endGnupgAgent, findAge, findProgram, makeGnupgHome, opensslSpeed, runProgram } from './programs.ts';

/** Every contender runs with the settings of the server's process (package.json, start). */
export const asTheServer = ['--max-semi-space-size=4'];

const contender = join(import.meta.dirname, 'contender.ts');

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
    const key = await testKey();
    const alone = (name: string) => async () =>
      Number(execFileSync(process.execPath, [...asTheServer, contender, name, String(bytes)]));

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

    const sealed = await interleaved(options, {
      ours: alone('sealVault'),
      openssl: () => opensslSpeed('encrypt', options.isQuick ? 1 : 2),
      openpgp: alone('sealOpenpgp'),
      gpg:
        gpg &&
        (() =>
          mibPerSecond(bytes, () => runProgram('gpg', [...gpgArgs, '-o', '/dev/null', '-e', plain], { env: gpg.env }))),
      age: age && (() => mibPerSecond(bytes, () => runProgram(age.command, ['-r', age.recipient, plain]))),
      ...program('sqop', key.recipient.key.armor(), options.folder, bytes, asInput),
      ...program('gosop', key.recipient.key.armor(), options.folder, bytes, asInput),
    });
    const read = await interleaved(options, {
      ours: alone('openVault'),
      openssl: () => opensslSpeed('decrypt', options.isQuick ? 1 : 2),
      openpgp: alone('openOpenpgp'),
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
            for (let at = 0; at < piece.length; at += sliceBytes)
              freeMemory(cipher.update(piece.subarray(at, at + sliceBytes)));
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
    await Promise.all([plain, opened].map((path) => rm(path, { force: true })));
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
