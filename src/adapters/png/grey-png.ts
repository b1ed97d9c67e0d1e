import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import type { PictureWriter } from '../../pipeline/ports/picture-writer.ts';

/** ISO/IEC 15948 (PNG), 8 bits of grey. Each row as it is, or as its difference from its left or upper neighbour. */
export function createPictureWriter(): PictureWriter {
  return { png: writePng };
}

const pack = promisify(deflate);
const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

async function writePng({ width, height, pixels }: GreyPicture): Promise<Buffer> {
  if (pixels.length !== width * height || pixels.length === 0)
    throw new Error(`no picture to write: ${width} × ${height}, ${pixels.length} pixels`);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits; colour type, compression, filter method and interlace are 0
  const rows = await pack(filtered(width, height, pixels), { level: 6 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Each row behind the number of its filter: the one whose differences are smallest in sum (the advice of the standard, 12.8). */
function filtered(width: number, height: number, pixels: Uint8Array): Buffer {
  const rows = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) {
    const row = y * width;
    let [plain, left, up] = [0, 0, 0];
    for (let x = 0; x < width; x++) {
      const value = at(pixels, row + x);
      plain += size(value);
      left += size(value - (x === 0 ? 0 : at(pixels, row + x - 1)));
      up += size(value - (y === 0 ? 0 : at(pixels, row + x - width)));
    }
    const filter = up <= left && up <= plain ? 2 : left <= plain ? 1 : 0;
    const start = row + y;
    rows[start] = filter;
    for (let x = 0; x < width; x++) {
      const before =
        filter === 1 && x > 0 ? at(pixels, row + x - 1) : filter === 2 && y > 0 ? at(pixels, row + x - width) : 0;
      rows[start + 1 + x] = at(pixels, row + x) - before;
    }
  }
  return rows;
}

/** Within the bounds that `writePng` has checked. */
const at = (pixels: Uint8Array, index: number) => pixels[index] ?? 0;

/** As a signed octet, without its sign. */
const size = (difference: number) => Math.min(difference & 255, 256 - (difference & 255));
