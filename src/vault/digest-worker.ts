import { createHash, type Hash } from 'node:crypto';
import { getPriority, platform, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { mustHave } from '../domain/must-have.ts';

/**
 * The threads behind `digest-thread.ts`: they see media or ciphertext, no key, and give every piece back when it is
 * counted in. Messages of one digest come in order; those of several may be mixed.
 */
export type DigestOrder =
  | { readonly id: number; readonly pieces: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly id: number; readonly end: 'digest' | 'drop' };
export type DigestAnswer =
  | { readonly id: number; readonly pieces: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly id: number; readonly hex: string };

// Of this thread alone: whoever waits for an answer of the process goes first.
if (platform() === 'linux') setPriority(Math.min(19, getPriority() + 3));

const starter = mustHave(parentPort, 'thread that started this one');
const hashes = new Map<number, Hash>();

starter.on('message', (order: DigestOrder) => {
  const hash = hashes.get(order.id) ?? createHash('sha256');
  if ('end' in order) {
    hashes.delete(order.id);
    if (order.end === 'digest') answer({ id: order.id, hex: hash.digest('hex') });
    return;
  }
  hashes.set(order.id, hash);
  for (const piece of order.pieces) hash.update(piece);
  answer({ id: order.id, pieces: order.pieces });
});

function answer(message: DigestAnswer): void {
  const transfer = 'pieces' in message ? message.pieces.map((piece) => piece.buffer) : [];
  starter.postMessage(message, transfer);
}
