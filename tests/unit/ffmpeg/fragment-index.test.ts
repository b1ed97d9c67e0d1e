import { expect, test } from 'vitest';
import { FragmentIndex } from '../../../src/adapters/ffmpeg/fragment-index.ts';

const u32 = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
};
const box = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(8 + body.length), Buffer.from(type, 'latin1'), body]);
};
const track = (id: number, handler: string, timescale: number): Buffer =>
  box(
    'trak',
    box('tkhd', u32(0, 0, 0, id)),
    box('mdia', box('mdhd', u32(0, 0, 0, timescale)), box('hdlr', u32(0, 0), Buffer.from(handler, 'latin1'))),
  );
const header = Buffer.concat([
  box('ftyp', Buffer.from('iso5')),
  box('moov', track(1, 'vide', 1000), track(2, 'soun', 48_000), box('mvex', box('trex', u32(0, 1, 1, 40, 0, 0)))),
]);
/** One fragment of 100 frames of 40 ms from `startMs` on, the last two of them longer, with sound that begins elsewhere. */
const fragment = (startMs: number, mediaBytes: number, isKey = true): Buffer =>
  Buffer.concat([
    box(
      'moof',
      box('mfhd', u32(0, 1)),
      box('traf', box('tfhd', u32(0x20000, 2)), box('tfdt', u32(0, 48 * startMs + 900)), box('trun', u32(0, 0))),
      box(
        'traf',
        box('tfhd', u32(0x20008, 1, 40)),
        box('tfdt', u32(0x01000000, 0, startMs)),
        box('trun', u32(0x5, 98, 0, isKey ? 0x2000000 : 0x1010000)),
        box('trun', u32(0x305, 2, 0, 0, 50, 7, 30, 9)),
      ),
    ),
    box('mdat', Buffer.alloc(mediaBytes, 1)),
  ]);
const lengths = [3, 100, 7, 20_000, 0, 55, 9];
const rendition = Buffer.concat([header, ...lengths.map((bytes, n) => fragment(n * 4_000, bytes))]);

test.each([1, 2, 7, 8, 9, 4_096, rendition.length])('finds the same in pieces of %d bytes', (size) => {
  const index = new FragmentIndex();
  for (let at = 0; at < rendition.length; at += size) index.push(rendition.subarray(at, at + size));
  const { initBytes, segments, durationMs } = index.end();
  expect(initBytes).toBe(header.length);
  expect(durationMs).toBe(28_000);
  expect(segments.map(([, , ms]) => ms)).toEqual([12_000, 12_000, 4_000]);
  const bytesOf = (from: number, until: number) =>
    lengths.slice(from, until).reduce((sum, n) => sum + fragment(0, n).length, 0);
  expect(segments.map(([at, bytes]) => [at, bytes])).toEqual([
    [header.length, bytesOf(0, 3)],
    [header.length + bytesOf(0, 3), bytesOf(3, 6)],
    [header.length + bytesOf(0, 6), bytesOf(6, 7)],
  ]);
});

test('begins a segment only where a picture can be decoded', () => {
  const index = new FragmentIndex();
  index.push(header);
  for (const [n, isKey] of [true, false, false, false, true, true, true, false].entries())
    index.push(fragment(n * 4_000, 5, isKey));
  expect(index.end().segments.map(([, , ms]) => ms)).toEqual([16_000, 16_000]);
});

test.each([
  ['nothing', Buffer.alloc(0)],
  ['a header alone', header],
  ['media that is cut short', rendition.subarray(0, -1)],
  ['a fragment that is cut short', rendition.subarray(0, header.length + 20)],
])('does not take %s for a rendition', (_, bytes) => {
  const index = new FragmentIndex();
  index.push(bytes);
  expect(() => index.end()).toThrow('cut short');
});
test('does not go on after a box that cannot be', () => {
  expect(() => new FragmentIndex().push(u32(4, 0))).toThrow('a box of 4 bytes');
});
