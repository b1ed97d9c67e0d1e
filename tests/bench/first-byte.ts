import { request } from 'node:http';

/** Asks for a place of a recording and resolves with the first byte of the answer. */
export function readFirstByte(url: string, headers: Record<string, string>, at: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { headers: { ...headers, range: `bytes=${at}-${at + 1}` } }, (response) => {
      if (response.statusCode !== 206) reject(new Error(`playback was answered with ${response.statusCode}`));
      response.once('data', () => resolve());
      response.resume();
    });
    asking.once('error', reject);
    asking.end();
  });
}
