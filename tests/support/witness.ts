import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openCheckpoint } from '../../src/audit/checkpoint.ts';
import { isConsistent } from '../../src/audit/merkle.ts';
import { parseVerifierKey } from '../../src/audit/signed-note.ts';

/** A witness of one log as C2SP `tlog-witness` defines it, over HTTP, with a key of its own (cosignature/v1). */
export async function startTestWitness(logKey: () => string) {
  const name = 'witness.example/test';
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const keyId = createHash('sha256').update(`${name}\n`).update(Buffer.of(4)).update(raw).digest().subarray(0, 4);
  let signed: { size: number; root: Buffer } | null = null;
  const state = { loseNextAnswer: false, answered: 0 };
  const answer = (body: string): { status: number; type?: string; text: string } => {
    const at = body.indexOf('\n\n');
    const [old, ...hashes] = body.slice(0, at).split('\n');
    const note = body.slice(at + 2);
    const checkpoint = openCheckpoint(note, { log: [parseVerifierKey(logKey())] });
    const oldSize = Number(/^old (\d+)$/.exec(old!)![1]);
    if (oldSize !== (signed?.size ?? 0))
      return { status: 409, type: 'text/x.tlog.size', text: `${signed?.size ?? 0}\n` };
    const proof = hashes.map((hash) => Buffer.from(hash, 'base64'));
    if (signed) {
      const { size, root } = checkpoint;
      if (!isConsistent({ oldSize, size, oldRoot: signed.root, root }, proof))
        return { status: 422, text: 'inconsistent\n' };
    }
    signed = { size: checkpoint.size, root: checkpoint.root };
    const seconds = Math.floor(Date.now() / 1000);
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), privateKey);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    return { status: 200, text: `— ${name} ${Buffer.concat([keyId, time, signature]).toString('base64')}\n` };
  };
  const http = createServer(async (req, res) => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece as Buffer);
    if (req.method !== 'POST' || req.url !== '/add-checkpoint') return res.writeHead(404).end();
    const { status, type, text } = answer(Buffer.concat(pieces).toString('utf8'));
    state.answered += 1;
    if (state.loseNextAnswer) {
      state.loseNextAnswer = false;
      return req.socket.destroy();
    }
    res.writeHead(status, { 'content-type': type ?? 'text/plain' }).end(text);
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    key: `${name}+${keyId.toString('hex')}+${Buffer.concat([Buffer.of(4), raw]).toString('base64')}`,
    state,
    /** As if it had seen more entries than there are. */
    pretend(size: number) {
      signed = { size, root: Buffer.alloc(32) };
    },
    async stop() {
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}
