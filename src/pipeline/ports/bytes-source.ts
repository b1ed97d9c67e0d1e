import type { MediaSource } from './media.ts';

/** What lies in memory, as a source. */
export const sourceOf = (bytes: Uint8Array): MediaSource => ({
  bytes: bytes.length,
  async *read(start, end) {
    yield bytes.subarray(start, end);
  },
});
