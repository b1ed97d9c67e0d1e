import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lockBytes, lockEnvelope, maxEpoch, unlockEnvelope } from '../../../src/vault/epoch-lock.ts';

const keyOf = (epoch: number) => ({ epoch, key: randomBytes(32) });

describe('the second lock', () => {
  it('gives back any envelope under any epoch, 33 octets longer while it is locked', () => {
    const epochs = fc.integer({ min: 1, max: maxEpoch });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), epochs, fc.uuid(), (envelope, epoch, id) => {
        const key = keyOf(epoch);
        const locked = lockEnvelope(envelope, key, id);
        expect(locked.length).toBe(envelope.length + lockBytes);
        expect(locked.readUInt8(0)).toBe(1);
        expect(locked.readUInt32BE(1)).toBe(epoch);
        expect(Buffer.compare(unlockEnvelope(locked, [keyOf(epoch === 1 ? 2 : 1), key], id), envelope)).toBe(0);
      }),
    );
  });

  it('draws its nonce again each time', () => {
    const [key, id] = [keyOf(1), randomUUID()];
    const nonces = Array.from({ length: 100 }, () => lockEnvelope(Buffer.of(1), key, id).toString('hex', 5, 17));
    expect(new Set(nonces).size).toBe(100);
  });

  it('does not open once any bit of it is flipped, nor cut short, nor longer', () => {
    const [key, id] = [keyOf(7), randomUUID()];
    const locked = lockEnvelope(randomBytes(141), key, id);
    for (let bit = 0; bit < locked.length * 8; bit++) {
      const changed = Uint8Array.from(locked);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const code = bit >= 8 && bit < 40 ? 'EPOCH_GONE' : 'LOCK';
      expect(() => unlockEnvelope(changed, [key], id), `bit ${bit}`).toThrow(expect.objectContaining({ code }));
    }
    for (let length = 0; length < locked.length; length++)
      expect(() => unlockEnvelope(locked.subarray(0, length), [key], id)).toThrow(
        expect.objectContaining({ code: 'LOCK' }),
      );
    expect(() => unlockEnvelope(Buffer.concat([locked, Buffer.of(0)]), [key], id)).toThrow(
      expect.objectContaining({ code: 'LOCK' }),
    );
  });

  it('opens for the object that it was made for only', () => {
    const key = keyOf(1);
    const locked = lockEnvelope(randomBytes(141), key, randomUUID());
    expect(() => unlockEnvelope(locked, [key], randomUUID())).toThrow(expect.objectContaining({ code: 'LOCK' }));
  });

  it('says that the epoch is gone when its key is not there, and opens with no other key', () => {
    const id = randomUUID();
    const locked = lockEnvelope(randomBytes(141), keyOf(3), id);
    for (const keys of [[], [keyOf(2), keyOf(4)]])
      expect(() => unlockEnvelope(locked, keys, id)).toThrow(expect.objectContaining({ code: 'EPOCH_GONE' }));
    expect(() => unlockEnvelope(locked, [keyOf(3)], id)).toThrow(expect.objectContaining({ code: 'LOCK' }));
  });

  it.each([0, -1, 1.5, maxEpoch + 1])('locks under no epoch %s', (epoch) => {
    expect(() => lockEnvelope(Buffer.of(1), keyOf(epoch), randomUUID())).toThrow(RangeError);
  });
});
