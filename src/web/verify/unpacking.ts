import { type Unpacking, ZipMalformed } from '../../verifier/zip-reader.ts';

/** Unpacks with what browsers have. */
export const unpacking: Unpacking = { crc32, inflate };

const table = Uint32Array.from({ length: 256 }, (_, octet) => {
  let value = octet;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

function crc32(octets: Uint8Array, sum: number): number {
  let value = ~sum;
  for (const octet of octets) value = (value >>> 8) ^ (table[(value ^ octet) & 0xff] ?? 0);
  return ~value >>> 0;
}

async function* inflate(raw: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const pieces = raw[Symbol.asyncIterator]();
  const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(queue) {
      const { done, value } = await pieces.next();
      if (done) queue.close();
      else queue.enqueue(new Uint8Array(value));
    },
  });
  // It refuses what is damaged, cut off, or has octets after its end (Compression Streams, 3).
  const reader = source.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield step.value;
  } catch (error) {
    if (error instanceof TypeError) throw new ZipMalformed('a member is damaged', { cause: error });
    throw error;
  } finally {
    await reader.cancel();
  }
}
