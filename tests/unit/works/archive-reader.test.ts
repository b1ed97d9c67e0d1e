import { buffer } from 'node:stream/consumers';
import { describe, expect, it, test } from 'vitest';
import { ZipFile } from 'yazl';
import { createArchiveReader } from '../../../src/adapters/zip/archive-reader.ts';
import type { MediaSource } from '../../../src/pipeline/ports/media.ts';
import { bufferSource, collect } from '../../support/media.ts';
import { type MadeEntry, zipOf } from '../../support/zip.ts';

const reader = createArchiveReader();
const open = (zip: Uint8Array, pieces?: number) => reader.open(bufferSource(zip, pieces));

async function outcomes(zip: Uint8Array) {
  const archive = await open(zip);
  const all: string[] = [];
  for (const entry of archive.entries)
    all.push(
      await collect(archive.read(entry)).then(
        (octets) => `${entry.name}: ${octets.length}`,
        (error) => `${entry.name}: ${error.reasons?.[0]?.code ?? error}`,
      ),
    );
  return all;
}

test.each([7, 1_000, 65_536])(
  'files come out as they went in, in pieces of %s bytes, packed or not',
  async (pieces) => {
    const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7_919) % 251));
    const files = [
      { name: 'a/şarkı.mp3', octets: noise },
      { name: 'kitap.pdf', octets: noise.subarray(0, 70_000) }, // stored, not deflated
      { name: 'empty', octets: new Uint8Array() },
    ];
    const zip = new ZipFile();
    for (const { name, octets } of files)
      zip.addBuffer(Buffer.from(octets), name, { compress: !name.endsWith('.pdf') });
    zip.end();
    const archive = await open(await buffer(zip.outputStream), pieces);
    expect(archive.entries).toEqual(files.map(({ name, octets }) => ({ name, bytes: octets.length })));
    for (const [at, entry] of archive.entries.entries())
      expect((await collect(archive.read(entry))).equals(files[at]!.octets)).toBe(true);
  },
);

test('the directory of thousands of files is read in a few pieces', async () => {
  const source = bufferSource(zipOf(Array.from({ length: 9_999 }, (_, n) => ({ name: `work-${n}.png` }))), 2 ** 20);
  expect((await reader.open(source)).entries).toHaveLength(9_999);
  expect(source.reads.length).toBeLessThan(10);
});

test('names are shown and are no paths: absolute, with dots or with control characters they break nothing', async () => {
  const names = ['../../etc/cron.d/x', '/etc/passwd', 'C:\\a\\b.mp3', 'a\u0000b\u202Ec\u001b[2J.mp3', 'folder/', ''];
  expect(await outcomes(zipOf(names.map((name) => ({ name, octets: 'x' }))))).toEqual([
    '../../etc/cron.d/x: 1',
    '/etc/passwd: 1',
    'C:/a/b.mp3: 1',
    'abc[2J.mp3: 1',
    ': 1',
  ]);
});

describe('one bad file is refused with its reason, and the others come out', () => {
  const zeros = Buffer.alloc(20 * 1024 ** 2);
  it.each<[string, MadeEntry, string]>([
    ['encrypted', { name: 'bad', octets: 'secret', lies: { flags: 1 } }, 'ENTRY_ENCRYPTED'],
    ['encrypted with AES', { name: 'bad', octets: 'secret', lies: { flags: 1, method: 99 } }, 'ENTRY_ENCRYPTED'],
    ['packed with LZMA', { name: 'bad', octets: 'x', lies: { method: 14 } }, 'ENTRY_METHOD'],
    ['a ratio bomb', { name: 'bad', octets: zeros }, 'ENTRY_EXPANDS_TOO_FAR'],
    ['a bomb that says it is small', { name: 'bad', octets: zeros, lies: { bytes: 1_000 } }, 'ENTRY_DAMAGED'],
    ['smaller than it says', { name: 'bad', octets: 'abc', lies: { bytes: 4 } }, 'ENTRY_DAMAGED'],
    ['stored, and of another size than it says', { name: 'bad', octets: 'abc', lies: { method: 0 } }, 'ENTRY_DAMAGED'],
    ['of another checksum', { name: 'bad', octets: 'abc', lies: { crc: 1 } }, 'ENTRY_DAMAGED'],
    ['cut off', { name: 'bad', octets: 'abcdefghijklmnop', lies: { packed: 3 } }, 'ENTRY_DAMAGED'],
  ])('%s', async (_what, bad, code) => {
    const zip = zipOf([{ name: 'before', octets: 'good' }, bad, { name: 'after', octets: 'good' }]);
    expect(await outcomes(zip)).toEqual(['before: 4', `bad: ${code}`, 'after: 4']);
  });
});

describe('an archive is refused as a whole', () => {
  it.each([
    ['it is empty', Buffer.alloc(0), 'ARCHIVE_DAMAGED'],
    ['it is something else', Buffer.from('Rar!\x1a\x07\x01\x00'.repeat(20)), 'ARCHIVE_DAMAGED'],
    ['its end is missing', zipOf([{ name: 'a', octets: 'abc' }]).subarray(0, -10), 'ARCHIVE_DAMAGED'],
    ['it promises more files than it has', zipOf([{ name: 'a' }], { count: 9 }), 'ARCHIVE_DAMAGED'],
    ['it has more than 10,000 files', zipOf([{ name: 'a' }], { count: 10_001 }), 'ARCHIVE_TOO_MANY_FILES'],
  ])('when %s', async (_why, zip, code) => {
    await expect(open(zip)).rejects.toMatchObject({ reasons: [{ code }] });
  });
});

test('a store that fails is no fault of the archive', async () => {
  const zip = zipOf([{ name: 'a', octets: Buffer.from(Array.from({ length: 600_000 }, (_, at) => (at * at) % 251)) }]);
  const away = new Error('the store is away');
  let isAway = false;
  const whole = bufferSource(zip);
  const source: MediaSource = {
    bytes: zip.length,
    read: (...range) => {
      if (isAway) throw away;
      return whole.read(...range);
    },
  };
  const archive = await reader.open(source);
  isAway = true;
  await expect(collect(archive.read(archive.entries[0]!))).rejects.toBe(away);
  await expect(reader.open(source)).rejects.toBe(away);
});

test('reading ends with the signal', async () => {
  const stopped = new AbortController();
  const archive = await reader.open(bufferSource(zipOf([{ name: 'a', octets: Buffer.alloc(1_000_000, 'abcdefg') }])), {
    signal: stopped.signal,
  });
  stopped.abort(new Error('enough'));
  await expect(collect(archive.read(archive.entries[0]!))).rejects.toThrow('enough');
});
