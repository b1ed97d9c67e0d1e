import { createWriteStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPapers } from '../../../src/adapters/papers/papers.ts';
import { openZip } from '../../../src/verifier/read-zip.ts';
import { ZipMalformed } from '../../../src/verifier/zip-reader.ts';

let folder: string;
let path: string;
const large = Buffer.from('what was said '.repeat(20_000));
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'emanet-zip-'));
  path = join(folder, 'a.zip');
  const files = [
    { name: 'small.txt', octets: Buffer.from('küçük') },
    { name: 'plain.pdf', octets: Buffer.from('%PDF') },
    { name: 'log.jsonl', octets: Readable.from([large.subarray(0, 100), large.subarray(100)]) },
    { name: 'empty', octets: Buffer.alloc(0) },
  ];
  await pipeline(createPapers().zip(files, new Date('2026-01-01T00:00:00Z')), createWriteStream(path));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function readAll(from: string): Promise<Map<string, Buffer>> {
  await using zip = await openZip(from);
  const found = new Map<string, Buffer>();
  for (const name of zip.names) {
    const pieces: Uint8Array[] = [];
    for await (const piece of zip.read(name)) pieces.push(piece);
    found.set(name, Buffer.concat(pieces));
  }
  return found;
}

test('gives back what was put in, stored or deflated, of unknown length too', async () => {
  const found = await readAll(path);
  expect([...found.keys()]).toEqual(['small.txt', 'plain.pdf', 'log.jsonl', 'empty']);
  expect(found.get('small.txt')!.toString()).toBe('küçük');
  expect(found.get('log.jsonl')!.equals(large)).toBe(true);
  expect(found.get('empty')).toHaveLength(0);
  await using zip = await openZip(path);
  expect(() => zip.read('nowhere')).toThrow(ZipMalformed);
});

test('an archive that is damaged or cut off anywhere is read as it was or refused, never otherwise', async () => {
  const whole = await readFile(path);
  const good = await readAll(path);
  const broken = join(folder, 'broken.zip');
  const check = async (octets: Buffer) => {
    writeFileSync(broken, octets);
    try {
      for (const [name, read] of await readAll(broken)) {
        // Names and contents may differ (the manifest sees to that); a size that it does not have may not.
        expect(read.length).toBeLessThanOrEqual(Math.max(large.length, good.get(name)?.length ?? 0, whole.length));
      }
    } catch (error) {
      if (!(error instanceof ZipMalformed)) throw error;
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const octets = Buffer.from(whole);
      octets[at]! ^= by;
      await check(octets);
    }),
    { numRuns: 300 },
  );
  for (let length = 0; length < whole.length; length += 13) await check(whole.subarray(0, length));
});

test('more octets than a member says it has are not given out', async () => {
  const octets = Buffer.from(await readFile(path));
  // The size of "log.jsonl" in the directory.
  const at = octets.lastIndexOf('log.jsonl') - 46;
  octets.writeUInt32LE(1_000, at + 24);
  const lying = join(folder, 'lying.zip');
  writeFileSync(lying, octets);
  await expect(readAll(lying)).rejects.toThrow(ZipMalformed);
});
