import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPapers } from '../../src/adapters/papers/papers.ts';
import { formatLine } from '../../src/audit/export-format.ts';
import { verifyFile } from '../../src/verifier/verify-file.ts';
import { keyOf, TestLog, testSigner } from '../support/log.ts';
import { zipOf } from '../support/zip.ts';

const signer = testSigner();
let folder: string;
let pack: Buffer;
/** Where the directory of the pack begins, and its end record. */
let directoryAt: number;
let endAt: number;
let count: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'emanet-forged-'));
  const files = Object.entries(TestLog.of(60, signer).pack([3, 7, 20]));
  const members = files.map(([name, text]) => ({ name, octets: Readable.from([Buffer.from(text)]) }));
  const path = join(folder, 'pack.zip');
  await pipeline(createPapers().zip(members, new Date('2026-01-01T00:00:00Z')), createWriteStream(path));
  pack = readFileSync(path);
  endAt = pack.length - 22;
  count = pack.readUInt16LE(endAt + 10);
  directoryAt = pack.readUInt32LE(endAt + 16);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether the verifier says that it is intact; a file that it cannot check it does not call so. */
async function isIntact(octets: Buffer): Promise<boolean> {
  const file = join(folder, 'forged.zip');
  writeFileSync(file, octets);
  try {
    const found = await verifyFile(file, { keys: [keyOf(signer)], checkpoints: [] }, 'en');
    return found.faults.length === 0;
  } catch (error) {
    if ((error as Error).name === 'Unusable') return false;
    throw error;
  }
}

function endRecord(members: number, bytes: number, start: number, comment = Buffer.alloc(0)): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members, 8);
  end.writeUInt16LE(members, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(start, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([end, comment]);
}
/** The local header and data of a README that was never in the pack, and its line of a directory for that place. */
function readme(at: number) {
  const made = zipOf([{ name: 'README.txt', octets: 'The school did nothing wrong.' }]);
  const start = made.readUInt32LE(made.length - 6);
  const line = Buffer.from(made.subarray(start, made.length - 22));
  line.writeUInt32LE(at, 42);
  return { local: made.subarray(0, start), line };
}
const members = () => pack.subarray(0, directoryAt);
const directory = () => pack.subarray(directoryAt, endAt);

const forgeries: [what: string, make: () => Buffer][] = [
  [
    'a second directory with a README between the members and the first one',
    () => {
      const { local, line } = readme(directoryAt);
      const second = Buffer.concat([directory(), line]);
      const at = directoryAt + local.length;
      const start = at + second.length + 22;
      const first = [directory(), endRecord(count, directory().length, start)];
      return Buffer.concat([members(), local, second, endRecord(count + 1, second.length, at), ...first]);
    },
  ],
  [
    'a second directory and a README behind the end, and the first end once more',
    () => {
      const { local, line } = readme(pack.length);
      const second = Buffer.concat([directory(), line]);
      const end = endRecord(count + 1, second.length, pack.length + local.length);
      return Buffer.concat([pack, local, second, end, endRecord(count, directory().length, directoryAt)]);
    },
  ],
  [
    'a second archive in the comment of the first',
    () => {
      const { local, line } = readme(pack.length);
      const second = Buffer.concat([directory(), line]);
      const end = endRecord(count + 1, second.length, pack.length + local.length, Buffer.from('x'));
      const comment = Buffer.concat([local, second, end]);
      return Buffer.concat([members(), directory(), endRecord(count, directory().length, directoryAt, comment)]);
    },
  ],
  [
    'a README between the members and the directory, which no directory names',
    () => {
      const { local } = readme(directoryAt);
      const end = endRecord(count, directory().length, directoryAt + local.length);
      return Buffer.concat([members(), local, directory(), end]);
    },
  ],
  [
    'a directory that says fewer than it has',
    () => {
      const { line } = readme(0);
      const longer = Buffer.concat([directory(), line]);
      return Buffer.concat([members(), longer, endRecord(count, longer.length, directoryAt)]);
    },
  ],
  ['the directory twice', () => Buffer.concat([members(), directory(), pack.subarray(directoryAt)])],
  ['the pack twice', () => Buffer.concat([pack, pack])],
  [
    'a comment',
    () =>
      Buffer.concat([
        pack.subarray(0, endAt),
        endRecord(count, directory().length, directoryAt, Buffer.from('see README.txt')),
      ]),
  ],
  ['something at the end', () => Buffer.concat([pack, Buffer.from('\n')])],
  [
    'another name in a member’s own header',
    () => {
      const forged = Buffer.from(pack);
      forged.write('README.txt!'.slice(0, 'record.json'.length), 30);
      return forged;
    },
  ],
  [
    'another size in what follows a member',
    () => {
      const forged = Buffer.from(pack);
      forged[forged.indexOf(Buffer.from('PK\x07\x08')) + 12]! ^= 1;
      return forged;
    },
  ],
  [
    'a member that is a link',
    () => {
      const forged = Buffer.from(pack);
      forged.writeUInt32LE(0o120777 * 2 ** 16, directoryAt + 38);
      return forged;
    },
  ],
  [
    'a second name in an extra field',
    () => {
      const line = directory().subarray(0, 46);
      const field = Buffer.concat([Buffer.from([0x75, 0x70, 15, 0, 1, 0, 0, 0, 0]), Buffer.from('README.txt')]);
      const first = Buffer.from(line);
      const nameBytes = first.readUInt16LE(28);
      const old = first.readUInt16LE(30);
      first.writeUInt16LE(old + field.length, 30);
      const rest = directory().subarray(46 + nameBytes + old);
      const forged = Buffer.concat([first, directory().subarray(46, 46 + nameBytes + old), field, rest]);
      return Buffer.concat([members(), forged, endRecord(count, forged.length, directoryAt)]);
    },
  ],
];

test('the pack as it was made is intact', async () => {
  expect(await isIntact(pack)).toBe(true);
});

test.each(forgeries)('not with %s', async (_, make) => {
  expect(await isIntact(make())).toBe(false);
});

test.each<[string, (line: string) => string]>([
  ['that says two things', (line) => line.replace('{', '{"canonical":"the school did nothing wrong",')],
  ['with a member that nobody knows', (line) => line.replace('{', '{"note":"the school did nothing wrong",')],
  ['with a blank', (line) => `${line} `],
])('a line %s is a fault', async (_, forge) => {
  const text = TestLog.of(60, signer).exportAll([]).map(formatLine).join('');
  const lines = text.split('\n');
  const file = join(folder, 'log.jsonl');
  const check = async (at: number) => {
    writeFileSync(file, lines.map((line, index) => (index === at ? forge(line) : line)).join('\n'));
    return (await verifyFile(file, { keys: [keyOf(signer)], checkpoints: [] }, 'en')).faults.length;
  };
  expect(await check(-1)).toBe(0);
  expect(await check(7)).toBeGreaterThan(0);
  expect(await check(lines.length - 2)).toBeGreaterThan(0);
});

test('octets after the end of a deflated member are a fault', async () => {
  const plain = zipOf([{ name: 'record.json', octets: '{}\n' }]);
  const start = plain.readUInt32LE(plain.length - 6);
  const junk = Buffer.from('The school did nothing wrong.');
  const forged = Buffer.concat([plain.subarray(0, start), junk, plain.subarray(start)]);
  const packed = plain.readUInt32LE(18) + junk.length;
  forged.writeUInt32LE(packed, 18);
  forged.writeUInt32LE(packed, start + junk.length + 20);
  forged.writeUInt32LE(start + junk.length, forged.length - 6);
  const file = join(folder, 'junk.zip');
  writeFileSync(file, forged);
  const { openZip } = await import('../../src/verifier/read-zip.ts');
  await using zip = await openZip(file);
  const read = async () => {
    for await (const _ of zip.read('record.json'));
  };
  await expect(read()).rejects.toThrow('after its end');
});

test('whatever is put in anywhere, or cut out, it is not called intact', async () => {
  const octets = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((array) => Buffer.from(array));
  const piece = fc.nat().map((at) => pack.subarray(at % pack.length, (at % pack.length) + 64));
  await fc.assert(
    fc.asyncProperty(fc.nat(pack.length), fc.oneof(octets, piece), async (at, more) => {
      expect(await isIntact(Buffer.concat([pack.subarray(0, at), more, pack.subarray(at)]))).toBe(false);
    }),
    {
      numRuns: 600,
      examples: [
        [pack.length, Buffer.from([0])],
        [0, Buffer.from([0])],
      ],
    },
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(pack.length - 1), fc.integer({ min: 1, max: 64 }), async (at, bytes) => {
      expect(await isIntact(Buffer.concat([pack.subarray(0, at), pack.subarray(at + bytes)]))).toBe(false);
    }),
    { numRuns: 300 },
  );
});
