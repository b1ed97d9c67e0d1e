import { randomBytes } from 'node:crypto';
import { createMessage, decrypt, encrypt, generateKey, readKey, readMessage, readPrivateKey } from 'openpgp';
import { lend } from '../../src/domain/memory.ts';
import { openMedia } from '../../src/vault/open.ts';
import { sealStream } from '../../src/vault/seal.ts';
import { collect, testKey } from '../support/vault.ts';
import { mib, mibPerSecond } from './measure.ts';

/**
 * One contender in a process of its own, `node contender.ts NAME BYTES`: what another one left on the heap is not its
 * burden. Warms up on a quarter (compiler, allocator and garbage collector have settled then), and says its MiB/s on standard output.
 */
const block = randomBytes(16 * mib);
async function* media(bytes: number, pieceBytes = 64 * 1024): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes; at += pieceBytes)
    yield block.subarray(at % block.length, (at % block.length) + pieceBytes);
}

const contenders: Readonly<Record<string, (bytes: number) => Promise<() => Promise<void>>>> = {
  async sealVault(bytes) {
    const { recipient } = await testKey();
    return async () => {
      const sealing = sealStream({ recipients: [recipient], mediaLength: bytes });
      // What a store does: it is done with a piece when it asks for the next one.
      for await (const _ of lend(sealing.body(media(bytes))));
    };
  },
  async openVault(bytes) {
    const key = await testKey();
    const sealing = sealStream({ recipients: [key.recipient], mediaLength: bytes });
    const body = await collect(sealing.body(media(bytes)));
    const fetch = async function* (start: number, end: number) {
      for (let at = start; at < end; at += 256 * 1024) yield body.subarray(at, Math.min(end, at + 256 * 1024));
    };
    return async () => {
      const { result } = sealing;
      const opened = await openMedia({ ...result, privateKeys: [key.opening], expected: result, fetch });
      for await (const _ of lend(opened.read(0, bytes)));
      opened.close();
    };
  },
  async sealOpenpgp(bytes) {
    const { seal } = await openPgpStreams();
    return async () => {
      for await (const _ of await seal(media(bytes)));
    };
  },
  async openOpenpgp(bytes) {
    const { seal, open } = await openPgpStreams();
    const message = await collect(await seal(media(bytes)));
    return async () => {
      for await (const _ of await open(message));
    };
  },
};

/** OpenPGP.js as anybody would use it: streams, SEIPD version 2, AES-256-GCM, its own chunk size. TEST ONLY key. */
async function openPgpStreams() {
  const config = { aeadProtect: true, preferredAEADAlgorithm: 3 };
  const pair = await generateKey({ type: 'curve25519', userIDs: [{ name: 'TEST ONLY' }], config });
  const encryptionKeys = await readKey({ armoredKey: pair.publicKey });
  const decryptionKeys = await readPrivateKey({ armoredKey: pair.privateKey });
  return {
    async seal(stream: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
      const message = await createMessage({ binary: ReadableStream.from(stream) as never });
      const sealed = await encrypt({ message, encryptionKeys, format: 'binary', config });
      return sealed as unknown as AsyncIterable<Uint8Array>;
    },
    async open(octets: Uint8Array): Promise<AsyncIterable<Uint8Array>> {
      const pieces = function* () {
        for (let at = 0; at < octets.length; at += 256 * 1024) yield octets.subarray(at, at + 256 * 1024);
      };
      const message = await readMessage({ binaryMessage: ReadableStream.from(pieces()) as never });
      const { data } = await decrypt({ message, decryptionKeys, format: 'binary', config });
      return data as unknown as AsyncIterable<Uint8Array>;
    },
  };
}

const [, , name, bytes] = process.argv;
const prepare = contenders[name!]!;
await (await prepare(Number(bytes) / 4))();
const work = await prepare(Number(bytes));
process.stdout.write(`${await mibPerSecond(Number(bytes), work)}\n`);
