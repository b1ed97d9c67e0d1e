import { expect, test } from 'vitest';
import { addParameterSets, parameterSetsOf } from '../../../src/adapters/ffmpeg/parameter-sets.ts';
import { type PicturePacket, planParts } from '../../../src/adapters/ffmpeg/partial-plan.ts';

/** Ten minutes at 25 frames a second with a key frame every two seconds, shown `delay` frames after decoding. */
const packets = (delay = 0): PicturePacket[] =>
  Array.from({ length: 15_000 }, (_, n) => ({ pts: n / 25, dts: (n - delay) / 25, isKey: n % 50 === 0 }));
const cover = (startMs: number, endMs: number) => ({ kind: 'black_out', startMs, endMs }) as const;

test('encodes from the key frame before an edit to the one after it', () => {
  expect(planParts(packets(), [cover(11_000, 12_500)], 25)?.parts).toEqual([
    { kind: 'copy', start: 0, end: 10, packets: 250 },
    { kind: 'encode', start: 10, end: 14, packets: 100 },
    { kind: 'copy', start: 14, end: Number.POSITIVE_INFINITY, packets: 14_650 },
  ]);
});
test('an edit that touches a key frame takes in the stretch before it', () => {
  expect(planParts(packets(), [cover(10_000, 11_000)], 25)?.parts[1]).toMatchObject({ start: 8, end: 12 });
});
test('edits that share a stretch are one part, and every packet is in one part', () => {
  const parts = planParts(
    packets(),
    [cover(0, 1_000), cover(11_000, 11_100), cover(13_900, 16_500), cover(598_000, 600_000)],
    25,
  )!.parts;
  expect(parts.map(({ kind, start }) => [kind, start])).toEqual([
    ['encode', 0],
    ['copy', 2],
    ['encode', 10],
    ['copy', 18],
    ['encode', 596],
  ]);
  expect(parts.reduce((sum, part) => sum + part.packets, 0)).toBe(15_000);
});
test('a key frame that a later packet is shown before is none', () => {
  const open = packets().map((packet, n) => (n === 501 ? { ...packet, pts: 19.99 } : packet));
  expect(planParts(open, [cover(21_000, 21_500)], 25)?.parts[1]).toMatchObject({ start: 18, end: 22 });
});
test.each([
  ['most of the picture would have to be encoded', packets(), [cover(0, 500_000)]],
  ['the first packet is no key frame', packets().slice(1), [cover(11_000, 12_000)]],
  ['a stamp is missing', packets().with(7, { pts: Number.NaN, dts: 0, isKey: false }), [cover(11_000, 12_000)]],
  ['decoding runs ahead by more than an encoder can be told', packets(4), [cover(11_000, 12_000)]],
])('nothing is planned when %s', (_, given, edits) => {
  expect(planParts(given, edits, 25)).toBeNull();
});
test.each([0, 1, 2] as const)('the encoder is told the delay of %d frames', (delay) => {
  expect(planParts(packets(delay), [cover(11_000, 12_000)], 25)?.delayFrames).toBe(delay);
});

const box = (type: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4);
  return Buffer.concat([header, body]);
};

test('parameter sets are found behind start codes of both lengths', () => {
  const stream = Buffer.from('0000000109f0000000016742abcd00000168ce3c80000001650000', 'hex');
  expect(parameterSetsOf(stream)).toEqual({
    sequence: [Buffer.from('6742abcd', 'hex')],
    picture: [Buffer.from('68ce3c80', 'hex')],
  });
});
test('parameter sets are added to the header of the picture, and every box around them grows', () => {
  const header = (configuration: string) => {
    const avc1 = box(
      'avc1',
      Buffer.alloc(78, 1),
      box('avcC', Buffer.from(configuration, 'hex')),
      box('pasp', Buffer.alloc(8)),
    );
    const table = box('stbl', box('stsd', Buffer.alloc(8), avc1));
    const track = box('trak', box('tkhd', Buffer.alloc(4)), box('mdia', box('minf', table)));
    return Buffer.concat([box('ftyp', Buffer.from('iso5')), box('moov', box('trak', box('mdia')), track, box('mvex'))]);
  };
  const added = { sequence: [Buffer.from('6764', 'hex')], picture: [Buffer.from('68aabb', 'hex')] };
  const grown = addParameterSets(header('0142c01eff e1 0003 674200 01 0002 68ce fdf8f800'.replaceAll(' ', '')), added);
  expect(grown).toEqual(
    header('0142c01eff e2 0003 674200 0002 6764 02 0002 68ce 0003 68aabb fdf8f800'.replaceAll(' ', '')),
  );
  expect(() => addParameterSets(box('moov'), added)).toThrow('no H.264');
});
