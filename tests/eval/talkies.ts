import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Writes `most` of the spoken lines of an adventure game into `folder`, evenly spread. These games keep thousands of
 * lines in one file, in the layouts that ScummVM reads.
 */
export async function readAdventure(paths: readonly string[], folder: string, most: number): Promise<void> {
  await mkdir(`${folder}.part`, { recursive: true });
  const path = paths[0]!;
  const lines = basename(path) === 'queen.1c' ? queenLines(await readFile(path)) : await skyLines(dirname(path));
  for (let at = 0; at < Math.min(most, lines.length); at++) {
    const { name, bytes } = lines[Math.floor((at * lines.length) / Math.min(most, lines.length))]!;
    await writeFile(join(`${folder}.part`, name), bytes());
  }
  await rename(`${folder}.part`, folder);
}

interface Line {
  readonly name: string;
  bytes(): Uint8Array;
}

/** Flight of the Amazon Queen: a table of names, places and lengths; `*.SB` are spoken lines as MP3. */
function queenLines(file: Buffer): Line[] {
  const count = file.readUInt16BE(13);
  const lines: Line[] = [];
  for (let at = 0; at < count; at++) {
    const entry = 15 + at * 21;
    const name = file.toString('latin1', entry, entry + 12).replace(/\0.*$/, '');
    const from = file.readUInt32BE(entry + 13);
    const size = file.readUInt32BE(entry + 17);
    if (name.endsWith('.SB') && size > 6_000)
      lines.push({ name: `${name}.mp3`, bytes: () => file.subarray(from, from + size) });
  }
  return lines;
}

/** Beneath a Steel Sky: `sky.dnr` says where in `sky.dsk` each file lies; those from 50,000 on are spoken lines. */
async function skyLines(folder: string): Promise<Line[]> {
  const [table, disk] = [await readFile(join(folder, 'sky.dnr')), await readFile(join(folder, 'sky.dsk'))];
  const lines: Line[] = [];
  for (let at = 0; at < table.readUInt32LE(0); at++) {
    const entry = 4 + at * 8;
    const number = table.readUInt16LE(entry);
    const place = table.readUIntLE(entry + 2, 3);
    const from = place & 0x800000 ? (place & 0x7fffff) << 4 : place & 0x7fffff;
    const size = table.readUIntLE(entry + 5, 3) & 0x3fffff;
    if (number < 50_000 || number >= 60_000 || size < 8_000) continue;
    const packed = disk.subarray(from, from + size);
    if (packed.toString('latin1', 22, 25) !== 'RNC') continue;
    lines.push({ name: `${number}.wav`, bytes: () => wave8(unpackRnc(packed.subarray(22)), 11_025) });
  }
  return lines;
}

function wave8(samples: Uint8Array, rate: number): Uint8Array {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(36 + samples.length, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(samples.length, 40);
  return Buffer.concat([header, samples]);
}

/** Rob Northen's compression, method 1: Huffman codes for how many bytes are plain, how far back and how many. */
export function unpackRnc(packed: Uint8Array): Uint8Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const out = new Uint8Array(view.getUint32(4));
  let [source, target] = [18, 0];
  let [bits, held] = [0, 0];
  const word = (at: number) => (packed[at] ?? 0) | ((packed[at + 1] ?? 0) << 8);
  // Bits are read from the lowest up, sixteen at a time; plain bytes lie between those words.
  const fill = () => {
    bits = (bits | (word(source) << held)) >>> 0;
    held += 16;
    source += 2;
  };
  const read = (count: number): number => {
    if (held < count) fill();
    const value = count === 0 ? 0 : bits & ((1 << count) - 1);
    bits >>>= count;
    held -= count;
    return value;
  };
  const readTable = (): { length: number; code: number; value: number }[] => {
    const lengths = Array.from({ length: read(5) }, () => read(4));
    const table: { length: number; code: number; value: number }[] = [];
    let code = 0;
    for (let length = 1; length <= 16; length++) {
      for (const [value, of] of lengths.entries()) {
        if (of !== length) continue;
        let turned = 0;
        for (let bit = 0; bit < length; bit++) if (code & (1 << (length - 1 - bit))) turned |= 1 << bit;
        table.push({ length, code: turned, value });
        code += 1;
      }
      code <<= 1;
    }
    return table;
  };
  const decode = (table: readonly { length: number; code: number; value: number }[]): number => {
    if (held < 16) fill();
    const found = table.find(({ length, code }) => (bits & ((1 << length) - 1)) === code);
    if (found === undefined) throw new Error('RNC: no such code');
    read(found.length);
    return found.value < 2 ? found.value : (1 << (found.value - 1)) + read(found.value - 1);
  };
  read(2);
  while (target < out.length) {
    const [plain, back, length] = [readTable(), readTable(), readTable()];
    for (let left = read(16); left > 0; left--) {
      const count = decode(plain);
      if (count > 0) {
        // What was read ahead of the plain bytes comes after them.
        const ahead = held >> 4;
        source -= 2 * ahead;
        held -= 16 * ahead;
        bits &= (1 << held) - 1;
        for (let at = 0; at < count; at++) out[target++] = packed[source++]!;
      }
      if (left === 1) break;
      const from = target - decode(back) - 1;
      const many = decode(length) + 2;
      for (let at = 0; at < many; at++) out[target++] = out[from + at]!;
    }
  }
  return out;
}
