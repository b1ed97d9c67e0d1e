import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestHere, digestOnThread } from '../../../src/vault/digest-thread.ts';

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex');

describe.each([
  ['here', digestHere],
  ['on the thread for media', () => digestOnThread('media')],
  ['on the thread for bodies', () => digestOnThread('body')],
])('a digest %s', (_name, begin) => {
  it('of no pieces is that of nothing', async () => {
    expect(await begin().hex()).toBe(sha256(Buffer.alloc(0)));
  });

  it('gives back what it was given, beside others that run at the same time', async () => {
    const contents = Array.from({ length: 5 }, (_, index) => randomBytes(1000 + index));
    await Promise.all(
      contents.map(async (content) => {
        const digest = begin();
        const given = [];
        for (let at = 0; at < content.length; at += 300) {
          given.push(
            digest.add(
              Uint8Array.from(content.subarray(at, at + 150)),
              Uint8Array.from(content.subarray(at + 150, at + 300)),
            ),
          );
        }
        expect(Buffer.concat((await Promise.all(given)).flat()).equals(content)).toBe(true);
        expect(await digest.hex()).toBe(sha256(content));
      }),
    );
  });

  it('takes nothing away that shares its memory', async () => {
    const content = Uint8Array.from(randomBytes(100));
    const digest = begin();
    const [back] = await digest.add(content.subarray(10, 20));
    expect([...back!]).toEqual([...content.subarray(10, 20)]);
    expect(content).toHaveLength(100);
    expect(await digest.hex()).toBe(sha256(content.subarray(10, 20)));
  });

  it('is dropped without an answer, before and after its end', async () => {
    const digest = begin();
    const pending = digest.add(Uint8Array.from(randomBytes(10)));
    digest.drop();
    digest.drop();
    const other = begin();
    expect(await other.hex()).toBe(sha256(Buffer.alloc(0)));
    other.drop();
    pending.catch(() => {});
  });
});
