import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  picturesFromBytes,
  picturesToBytes,
  soundFromBytes,
  soundToBytes,
} from '../../../src/pipeline/review/work-prints.ts';

/** As a database may hand bytes over: in the middle of a larger piece of memory. */
function elsewhere(bytes: Uint8Array, offset: number): Uint8Array {
  const around = Buffer.alloc(bytes.length + offset + 3, 0xff);
  around.set(bytes, offset);
  return around.subarray(offset, offset + bytes.length);
}

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });

it('pictures are read back as they were written, wherever their bytes lie', () => {
  const pictures = fc.array(fc.tuple(word, fc.array(word, { minLength: 8, maxLength: 8 })));
  fc.assert(
    fc.property(pictures, fc.nat(9), (each, offset) => {
      const timesMs = Uint32Array.from(each, ([time]) => time);
      const hashes = Uint32Array.from(each.flatMap(([, hash]) => hash));
      expect(picturesFromBytes(elsewhere(picturesToBytes({ timesMs, hashes }), offset))).toEqual({ timesMs, hashes });
    }),
  );
});

it('peaks are read back as they were written, without how strong they are', () => {
  const peaks = fc.array(fc.record({ frame: fc.nat(2 ** 24), pitch: fc.nat(95), salience: fc.nat(120) }));
  fc.assert(
    fc.property(peaks, fc.nat(9), (each, offset) => {
      expect(soundFromBytes(elsewhere(soundToBytes(each), offset))).toEqual({
        frames: Uint32Array.from(each, ({ frame }) => frame),
        pitches: Uint8Array.from(each, ({ pitch }) => pitch),
      });
    }),
  );
});
