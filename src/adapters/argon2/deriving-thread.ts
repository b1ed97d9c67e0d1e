import { argon2Sync } from 'node:crypto';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { mustHave } from '../../domain/must-have.ts';
import type { Derivation } from './password-hashing.ts';

// On Linux a thread has a priority of its own: playing a recording comes before hashing a stranger's guess.
if (process.platform === 'linux') setPriority(10);

const starter = mustHave(parentPort, 'thread that started this one');

starter.on('message', ({ id, password, salt, memory, passes, lanes, octets }: Derivation & { id: number }) => {
  const tag = argon2Sync('argon2id', {
    message: password,
    nonce: salt,
    memory,
    passes,
    parallelism: lanes,
    tagLength: octets,
  });
  starter.postMessage({ id, tag });
});
