import { connect, type Socket } from 'node:net';
import { type MalwareScanner, ScannerUnavailable } from '../../pipeline/ports/malware-scanner.ts';

/** A clamd that is silent for so long is stuck. */
const silentMs = 60_000;
const maxAnswerBytes = 4_096;

/**
 * ClamAV's daemon, asked with INSTREAM: the octets go over its socket, so it needs no file of ours. `socket` is a path,
 * or `tcp://host:port`. clamd(8), "COMMANDS".
 */
export function createScanner(socket: string): MalwareScanner {
  const url = socket.startsWith('tcp://') ? new URL(socket) : null;
  const open = () => (url ? connect(Number(url.port || 3310), url.hostname) : connect(socket));
  return {
    async scan(bytes, { signal } = {}) {
      const connection = open();
      connection.setTimeout(silentMs, () => connection.destroy(new Error('clamd does not answer')));
      const abort = () => connection.destroy(new Error('the scan was given up'));
      signal?.addEventListener('abort', abort, { once: true });
      const answer = readAnswer(connection);
      answer.catch(() => {}); // met below
      try {
        await write(connection, Buffer.from('zINSTREAM\0', 'latin1'));
        for await (const piece of bytes) {
          if (piece.length === 0) continue;
          const framed = Buffer.allocUnsafe(4 + piece.length);
          framed.writeUInt32BE(piece.length);
          framed.set(piece, 4);
          await write(connection, framed);
        }
        await write(connection, Buffer.alloc(4));
        return parseAnswer(await answer);
      } catch (error) {
        if (error instanceof ScannerUnavailable) throw error;
        // It may have said why before it closed.
        const said = await answer.catch(() => '');
        throw new ScannerUnavailable(said || 'clamd does not answer', { cause: error });
      } finally {
        signal?.removeEventListener('abort', abort);
        connection.destroy();
      }
    },
  };
}

function parseAnswer(answer: string): { readonly found: string | null } {
  if (answer === 'stream: OK') return { found: null };
  const found = /^stream: (.+) FOUND$/.exec(answer)?.[1];
  if (found !== undefined) return { found };
  throw new ScannerUnavailable(answer || 'clamd said nothing');
}

function readAnswer(connection: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    connection.setEncoding('latin1').on('data', (piece: string) => {
      answer = (answer + piece).slice(0, maxAnswerBytes);
    });
    connection.once('error', reject);
    connection.once('close', () => resolve(answer.replace(/\0.*$/s, '').trim()));
  });
}

function write(connection: Socket, octets: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (connection.destroyed) return reject(new Error('the connection to clamd is closed'));
    connection.write(octets, (error) => (error ? reject(error) : resolve()));
  });
}
